"""One running stack for all that is told in it, with secrets that stand nowhere else."""

from collections.abc import Iterator
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.fernet import Fernet

from deployments.demo import stack_in
from deployments.demo_driver import Surroundings
from deployments.mailbox import LOOPBACK, Keeper, Mailbox
from deployments.processes import free_port
from deployments.stack import Stack
from deployments.storyline import address_of, load_stories, load_world
from tests import prefect_database
from tests.stories.marks import mark

BY_NAME = {story.story: story for story in load_stories()}
TOLD = [BY_NAME["nassjo"], BY_NAME["mall"]]
LIFE = BY_NAME["livet"]
OPENED = slice(0, 8)
"""Of the whole life: opened and watched for a day."""
SECRETS = {
    "kanalvakt_mail_password": mark("mail password"),
    "kanalvakt_target_keys": Fernet.generate_key().decode(),
    "livet-facebook": mark("key of a platform"),
}
REFUSED = mark("refused by the mail server")
ALARM = mark("alarm")
"""The address that Prefect's alarms go to is a secret: whoever has it may write there."""


class Grumbling(Keeper):
    """A mail server that knows one recipient less, and says in whose words it refused."""

    def __init__(self, mailbox: Mailbox, unknown: str) -> None:
        super().__init__(mailbox)
        self.unknown = unknown

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's name for a recipient."""
        if address == self.unknown:
            return f"550 5.1.1 <{address}> is {REFUSED}"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with all stories' municipalities; whoever is told last may stop it."""
    folder = tmp_path_factory.mktemp("demo")
    prefect_database.lay_out(folder / "prefect")
    stack = stack_in(folder, [*TOLD, BY_NAME["avslag"], LIFE])
    plant_secrets(stack)
    keeper = Grumbling(Mailbox(folder / "mail"), address_of(load_world(), LIFE, "mats"))
    server = Controller(keeper, hostname=LOOPBACK, port=free_port(), enable_SMTPUTF8=True)
    worker = stack.parts["arbetare"]
    worker.environment = {**worker.environment, "KANALVAKT_MAIL_PORT": str(server.port)}
    server.start()
    with stack:
        yield stack
    server.stop(no_assert=True)


def plant_secrets(stack: Stack) -> None:
    """As a folder of secrets has them, and an alarm's address with one in it."""
    folder = stack.folder / "secrets"
    folder.mkdir(mode=0o700)
    for name, value in SECRETS.items():
        (folder / name).touch(0o600)
        (folder / name).write_text(value)
    told = {
        "KANALVAKT_SECRETS_DIR": str(folder),
        "KANALVAKT_ALARM_URL": f"{stack.mailbox_url}/larm?nyckel={ALARM}",
    }
    for part in stack.parts.values():
        part.environment = {**part.environment, **told}


@pytest.fixture(scope="session")
def around(stack: Stack) -> Surroundings:
    """Where the stack's people, letters and runs are found."""
    return Surroundings.of(stack, Event())
