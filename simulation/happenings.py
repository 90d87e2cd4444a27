"""What happens in a year by itself: applications, holidays, people who come and go, accounts that close."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, or_, select
from sqlmodel import Session, col

from acts import absences, applying, caring, cases, crises, documenting, guideline_review, leaving, resting
from acts.looking import look
from acts.work import work
from lifecycle.administrators import faults_in
from lifecycle.case_steps import kinds_for
from lifecycle.conditions import applying as rules_for
from lifecycle.conditions import facts_of
from lifecycle.drafts import PlanIncomplete
from lifecycle.law import Law, law_of
from lifecycle.plans import facts_now, fields_for
from lifecycle.refusals import Refused
from lifecycle.roles import people_now, post_holders
from models import Account, AccountRoleKind, AccountState, Municipality, Person, Unit
from policies.duties import CaseStep
from policies.keys import Platform, Role, Rule
from policies.rules import FieldKind, PlanField
from runtime.database import reading
from simulation.ledger import Ledger
from simulation.traces import Book

Happening = Callable[["Year", Law, datetime], None]
Diary = dict[date, list[tuple[time, Happening]]]

_APPLIED = (
    (Platform.FACEBOOK, "unit"),
    (Platform.INSTAGRAM, "unit"),
    (Platform.TIKTOK, "unit"),
    (Platform.LINKEDIN, "unit"),
    (Platform.FACEBOOK, "common"),
    (Platform.INSTAGRAM, "project"),
    (Platform.YOUTUBE, "leader"),
    (Platform.FACEBOOK, "campaign"),
)
"""In turn, so that rules for one platform or class meet one."""
_SUMMER = (26, 31)
"""First and last week in which a summer holiday begins."""
_VIA = "portal"


@dataclass
class Year:
    """What happenings need to know and to draw from."""

    engine: Engine
    municipality_id: int
    random: Random
    ledger: Ledger
    applied: int = 0
    cases: int = 0
    let_off: int = 0
    _books: dict[int, Book] = field(default_factory=dict)

    def met(self, law: Law, rules: Sequence[Rule], now: datetime) -> None:
        """Somebody met some rules of the law."""
        book = self._books.setdefault(law.version_id, Book(law))
        book.met(self.ledger, rules, law.day_of(now))

    def refused(self, refused: Refused) -> None:
        """Somebody was told that it cannot be done."""
        self.ledger.refusals[refused.code] += 1


def diary_of(law: Law, from_on: date, until_on: date, people: int, accounts: int, random: Random) -> Diary:
    """A year's happenings on working days, as many as the municipality is large."""
    planned: list[tuple[int, Happening]] = [
        (max(len(_APPLIED), accounts // 5), _applies),
        (1, _forgets_a_draft),
        (1, _withdraws),
        (max(2, accounts // 10), _gets_an_administrator),
        (2 if law.policy.rules.guest else 0, _gets_a_guest),
        (max(2, accounts // 15), _is_to_close),
        (4, _wants_to_be_let_off),
        (1, _gets_an_address),
        (1, _moves),
        (max(1, people // 12), _leaves),
        (max(30, accounts), _something_comes_up),
        (max(1, accounts // 15), _rests),
        (1, _changes_much),
        (1, _directive_comes),
    ]
    diary: Diary = {from_on: [(time(9), _takes_holidays(from_on, until_on))]}
    days = [day for day in _days(from_on, until_on) if law.calendar.is_working_day(day)]
    for count, happening in planned:
        for _ in range(count if days else 0):
            day, hour = random.choice(days), time(random.randrange(8, 16), random.randrange(60))
            diary.setdefault(day, []).append((hour, happening))
    crisis_on = from_on + timedelta(days=random.randrange(max(1, len(days))))
    for later, happening in ((0, _crisis_comes), (4, _crisis_ends)):
        diary.setdefault(crisis_on + timedelta(days=later), []).append((time(7), happening))
    return diary


def _days(from_on: date, until_on: date) -> Iterator[date]:
    for number in range((until_on - from_on).days):
        yield from_on + timedelta(days=number)


# ---------------------------------------------------------------- applications


def _applies(year: Year, law: Law, now: datetime) -> None:
    """Somebody applies for an account, and forgets most of the plan the first time."""
    platform, account_class = _APPLIED[year.applied % len(_APPLIED)]
    draft = _draft(year, now)
    if draft is None:
        return
    account_id, applicant, others = draft
    about = {"platform": platform.value, "account_class": account_class, "name": f"Nytt konto {account_id}"}
    _save(year, account_id, {**about, "unit": ""}, now)
    _send(year, account_id, applicant.id or 0, now)
    unit = "" if account_class == "common" and law.policy.rules.owner else str(applicant.unit_id)
    _save(year, account_id, {**about, "unit": unit, **_plan(year, law, account_id, others, now)}, now)
    _send(year, account_id, applicant.id or 0, now)


def _draft(year: Year, now: datetime) -> tuple[int, Person, list[Person]] | None:
    year.applied += 1
    with reading(year.engine) as session:
        staff = _staff(session, year, now)
    if len(staff) < 4:
        return None
    applicant, *others = year.random.sample(staff, 4)
    with work(year.engine, now) as session:
        municipality = session.get_one(Municipality, year.municipality_id)
        account_id = applying.begin_draft(session, municipality, applicant.email, "", now).id or 0
    look(year.engine, account_id, now)
    return account_id, applicant, others


def _staff(session: Session, year: Year, now: datetime) -> list[Person]:
    """Those who lead no unit and hold no post, else anybody."""
    leads = select(col(Unit.line_manager_id)).where(col(Unit.line_manager_id).is_not(None))
    rows = select(Person).where(
        col(Person.municipality_id) == year.municipality_id,
        or_(col(Person.left_on).is_(None), col(Person.left_on) > now.date()),
    )
    people = list(session.execute(rows.order_by(col(Person.id))).scalars())
    led_by = set(session.execute(leads).scalars())
    staff = [one for one in people if one.id not in led_by]
    return staff if len(staff) >= 4 else people


def _save(year: Year, account_id: int, answers: Mapping[str, Any], now: datetime) -> None:
    with work(year.engine, now) as session:
        applying.save_draft(session, session.get_one(Account, account_id), answers, now)


def _plan(year: Year, law: Law, account_id: int, people: Sequence[Person], now: datetime) -> dict[str, Any]:
    """Something in every field that the policy asks for."""
    with reading(year.engine) as session:
        account = session.get_one(Account, account_id)
        its_law = law_of(session, account)
        fields = fields_for(its_law, facts_now(session, account), law.day_of(now))
    year.met(its_law, fields, now)
    return {one.field: _answer_to(one, account_id, people, now) for one in fields}


def _answer_to(one: PlanField, account_id: int, people: Sequence[Person], now: datetime) -> Any:
    match one.kind:
        case FieldKind.PERSONS:
            return [person.email for person in people[: max(one.at_least or 1, 1)]]
        case FieldKind.CHOICE:
            return (one.choices or [])[0].choice
        case FieldKind.YES:
            return "ja"
        case FieldKind.DATE:
            return (now.date() + timedelta(days=300)).isoformat()
        case _:
            address = f"https://konto.example.org/{account_id}"
            return address if one.field == "address" else "Det har enheten kommit överens om."


def _send(year: Year, account_id: int, person_id: int, now: datetime) -> None:
    try:
        with work(year.engine, now) as session:
            applying.send_plan(session, session.get_one(Account, account_id), person_id, now)
    except PlanIncomplete as incomplete:
        year.refused(incomplete)
        _meet_faults(year, account_id, {one.field for one in incomplete.faults}, now)


def _meet_faults(year: Year, account_id: int, fields: set[str], now: datetime) -> None:
    """The page says what is missing, by which rule."""
    with reading(year.engine) as session:
        account = session.get_one(Account, account_id)
        law = law_of(session, account)
        asked = fields_for(law, facts_now(session, account), law.day_of(now))
    rules: list[Rule] = [one for one in asked if one.field in fields]
    if "unit" in fields and law.policy.rules.owner:
        rules.append(law.policy.rules.owner)
    year.met(law, rules, now)


def _forgets_a_draft(year: Year, law: Law, now: datetime) -> None:
    """Begun, and never written: reminded of once, then erased."""
    _draft(year, now)


def _withdraws(year: Year, law: Law, now: datetime) -> None:
    """The applicant thinks better of it."""
    draft = _draft(year, now)
    if draft is not None:
        with work(year.engine, now) as session:
            account = session.get_one(Account, draft[0])
            applying.withdraw(session, account, draft[1].id or 0, "", now)


# ---------------------------------------------------------------- accounts


def _about(found: tuple[Account, int], **more: Any) -> dict[str, Any]:
    """Which account, who asks, and what else the act wants to know."""
    return {"account_id": found[0].id or 0, "person_id": found[1], "via": _VIA, **more}


def _try(year: Year, act: Callable[[Session], object], now: datetime) -> bool:
    """Do it; a refusal is what the person reads. Whether it was done."""
    try:
        with work(year.engine, now) as session:
            act(session)
    except Refused as refused:
        year.refused(refused)
        return False
    return True


def _one_of(
    session: Session, year: Year, law: Law, now: datetime, rule: Rule | None = None
) -> tuple[Account, int] | None:
    """An active account, one that a rule is for if need be, and somebody who may ask for things about it."""
    rows = select(Account).where(
        col(Account.municipality_id) == year.municipality_id, col(Account.state) == AccountState.ACTIVE
    )
    accounts = session.execute(rows.order_by(col(Account.id))).scalars()
    found = [one for one in accounts if rule is None or rules_for([rule], facts_of(one), law.day_of(now))]
    account = year.random.choice(found) if found else None
    asker = _asker(session, account, law.day_of(now)) if account else None
    return (account, asker) if account and asker else None


def _asker(session: Session, account: Account, on: date) -> int | None:
    """Who answers for the account, else who administers it, else communications."""
    kinds = (AccountRoleKind.RESPONSIBLE, AccountRoleKind.ADMINISTRATOR)
    people = [person for kind in kinds for _, person in people_now(session, account, [kind], on)]
    people = people or post_holders(session, account.municipality_id, Role.COMMUNICATIONS, on)
    return people[0].id if people else None


def _gets_an_administrator(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
        new = year.random.choice(_staff(session, year, now))
    if found is not None:
        about = _about(found, email=new.email)
        _try(year, lambda session: caring.ask_for_administrator(session, now, **about), now)


def _gets_a_guest(year: Year, law: Law, now: datetime) -> None:
    """Where the policy has guests at all: in an account that its rule is for."""
    rule = law.policy.rules.guest
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now, rule)
        guest = year.random.choice(_staff(session, year, now))
    if rule is None or found is None:
        return
    since = law.day_of(now) + timedelta(days=21)
    about = _about(found, email=guest.email)
    about |= {"since": since, "until": since + timedelta(days=rule.at_most_days)}
    _try(year, lambda session: caring.ask_for_guest(session, now, **about), now)


def _is_to_close(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
    if found is not None:
        why = "Verksamheten når målgruppen på annat sätt."
        about = _about(found, reason=why)
        _try(year, lambda session: caring.ask_to_close(session, now, **about), now)


_LET_OFF = (AccountRoleKind.ADMINISTRATOR, AccountRoleKind.SUBSTITUTE, AccountRoleKind.RESPONSIBLE)


def _wants_to_be_let_off(year: Year, law: Law, now: datetime) -> None:
    """Somebody's role is to end; where too few would be left, the rule says no."""
    kind, year.let_off = _LET_OFF[year.let_off % len(_LET_OFF)], year.let_off + 1
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
        roles = people_now(session, found[0], [kind], law.day_of(now)) if found else []
    if found is None or not roles:
        return
    account, role = found[0], roles[0][0]
    about = _about((account, found[1]), role_id=role.id or 0)
    if not _try(year, lambda session: caring.end_role(session, now, **about), now):
        with reading(year.engine) as session:
            faults = faults_in(session, law, account, law.day_of(now), without=role.id)
        year.met(law, [fault.rule for fault in faults], now)


def _gets_an_address(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
    if found is not None:
        address = f"https://konto.example.org/ny-{found[0].id}"
        about = _about(found, address=address)
        _try(year, lambda session: caring.change_address(session, now, **about), now)


def _moves(year: Year, law: Law, now: datetime) -> None:
    """Communications gives an account to another unit."""
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
        units = select(col(Unit.id)).where(col(Unit.municipality_id) == year.municipality_id)
        others = [one for one in session.execute(units.order_by(col(Unit.id))).scalars() if one]
        by_id = _member(session, year, law.day_of(now))
    if found is not None:
        unit_id = year.random.choice([one for one in others if one != found[0].unit_id])
        about = _about(found, person_id=by_id, unit_id=unit_id)
        _try(year, lambda session: caring.change_unit(session, now, **about), now)


# ---------------------------------------------------------------- people


def _takes_holidays(from_on: date, until_on: date) -> Happening:
    """Everybody enters their weeks: three in summer, and one at another time."""

    def enter(year: Year, law: Law, now: datetime) -> None:
        with reading(year.engine) as session:
            rows = select(col(Person.id)).where(col(Person.municipality_id) == year.municipality_id)
            people = list(session.execute(rows.order_by(col(Person.id))).scalars())
        with work(year.engine, now) as session:
            for person_id in people:
                for begins, weeks in _weeks(year.random, from_on, until_on):
                    absences.enter(
                        session,
                        now,
                        by_id=person_id or 0,
                        from_on=begins,
                        until_on=begins + timedelta(weeks=weeks),
                        via=_VIA,
                    )

    return enter


def _weeks(random: Random, from_on: date, until_on: date) -> list[tuple[date, int]]:
    summers = [
        date.fromisocalendar(year, random.randint(*_SUMMER), 1) for year in (from_on.year, until_on.year)
    ]
    begins = [(day, 3) for day in dict.fromkeys(summers)]
    other = from_on + timedelta(days=random.randrange(max(1, (until_on - from_on).days)))
    begins.append((other - timedelta(days=other.weekday()), 1))
    return [(day, weeks) for day, weeks in begins if from_on <= day < until_on]


def _leaves(year: Year, law: Law, now: datetime) -> None:
    """Somebody leaves in a month; communications says so, and who takes over."""
    with reading(year.engine) as session:
        person, successor = year.random.sample(_staff(session, year, now), 2)
        by_id = _member(session, year, law.day_of(now))
    last_on = law.day_of(now) + timedelta(days=30)
    about: dict[str, Any] = {"by_id": by_id, "person_id": person.id or 0, "last_on": last_on, "via": _VIA}
    _try(year, lambda session: leaving.ask(session, now, **about, all_to=successor.email), now)


def _member(session: Session, year: Year, on: date) -> int:
    """Somebody of communications."""
    return post_holders(session, year.municipality_id, Role.COMMUNICATIONS, on)[-1].id or 0


# ---------------------------------------------------------------- what comes up


def _something_comes_up(year: Year, law: Law, now: datetime) -> None:
    """One of the kinds of cases that the policy gives to an account, each in turn."""
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
        kinds = kinds_for(law, facts_of(found[0]), law.day_of(now)) if found else []
        watchers = [one.email for one in _staff(session, year, now)[:2]]
    if found is None or not kinds:
        return
    kind, year.cases = kinds[year.cases % len(kinds)], year.cases + 1
    report = cases.Report(
        kind=kind.name,
        noticed_at=now - timedelta(hours=2),
        what="En besökare skrev något.",
        watcher_emails=watchers if CaseStep.WATCH in kind.steps else (),
    )
    about = _about(found, report=report)
    _try(year, lambda session: cases.open_case(session, now, **about), now)


def _rests(year: Year, law: Law, now: datetime) -> None:
    """Whoever answers for an account lets it rest over a season."""
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
    if found is not None:
        on = law.day_of(now)
        about = _about(found)
        about |= {"from_on": on, "until_on": on + timedelta(days=70)}
        _try(year, lambda session: resting.let_rest(session, now, **about), now)


def _changes_much(year: Year, law: Law, now: datetime) -> None:
    """An account gets another face, and somebody says so."""
    with reading(year.engine) as session:
        found = _one_of(session, year, law, now)
    if found is not None:
        about = _about(found)
        _try(year, lambda session: documenting.tell_major_change(session, now, **about), now)


def _crisis_comes(year: Year, law: Law, now: datetime) -> None:
    """Everybody who is told reads what the policy says about the accounts in a crisis."""
    with reading(year.engine) as session:
        by_id = _member(session, year, law.day_of(now))
        rows = select(Account).where(col(Account.state) == AccountState.ACTIVE).order_by(col(Account.id))
        for account in session.execute(rows).scalars():
            year.met(law, rules_for(law.policy.rules.crisis, facts_of(account), law.day_of(now)), now)
    about: dict[str, Any] = {"by_id": by_id, "message": "Stora delar av tätorten saknar vatten.", "via": _VIA}
    _try(year, lambda session: crises.begin(session, now, **about), now)


def _crisis_ends(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        by_id = _member(session, year, law.day_of(now))
    _try(year, lambda session: crises.end(session, now, by_id=by_id, via=_VIA), now)


def _directive_comes(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        by_id = _member(session, year, law.day_of(now))
    about: dict[str, Any] = {"person_id": by_id, "what": "En ny lag om tillgänglighet.", "via": _VIA}
    _try(year, lambda session: guideline_review.report_directive(session, now, **about), now)
