"""A letter is a folder of templates and a line in the registry; its link is minted when it is rendered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlmodel import Session

from languages.speaking import (
    SWEDISH,
    capital,
    language,
    speaking,
    swedish,
    untranslated,
    with_elements,
    without_marks,
)
from models import Account, LinkKind, Message, Person
from notifications import links, look, words
from notifications.about import About
from notifications.enclosures import Enclosure
from notifications.look import Look, Mark
from notifications.registry import NOTICES, TASK_LINKS, Goes, Notice, Reply, TaskLink
from notifications.wording import LANGUAGES, Words, filled, in_force
from policies.keys import Role
from policies.naming import PROFILE_NAMES

LINK_PATH = "/l/"
"""Where the portal takes a token in."""
MY_PAGE_PATH = "/mina-uppgifter"
"""Where anybody asks for a way in with their own work address, under the municipality's own part."""
APPLY_PATH = "/ansok"
"""Where an application begins, likewise."""

_TASK_BOUND = (LinkKind.DECIDE, LinkKind.CONSULT, LinkKind.CONFIRM_ACT)


IN_SWEDISH_ONLY = frozenset(
    {
        "answer_by_mail",
        "case_alarm",
        "case_asked",
        "case_due",
        "chain_digest",
        "crisis",
        "evaluation_told",
        "guideline_change_wanted",
        "inventory",
        "morning",
        "paper_for_diary",
    }
)
"""Letters to those who run accounts, and to communications: what they lead to is in Swedish only, too."""


def languages_of(notice: str) -> Sequence[str]:
    """The languages in which a letter is ever sent, Swedish first."""
    return (SWEDISH,) if notice in IN_SWEDISH_ONLY else LANGUAGES


def _to_everybody(session: Session, account: Account, person_id: int, now: datetime) -> bool:
    return True


class NotComposable(Exception):
    """A letter that may not be written as it was queued; the text says why."""


@dataclass(frozen=True)
class Letterhead:
    """What all letters of an installation have in common."""

    portal_url: str
    """Without a slash at its end."""
    digest_until: Callable[[Session, int, datetime], datetime]
    """The end of the third working day from an instant, by a municipality's calendar."""
    leaves_at: Callable[[Session, int, date | None, datetime], datetime]
    """When a letter that the clock has brought about may leave; a morning letter says of which day it is."""
    opens_account: Callable[[Session, Account, int, datetime], bool] = _to_everybody
    """Whether an account's own page is there for a person."""


@dataclass(frozen=True)
class Letter:
    """A mail ready to be sent."""

    message_id: str
    """Without angle brackets: the same however often the message is sent."""
    sender: str
    sender_name: str
    to: str
    to_name: str
    reply_to: str | None
    reply_to_name: str
    subject: str
    text: str
    html: str
    written_at: datetime
    enclosures: tuple[Enclosure, ...] = ()
    mark: Mark | None = None
    """The logotype that its HTML shows."""
    answers_mail: bool = False
    """Whether no machine is to answer it."""


def compose(session: Session, message: Message, letterhead: Letterhead, now: datetime) -> Letter:
    """Write the letter and mint its link, which must be committed before the letter leaves.

    Raises NotComposable, or what the templates or the database miss.
    """
    with speaking(_language(session, message)):
        return _written(session, message, letterhead, now)


def _language(session: Session, message: Message) -> str:
    """The recipient's own; before they are known, the one they asked in. A shared mailbox has Swedish."""
    if message.notice in IN_SWEDISH_ONLY:
        return SWEDISH
    person = session.get(Person, message.person_id) if message.person_id is not None else None
    if person is not None:
        return person.language
    return str(message.context.get("language", SWEDISH))


def _written(session: Session, message: Message, letterhead: Letterhead, now: datetime) -> Letter:
    notice, about = NOTICES[message.notice], About(session, message, now)
    to, to_name = _recipient(about, notice)
    reply_to, reply_to_name = _reply_to(about, notice)
    sender = about.municipality.sender_address
    values: dict[str, Any] = {"about": about, "reply_name": reply_to_name, "reply_to": reply_to or ""}
    values |= _addresses(about, letterhead) | _link(session, about, notice, letterhead, to, now)
    values["account_page"] = lambda: _account_page(session, about, letterhead, now)
    own_look = look.look_of(session, about.municipality)
    own = filled(about, in_force(session, message.municipality_id, message.notice, language()))
    subject, text, html = _render(message.notice, values, own_look, own)
    return Letter(
        message_id=f"{message.id}@{sender.rpartition('@')[2]}",
        sender=sender,
        sender_name=words.line(f"Kanalvakt, {about.municipality.called}"),
        to=to,
        to_name=to_name,
        reply_to=reply_to,
        reply_to_name=without_marks(capital(reply_to_name)),
        subject=subject,
        text=text,
        html=html,
        written_at=now,
        enclosures=tuple(about.enclosures),
        mark=own_look.mark,
        answers_mail=notice.answers_mail,
    )


def _recipient(about: About, notice: Notice) -> tuple[str, str]:
    """A person is written to at the address they have now; only a letter to anyone may go elsewhere."""
    if about.recipient is not None:
        return about.recipient.email, words.line(about.recipient.name)
    if notice.goes is Goes.PERSON:
        raise NotComposable(f"{about.message.notice} goes to a person")
    return about.message.email, ""


def _addresses(about: About, letterhead: Letterhead) -> dict[str, str]:
    own_part = f"{letterhead.portal_url}/{about.municipality.slug}"
    return {"my_page": own_part + MY_PAGE_PATH, "start": own_part + APPLY_PATH, "place": f"{own_part}/oppna/"}


