"""Reports of mail servers: that a letter did not arrive, is late, or was read (RFC 3464, RFC 8098).

Some servers report in words only; their words are known here, in the forms that they are sent in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from connectors.mail_parts import Mail, header_of, text_of
from models import ReturnedAs


@dataclass(frozen=True)
class Report:
    """What a server says of one recipient."""

    kind: ReturnedAs
    email: str = ""
    status: str = ""
    says: str = ""


_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")
_ADDRESS = re.compile(r"[\w.+=-]+@[\w-]+(?:\.[\w-]+)+")
_PASSES = frozenset({"4.2.2", "5.2.2", "5.4.7", "5.4.300"})
"""Failed for good, though nothing is wrong with the address: it is full, or was out of reach for too long."""
_SENT_BY_SERVERS = re.compile(
    r"^(mailer-daemon|postmaster|mail-daemon|mailerdaemon|microsoftexchange[0-9a-f]+|mdaemon|no-?reply-dsn)@"
)
_SUBJECTS = re.compile(
    r"undeliver|returned mail|returned to sender|delivery (status|failure|has failed|problem|incomplete|delay"
    r"|report)|mail delivery|failure notice|delayed|could not be delivered|not delivered"
    r"|delivery notification|olevererbar|kunde inte levereras|leveransfel|går inte att leverera|fördröj"
    r"|mail system error",
    re.IGNORECASE,
)
_STILL_TRYING = re.compile(
    r"will (keep|continue)( on)? trying|has been delayed|not yet been delivered|been delayed|do not need to"
    r" (resend|send)|no action is required|warning message only|attempts? will continue|"
    r"fortsätter att försöka|har fördröjts|försöken fortsätter|still (trying|being retried)|temporary problem"
    r" delivering|message delayed",
    re.IGNORECASE,
)
_FULL = re.compile(r"mailbox (is )?full|over quota|quota exceeded|brevlåda(n)? är full|mailbox size", re.I)
_TIMED_OUT = re.compile(
    r"retry timeout|retry time not reached|too long|gave up|expired|could not be delivered within|"
    r"timed? ?out|connection refused|host unreachable|i wasn't able to establish",
    re.I,
)


def report_in(mail: Mail) -> Report | None:
    """What a server reports, or None when the mail is none of its reports."""
    whole = str(mail.top.get_param("report-type", "") or "").lower()
    if mail.part("message/disposition-notification") or whole == "disposition-notification":
        return Report(ReturnedAs.RECEIPT)
    fields = mail.part("message/delivery-status", "message/global-delivery-status")
    if fields is not None:
        return _most_serious(list(_recipients(mail, fields)))
    return _in_words(mail) if _is_of_a_server(mail) else None


def _recipients(mail: Mail, part: Message) -> Iterator[Report]:
    for group in _groups(part):
        action = header_of(group, "Action").lower().split(" ")[0].strip(";,.")
        if not action and not group.get("Status") and not group.get("Final-Recipient"):
            continue
        says = header_of(group, "Diagnostic-Code").partition(";")[2].strip()
        status = _status_in(header_of(group, "Status"), says, mail.text)
        yield Report(_kind(action, status, says), _recipient(mail, group), status, says[:500])


def _groups(part: Message) -> list[Message]:
    """The field groups, also where the part has come as plain text."""
    held = part.get_payload()
    if isinstance(held, list) and part.get_content_type() == "message/delivery-status":
        return [one for one in held if isinstance(one, Message)]
    lines = "\n".join(str(one) for one in held) if isinstance(held, list) else text_of(part)
    inner = [Mail(one.encode("utf-8", "replace")).top for one in re.split(r"\n\s*\n", lines) if one.strip()]
    return inner


def _recipient(mail: Mail, group: Message) -> str:
    for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient"):
        found = _ADDRESS.search(header_of(group, name).replace("+AEA-", "@"))
        if found:
            return found[0].lower()
    return _address_in(mail)


def _status_in(*texts: str) -> str:
    """The first status by RFC 3463; else the class of the first reply code."""
    for one in texts:
        if found := _STATUS.search(one):
            return found[1]
    for one in texts:
        if code := _REPLY.search(one):
            return f"{code[1][0]}.0.0"
    return ""


def _kind(action: str, status: str, says: str) -> ReturnedAs:
    if action in ("delivered", "relayed", "expanded"):
        return ReturnedAs.RECEIPT
    if action == "delayed":
        return ReturnedAs.DELAYED
    if not action and status.startswith("2"):
        return ReturnedAs.RECEIPT
    passes = status in _PASSES or status.startswith("4") or bool(_FULL.search(says))
    return ReturnedAs.FAILED_FOR_NOW if passes else ReturnedAs.BOUNCED


_SERIOUS = (ReturnedAs.BOUNCED, ReturnedAs.FAILED_FOR_NOW, ReturnedAs.DELAYED, ReturnedAs.RECEIPT)


def _most_serious(reports: list[Report]) -> Report:
    """Of several recipients behind one address the worst; a report that names none is of a failure."""
    return min(reports, key=lambda one: _SERIOUS.index(one.kind), default=Report(ReturnedAs.BOUNCED))


# ---------------------------------------------------------------- in words


def _is_of_a_server(mail: Mail) -> bool:
    if mail.header("X-Failed-Recipients") or "the qmail-send program" in mail.text[:2000]:
        return True
    if mail.header("Auto-Submitted").lower().startswith("auto-replied") and mail.header("In-Reply-To"):
        return _is_sent_by_server(mail) and bool(_SUBJECTS.search(mail.header("Subject")))
    return _is_sent_by_server(mail) and bool(_SUBJECTS.search(f"{mail.header('Subject')} {mail.text[:600]}"))


def _is_sent_by_server(mail: Mail) -> bool:
    nobody = mail.header("Return-Path").replace(" ", "") in ("<>", '""', "<<>>")
    return bool(_SENT_BY_SERVERS.match(mail.sender)) or nobody


def _in_words(mail: Mail) -> Report:
    said = mail.text[:6000]
    status = _status_in(said)
    if _STILL_TRYING.search(f"{mail.header('Subject')}\n{said}"):
        return Report(ReturnedAs.DELAYED, _address_in(mail), status, _line_with(said, status))
    full = bool(_FULL.search(said))
    passes = full or (not status.startswith("5") and bool(_TIMED_OUT.search(said)))
    passes = passes or status in _PASSES or status.startswith("4")
    kind = ReturnedAs.FAILED_FOR_NOW if passes else ReturnedAs.BOUNCED
    return Report(kind, _address_in(mail), status, _line_with(said, status))


def _address_in(mail: Mail) -> str:
    """The address that failed, where only words tell it: not the server's own, nor the one it came to."""
    named = mail.header("X-Failed-Recipients")
    ours = {mail.sender, *mail.reached}
    returned = [header_of(one, "To") for one in mail.parts[1:] if one.get("Message-ID")]
    for text in (named, mail.text[:6000], " ".join(returned)):
        found = [one.lower().strip(".") for one in _ADDRESS.findall(text)]
        kept = [one for one in found if one not in ours and not _SENT_BY_SERVERS.match(one)]
        if kept:
            return str(kept[0])
    return ""


def _line_with(text: str, status: str) -> str:
    """The line that gives the reason."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    for line in lines:
        if (status and status in line) or _REPLY.match(line) or _FULL.search(line):
            return line[:500]
    return ""
