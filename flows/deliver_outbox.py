"""Delivering what is queued; the warm worker's loop and the flow for stock workers are the same function."""

from functools import lru_cache

from prefect import flow
from prefect.logging import get_run_logger

from acts.letterheads import digest_until, opens_account
from acts.mail_server import mail_server_of
from acts.targets import rules_of
from flows.plainly import plainly
from lifecycle.morning import may_leave_at
from notifications.delivery import Delivered, anything_due, deliver_due
from notifications.letters import Letterhead
from notifications.mail import MailPost
from notifications.targets import PostRoom
from runtime.clock import now
from runtime.database import installation_engine, reading, writing
from runtime.settings import settings


@lru_cache(maxsize=1)
def _post() -> PostRoom:
    """One connection to the mail server, kept; and the way to channels."""
    chosen = settings()
    return PostRoom(
        MailPost(mail_server_of(chosen)), rules_of(chosen), lambda: reading(installation_engine())
    )


def letterhead_of(portal_url: str) -> Letterhead:
    """What the letters of an installation have in common, with the municipalities' own calendars."""
    return Letterhead(portal_url, digest_until, may_leave_at, opens_account)


def deliver_once() -> Delivered:
    """Send what is due now."""
    engine = installation_engine()
    with reading(engine) as session:
        if not anything_due(session, now()):
            return Delivered()
    return deliver_due(lambda: writing(engine), _post(), letterhead_of(settings().portal_url), now)


@flow(name="deliver_outbox", flow_run_name="Utskick", persist_result=False)
@plainly
async def deliver_outbox() -> None:
    """**Utskick.** Skickar de brev som väntar i utkorgen, ett till varje mottagare."""
    delivered = deliver_once()
    get_run_logger().info("Skickade %d, misslyckades %d.", delivered.sent, delivered.failed)
