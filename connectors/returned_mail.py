"""What a mail that came back is: told from its form alone, and never trusted."""

from dataclasses import dataclass, field
from datetime import date

from connectors.mail_answers import clean, written_in
from connectors.mail_away import Away, automatic_kind, days_away, is_automatic
from connectors.mail_parts import Mail
from connectors.mail_reports import report_in
from models import ReturnedAs

_LISTS = ("List-Id", "List-Post", "List-Unsubscribe")


@dataclass(frozen=True)
class Returned:
    """One mail, told apart."""

    once_key: str
    kind: ReturnedAs
    letters: tuple[str, ...]
    """Ids of our letters that it names, the likeliest first."""
    reached: tuple[str, ...]
    """Addresses that it came to."""
    sender: str = ""
    """From whom it says that it comes."""
    failed: str = ""
    """The address that a report is about."""
    status: str = ""
    says: str = ""
    away: Away = field(default_factory=Away)


def told_apart(content: bytes, read_on: date) -> Returned:
    """What a mail is. Never raises, whatever it holds."""
    mail = Mail(content)
    kind, failed, status, says, away = _told(mail, read_on)
    return Returned(
        once_key=mail.once_key,
        kind=kind,
        letters=tuple(mail.letters),
        reached=tuple(mail.reached),
        sender=mail.sender,
        failed=failed,
        status=status,
        says=says,
        away=away,
    )


def _told(mail: Mail, read_on: date) -> tuple[ReturnedAs, str, str, str, Away]:
    report = report_in(mail)
    if report is not None:
        return report.kind, report.email, report.status, clean(report.says)[:500], Away()
    if _is_of_many(mail):
        return ReturnedAs.OTHER, "", "", "", Away()
    if mail.part("text/calendar") and not mail.header("Auto-Submitted"):
        return ReturnedAs.AUTOMATIC, "", "", "", Away()
    if is_automatic(mail):
        kind = automatic_kind(mail)
        words = f"{mail.header('Subject')}\n{mail.text}"
        return kind, "", "", "", days_away(words, read_on) if kind is ReturnedAs.AWAY else Away()
    return ReturnedAs.ANSWER, "", "", written_in(mail), Away()


def _is_of_many(mail: Mail) -> bool:
    """A mailing list's, or marked as spam on its way."""
    if mail.header("X-Spam-Flag").lower() == "yes" or any(mail.header(one) for one in _LISTS):
        return True
    return mail.header("Precedence").lower() in ("bulk", "list") and not mail.header("Auto-Submitted")
