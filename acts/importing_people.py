"""Importing people with their posts. Nobody is removed for not being in a file."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from acts.applying import address_is_allowed
from acts.import_steps import Known, Offered, Step, Wanted, compared, to_write
from acts.sheets import Column, Line, Sheet, day, doubles, email, folded, sentence, words
from acts.tables import shown
from languages.speaking import SWEDISH
from lifecycle.tasks import raise_news_of
from models import Municipality, Person, PostHolder
from policies.keys import Role

COLUMNS = (
    Column("name", "namn", required=True),
    Column("email", "e-post", ("e-postadress", "mejl", "mail", "arbetsadress"), required=True, limit=254),
    Column("title", "titel", ("befattning",)),
    Column("unit", "enhet", ("enhetskod", "enhetens kod"), limit=40),
    Column("substitute", "ersättare", ("ersättarens e-post",), limit=254),
    Column("roles", "roller", ("roll",), limit=300),
    Column("language", "språk", limit=20),
    Column("left_on", "slutar", ("sista dag", "sista anställningsdag", "slutdatum"), limit=40),
)
ROLES = {
    "kommunikation": Role.COMMUNICATIONS,
    "kommunikationschef": Role.COMMUNICATIONS_DIRECTOR,
    "registrator": Role.REGISTRY,
    "krisorganisation": Role.CRISIS_ORGANISATION,
    "arbetsutskott": Role.WORKING_COMMITTEE,
    "kommunstyrelse": Role.EXECUTIVE_BOARD,
}
"""The posts that policies name directly. All other roles follow from the tree and from the accounts."""
LANGUAGES = {"sv": "sv", "svenska": "sv", "en": "en", "engelska": "en"}
"""In which a person is written to, as a file says it."""
_BY_WORD = {folded(word): role for word, role in ROLES.items()} | {
    "kommunikationsenhet": Role.COMMUNICATIONS,
    "kommunstyrelsen": Role.EXECUTIVE_BOARD,
}
CODED = {"unit": "unit", "substitute": "person", "roles": "code", "language": "code", "left_on": "code"}
_IMPORTED_ROLES = frozenset(role.value for role in ROLES.values())


def wanted_people(sheet: Sheet, municipality: Municipality) -> list[Wanted]:
    """The rows as people, by address; what is wrong with them is blamed."""
    wanted = [Wanted(line, email(sheet, line, "email"), _values(sheet, line)) for line in sheet.lines]
    addresses = {one.line.number: one.key for one in wanted}
    for line, others in doubles(sheet, addresses):
        rows = ", ".join(str(other.number) for other in others)
        sheet.blame(line, "email", f"Adressen står också på rad {rows}. Varje person ska ha en egen rad.")
    for one in wanted:
        if one.key and not address_is_allowed(municipality, one.key):
            domains = ", ".join(f"@{domain}" for domain in municipality.mail_domains)
            says = f"Adressen är ingen arbetsadress i kommunen. Den ska sluta på {domains}."
            sheet.blame(one.line, "email", says)
    return wanted


def _values(sheet: Sheet, line: Line) -> dict[str, Any]:
    values: dict[str, Any] = {"name": " ".join(line.text("name").split()), "title": line.text("title")}
    values |= {"unit": line.text("unit"), "substitute": email(sheet, line, "substitute")}
    values |= {"roles": _roles(sheet, line), "left_on": _first_day_gone(sheet, line)}
    if line.text("language"):
        values["language"] = _language(sheet, line)
    return {key: value for key, value in values.items() if key in line.texts}


def _language(sheet: Sheet, line: Line) -> str:
    """A language by its Swedish name or its code; an empty cell leaves what the person has chosen."""
    written = line.text("language")
    if folded(written) not in LANGUAGES:
        says = f"Språket ”{shown(written)}” går inte. Skriv svenska eller engelska, eller lämna tomt."
        sheet.blame(line, "language", says)
    return LANGUAGES.get(folded(written), SWEDISH)


def _first_day_gone(sheet: Sheet, line: Line) -> date | None:
    """The file says a person's last day; Kanalvakt keeps the first day after it."""
    last = day(sheet, line, "left_on")
    return last + timedelta(days=1) if last else None