def _account_page(session: Session, about: About, letterhead: Letterhead, now: datetime) -> str:
    """The account's own page; empty for who may not see it. A mailbox is read by those who may."""
    to = about.message.person_id
    if to is not None and not letterhead.opens_account(session, about.account, to, now):
        return ""
    return f"{_addresses(about, letterhead)['place']}konto/{about.account_id}"


def _link(
    session: Session, about: About, notice: Notice, letterhead: Letterhead, to: str, now: datetime
) -> dict[str, str]:
    """The link's address and its last moment in words; nothing for a letter without one."""
    kind = _kind_of_link(about, notice)
    if kind is None:
        return {}
    until = _until(session, about, kind, letterhead, now)
    bound = about.task if kind in _TASK_BOUND else None
    token = links.mint(
        session,
        kind=kind,
        municipality_id=about.message.municipality_id,
        email=to,
        now=now,
        until=until,
        person_id=about.message.person_id,
        task_id=bound.id if bound else None,
        account_id=about.account_id,
        message_id=about.message.id,
        plan_version=bound.plan_version if bound else 0,
    )
    return {"link": letterhead.portal_url + LINK_PATH + token, "until": about.moment(until)}


def _until(session: Session, about: About, kind: LinkKind, letterhead: Letterhead, now: datetime) -> datetime:
    digest_until = None
    if kind in (LinkKind.DIGEST, LinkKind.MORNING):
        digest_until = letterhead.digest_until(session, about.message.municipality_id, now)
    settings = about.settings
    return links.expires_at(
        kind, now, settings.link_days, digest_until=digest_until, draft_days=settings.draft_days
    )


def _kind_of_link(about: About, notice: Notice) -> LinkKind | None:
    if not isinstance(notice.link, TaskLink):
        return notice.link
    if not about.has_task:
        return LinkKind.DIGEST
    if about.task.kind not in TASK_LINKS:
        raise NotComposable(f"a task of kind {about.task.kind} is not answered by a link")
    return TASK_LINKS[about.task.kind]


def _reply_to(about: About, notice: Notice) -> tuple[str | None, str]:
    """A person, or else the communications unit's mailbox; nobody when that is who gets the letter."""
    person = None
    if notice.reply is not Reply.COMMUNICATIONS:
        person = about.asker if notice.reply is Reply.ASKER else about.by
    if person is not None and person.id != about.message.person_id:
        return person.email, words.line(person.name)
    mailbox = about.municipality.notice_address
    if mailbox is None or mailbox == about.message.email:
        return None, ""
    return mailbox, "" if about.account_id is None else about.role_name(Role.COMMUNICATIONS)


def _render(notice: str, values: dict[str, Any], own_look: Look, own: Words) -> tuple[str, str, str]:
    """Subject, text and HTML. The heading is always the product's own: it says what the letter is about."""
    text_side, html_side = _environments()
    look.use(own_look)
    heading = words.subject_line(text_side.get_template(f"{notice}/subject.j2").render(values))
    values = values | {"subject": heading, "own": own}
    text, html = _side(text_side, "txt", notice, values), _side(html_side, "html", notice, values)
    subject = words.subject_line(own.subject) or without_marks(heading)
    return subject, words.wrapped(without_marks(text)), with_elements(html)


def _side(side: Environment, ending: str, notice: str, values: dict[str, Any]) -> str:
    body = side.get_template(f"{notice}/body.j2").render(values)
    whole = values | {"body": Markup(body) if ending == "html" else body}
    return side.get_template(f"layout.{ending}").render(whole)


def _line(text: Any, limit: int = 300) -> str:
    """On one line; what is escaped already is not escaped again."""
    flat = words.line(text, limit)
    return Markup(flat) if isinstance(text, Markup) else flat


@cache
def _environments() -> tuple[Environment, Environment]:
    return _environment("txt"), _environment("html")


def _environment(ending: str) -> Environment:
    """One side of every letter, plain text or HTML: the same bodies with that side's parts."""
    side = Environment(
        loader=PackageLoader("notifications", "notices"),
        autoescape=ending == "html",
        undefined=StrictUndefined,
        finalize=_something,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    side.install_gettext_callables(  # type: ignore[attr-defined]
        untranslated, lambda one, several, count: untranslated(one, count, several), newstyle=True
    )
    side.filters |= {
        "sv": swedish,
        "line": _line,
        "paragraphs": words.paragraphs,
        "capital": capital,
        "item_words": lambda task, about: about.item_words(task),
        "missed_words": lambda account, about: about.missed_words(account),
        "duty_words": lambda task, about: about.duty_words(task),
        "late_words": lambda task, about: about.late_words(task),
        "waiting_duty_words": lambda task, about: about.waiting_duty_words(task),
        "person_of": lambda person_id, about: about.person(person_id),
        "waiting_words": lambda task, about: about.waiting_words(task),
    }
    side.tests["web_address"] = words.is_web_address
    side.globals |= {
        "look": look.in_use,
        "what": words.account_words,
        "who": words.person_words,
        "names": words.names,
        "language": language,
        "number": words.number,
        "number_words": words.number_words,
        "DUTIES": words.DUTIES,
        "day_before": lambda day: day - timedelta(days=1),
        "ROLES": words.ROLES,
        "OUTCOMES": words.OUTCOMES,
        "PROFILES": PROFILE_NAMES,
    }
    for shared in ("sentences.j2", f"parts.{ending}", "question.j2"):
        exported = vars(side.get_template(shared).module)
        side.globals |= {name: macro for name, macro in exported.items() if not name.startswith("_")}
    return side


def _something(value: Any) -> Any:
    """No letter says "None"."""
    if value is None:
        raise NotComposable("a letter wants to say something that is not there")
    return value
