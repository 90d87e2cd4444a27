"""A town whose letters come back: into a folder that its mail server writes."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import col

from acts import returned_mail
from acts.rounds import Report, go_round
from models import Message, MessageState, ReturnedMail, TaskKind, TaskState, UserTask
from notifications.letters import Letter
from runtime.settings import InstallationSettings
from tests.acts.told_town import ToldTown

CORPUS = Path(__file__).parent.parent / "connectors" / "returned"
LETTER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
"""The number that the corpus gives our letter."""


class ReturnedTown(ToldTown):
    """Elin has applied, and Karin has a letter that asks her to decide."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(engine)
        self.folder, self.written = folder, 0
        folder.mkdir(exist_ok=True)
        self.chosen = InstallationSettings(returned_mail_files=folder, _env_file=None)
        self.apply("elin")
        self.post()
        self.letter_id = self.letter_to("karin", "decision_asked").id

    def letter_to(self, who: str, notice: str) -> Message:
        """The last letter of a kind to somebody."""
        rows = select(Message).where(
            col(Message.person_id) == self.people[who], col(Message.notice) == notice
        )
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(Message.queued_at))).scalars())[-1]

    def letter(self, message_id: str = "") -> Message:
        """As it stands now; Karin's, where nothing else is said."""
        with self.reading() as session:
            return session.get_one(Message, message_id or self.letter_id)

    def comes(self, name: str, *, letter: str = "", who: str = "karin", mark: str = "") -> None:
        """A mail of the corpus comes: about Karin's letter, or another; `mark` makes it another mail."""
        self.written += 1
        content = self.mail(name, letter=letter, who=who)
        marked = f"X-Mark: {mark or self.written}\n".encode() + content
        (self.folder / f"{self.written:04}.eml").write_bytes(marked)

    def mail(self, name: str, *, letter: str = "", who: str = "karin") -> bytes:
        """A mail of the corpus, about one of the town's letters."""
        content = (CORPUS / f"{name}.eml").read_bytes()
        content = content.replace(LETTER.encode(), (letter or self.letter_id).encode())
        return content.replace(b"karin@", f"{who}@".encode())

    def read(self) -> Counter[str]:
        """The mailbox is read."""
        return returned_mail.read_mailbox(self.engine, self.chosen, self.now)

    def round(self, *, hours: float = 0) -> Report:
        """The mailbox is read, what follows is done, and the letters leave."""
        self.now += timedelta(hours=hours)
        self.read()
        report = go_round(self.engine, returned_mail.FOLLOW, self.now)
        assert report.failures == [], report.failures
        self.post()
        return report

    def look_into(self, state: TaskState = TaskState.OPEN) -> list[UserTask]:
        """What communications is asked to look into."""
        rows = select(UserTask).where(col(UserTask.kind) == TaskKind.LOOK_INTO, col(UserTask.state) == state)
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(UserTask.id))).scalars())

    def mails(self) -> list[ReturnedMail]:
        """What has been kept of the mails."""
        with self.reading() as session:
            return list(session.execute(select(ReturnedMail).order_by(col(ReturnedMail.id))).scalars())

    def letters_of(self, notice: str) -> list[Letter]:
        """The letters of a kind that have left."""
        rows = select(col(Message.id)).where(
            col(Message.notice) == notice, col(Message.state) == MessageState.SENT
        )
        with self.reading() as session:
            ids = set(session.execute(rows).scalars())
        return [one for one in self.box.letters if one.message_id.partition("@")[0] in ids]

    def at(self, moment: datetime) -> None:
        """The clock is set."""
        self.now = moment