def _roles(sheet: Sheet, line: Line) -> tuple[str, ...]:
    found = []
    for word in words(line.text("roles")):
        if folded(word) in _BY_WORD:
            found.append(_BY_WORD[folded(word)].value)
        else:
            says = f"Rollen ”{shown(word)}” går inte. Roller som kan anges: {', '.join(ROLES)}."
            sheet.blame(line, "roles", says)
    return tuple(sorted(set(found)))


def check_people(sheet: Sheet, wanted: Sequence[Wanted], units: Offered, people: Offered) -> None:
    """Blame units that do not exist, and substitutes that do not or that are the same person."""
    for one in wanted:
        _check_unit(sheet, one, units)
        _check_substitute(sheet, one, people)


def _check_unit(sheet: Sheet, one: Wanted, units: Offered) -> None:
    code = one.values.get("unit")
    lacks = units.lacks(code) if code else None
    if lacks is not None:
        after = lacks or units.else_said("enheten", "enheterna")
        sheet.blame(one.line, "unit", sentence(f"Ingen enhet har koden {code}", after))


def _check_substitute(sheet: Sheet, one: Wanted, people: Offered) -> None:
    address = one.values.get("substitute")
    if address and address == one.key:
        sheet.blame(one.line, "substitute", "Ingen kan vara sin egen ersättare. Ange någon annan.")
    lacks = people.lacks(address) if address else None
    if lacks is not None:
        after = lacks or people.else_said("personen", "personerna")
        sheet.blame(one.line, "substitute", sentence(f"Ingen person har adressen {address}", after))


def people_steps(sheet: Sheet, wanted: Sequence[Wanted], known: Known) -> list[Step[Person]]:
    """The sound rows beside the people there are."""

    def values_of(person: Person) -> dict[str, Any]:
        return {
            "name": person.name,
            "title": person.title,
            "unit": known.codes.get(person.unit_id, ""),
            "substitute": known.emails.get(person.substitute_id, ""),
            "roles": tuple(sorted(post.role for post in _posts(known, person))),
            "language": person.language,
            "left_on": person.left_on,
        }

    sound = [one for one in wanted if sheet.is_sound(one.line)]
    return [compared(one, known.people.get(one.key), values_of) for one in sound]


def _posts(known: Known, person: Person) -> list[PostHolder]:
    posts = known.posts.get(person.id, []) if person.id is not None else []
    return [post for post in posts if post.role in _IMPORTED_ROLES]


def write_people(session: Session, steps: list[Step[Person]], known: Known) -> None:
    """Create and name the people; what ties them to others is written by `join_people`."""
    for step in to_write(steps):
        person = step.old or Person(municipality_id=known.municipality_id, name="", email=step.wanted.key)
        person.name, person.title = step.value("name", person.name), step.value("title", person.title)
        person.language = step.value("language", person.language)
        left_on = step.value("left_on", person.left_on)
        if person.left_on != left_on and person.id is not None:
            raise_news_of(session, person.id)
        person.left_on = left_on
        session.add(person)
        step.new = known.people[person.email] = person
    session.flush()


def join_people(session: Session, steps: list[Step[Person]], known: Known) -> None:
    """Give the written people their units, substitutes and posts."""
    for step in to_write(steps):
        assert step.new is not None
        if "unit" in step.wanted.values:
            step.new.unit_id = known.unit_id(step.wanted.values["unit"])
        if "substitute" in step.wanted.values:
            step.new.substitute_id = known.person_id(step.wanted.values["substitute"])
        if "roles" in step.wanted.values:
            _write_posts(session, step.new, step.wanted.values["roles"], known)
    session.flush()


def _write_posts(session: Session, person: Person, roles: tuple[str, ...], known: Known) -> None:
    held = {post.role: post for post in _posts(known, person)}
    assert person.id is not None
    for role in roles:
        if role not in held:
            post = PostHolder(municipality_id=known.municipality_id, role=role, person_id=person.id)
            session.add(post)
    for role, post in held.items():
        if role not in roles:
            session.delete(post)
