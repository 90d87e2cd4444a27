"""The mail server, met as for a letter but without one; and the letters that wait."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from acts.mail_server import mail_server_of
from acts.returned_mail import mailbox_of
from cli.doctor.findings import Finding, fault, ok, warning
from connectors.mailboxes import NotReachable
from models import MAY_LEAVE, Message, MessageState, Municipality, ReturnedMail
from notifications.mail import MailPost
from notifications.post import NotSent, Unreachable
from runtime.settings import InstallationSettings

MAIL, OUTBOX, RETURNED = "E-posten", "Utkorgen", "Returerna"
STUCK_MINUTES = 15
"""The worker sends several times a second; what has waited so long waits for somebody."""
REMEMBERED_DAYS = 30


def mail(chosen: InstallationSettings, senders: list[str]) -> Iterator[Finding]:
    """The SMTP conversation up to the sender, for each municipality's sender."""
    post = MailPost(mail_server_of(chosen))
    where = f"{chosen.mail_host}:{chosen.mail_port}"
    for sender in senders or [chosen.mail_sender]:
        try:
            post.knock(sender)
        except Unreachable as error:
            yield fault(MAIL, f"{where} går inte att nå: {error}", _mending(chosen, str(error)))
            return
        except NotSent as error:
            does = f"Låt e-postservern ta emot brev från {sender}, eller byt kommunens avsändare."
            yield fault(MAIL, f"{where} tar inte emot brev från {sender}: {error}", does)
        else:
            yield ok(MAIL, f"{where} tar emot brev från {sender}{_how(chosen)}.")
    if chosen.mail_security == "off" and chosen.mail_user:
        says = "lösenordet till e-postservern skickas okrypterat."
        yield warning(MAIL, says, "Sätt KANALVAKT_MAIL_SECURITY till starttls eller ssl.")


def _how(chosen: InstallationSettings) -> str:
    protection = {"off": "", "starttls": ", krypterat (STARTTLS)", "ssl": ", krypterat (SSL)"}
    signed_in = ", inloggad" if chosen.mail_user else ""
    return f"{protection[chosen.mail_security]}{signed_in}"


def _mending(chosen: InstallationSettings, said: str) -> str:
    if "Authentication" in said or said[:3] in ("530", "534", "535", "538"):
        return "Rätta KANALVAKT_MAIL_USER och KANALVAKT_MAIL_PASSWORD."
    if "certificate" in said.lower() or "SSL" in said or "STARTTLS" in said:
        return (
            "Rätta KANALVAKT_MAIL_SECURITY, eller peka ut er rotcertifikatfil med SSL_CERT_FILE. "
            f"Nu är den {chosen.mail_security}."
        )
    return "Rätta KANALVAKT_MAIL_HOST och KANALVAKT_MAIL_PORT, eller öppna brandväggen dit."


def outbox(session: Session, now: datetime) -> Iterator[Finding]:
    """Letters that should have left, and those that never came to anybody."""
    late = col(Message.not_before) < now - timedelta(minutes=STUCK_MINUTES)
    stuck, oldest = session.execute(
        select(func.count(), func.min(col(Message.not_before))).where(MAY_LEAVE, late)
    ).one()
    if stuck:
        says = f"{stuck} brev skulle ha gått, det äldsta {oldest:%Y-%m-%d %H:%M} UTC."
        yield fault(OUTBOX, says, "Se till att arbetaren är igång och e-posten nås: då går de.")
    lost = _lost(session, now - timedelta(days=REMEMBERED_DAYS))
    if lost:
        says = f"{lost} brev kom inte fram de senaste {REMEMBERED_DAYS} dagarna."
        yield warning(OUTBOX, says, "Rätta mottagarnas adresser: kanalvakt import people.")
    if not stuck and not lost:
        yield ok(OUTBOX, "inga brev har fastnat.")


def _lost(session: Session, since: datetime) -> int:
    lost = select(func.count()).where(
        col(Message.state).in_([MessageState.FAILED, MessageState.BOUNCED]), col(Message.queued_at) > since
    )
    return int(session.execute(lost).scalar_one())


def senders(session: Session) -> list[str]:
    """From whom letters come."""
    return sorted(set(session.execute(select(col(Municipality.sender_address))).scalars()))


def returned(chosen: InstallationSettings) -> Iterator[Finding]:
    """The mailbox that letters come back to: read without marking or moving anything."""
    try:
        box = mailbox_of(chosen)
        if box is None:
            yield _not_read()
            return
        with box as opened:
            waiting = len(opened.waiting())
    except NotReachable as error:
        yield fault(RETURNED, f"brevlådan går inte att läsa: {error}", _mending_mailbox(chosen, str(error)))
        return
    yield ok(RETURNED, f"brevlådan går att läsa, {waiting} brev väntar.")
    if not chosen.returned_mail_address:
        says = "brev som inte kan levereras går till kommunernas avsändaradresser."
        does = (
            "Ange brevlådans adress i KANALVAKT_RETURNED_MAIL_ADDRESS, eller låt avsändaradressen leda dit."
        )
        yield warning(RETURNED, says, does)
    if chosen.returned_mail_host and chosen.returned_mail_security == "off":
        says = "lösenordet till brevlådan skickas okrypterat."
        yield warning(RETURNED, says, "Sätt KANALVAKT_RETURNED_MAIL_SECURITY till ssl eller starttls.")


def _not_read() -> Finding:
    says = "ingen brevlåda läses: ett brev som inte kommer fram syns inte i Kanalvakt."
    return warning(RETURNED, says, "Ange en brevlåda: docs/how-to/returned-mail.md")


def _mending_mailbox(chosen: InstallationSettings, said: str) -> str:
    if chosen.returned_mail_files is not None:
        return "Skapa mappen, eller rätta KANALVAKT_RETURNED_MAIL_FILES."
    if "AUTHENTICATIONFAILED" in said or "Login" in said:
        return "Rätta KANALVAKT_RETURNED_MAIL_USER och KANALVAKT_RETURNED_MAIL_PASSWORD."
    if "certificate" in said.lower() or "SSL" in said:
        return "Rätta KANALVAKT_RETURNED_MAIL_SECURITY, eller peka ut er rotcertifikatfil med SSL_CERT_FILE."
    return "Rätta KANALVAKT_RETURNED_MAIL_HOST, _PORT och _FOLDER, eller öppna brandväggen dit."


def strangers(session: Session, now: datetime) -> Iterator[Finding]:
    """How much has come that was about no letter of ours and from nobody known; more is not kept of it."""
    since = now - timedelta(days=REMEMBERED_DAYS)
    rows = select(func.count()).where(
        col(ReturnedMail.municipality_id).is_(None), col(ReturnedMail.read_at) > since
    )
    count = int(session.execute(rows).scalar_one())
    if count:
        says = f"{count} brev de senaste {REMEMBERED_DAYS} dagarna rörde inget av våra och kom från okända."
        yield ok(RETURNED, says)
