"""Playing a case: the facts are laid out, people do things, and time passes by the product's own clock."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlmodel import Session, col

from acts import (
    absences,
    answering,
    applying,
    calendars,
    caring,
    cases,
    crises,
    evaluating,
    exempting,
    guideline_review,
    handles,
    inactivity,
    policies,
    posting,
    renewals,
    repairing,
    resting,
    watching,
)
from acts.looking import look
from acts.policies import adopt
from acts.round_list import ROUNDS
from acts.rounds import Round, go_round
from acts.staff_list import StaffFile, read_staff
from acts.work import work
from connectors.manual import Answered
from connectors.occupying import Occupant
from connectors.sights import AskPerson, Missing, Observation, Subject
from lifecycle.case_answers import Given as CaseGiven
from lifecycle.case_evidence import Evidence
from lifecycle.evaluating import asked_for, evaluation_of, questions_for
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.identifying import SignedIn
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.rounds import Findings
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    AuditEvent,
    Case,
    CaseState,
    Message,
    MessageState,
    Municipality,
    Outcome,
    Person,
    PolicyVersion,
    PostHolder,
    SightState,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from models import (
    Case as AccountCase,
)
from runtime.database import reading
from tests.policies.case_format import Application, Away, Given, GivenAccount, Step
from tests.policies.case_format import Case as RuleCase
from tests.policies.case_policies import content_for, with_changes, written_policy
from tests.policies.case_world import instant_of, keep, lay_out, take_up, world
from tests.posting_platform import Platform

_DECIDED = (TaskKind.DECIDE, TaskKind.CONSULT)
_CONFIRMED = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)
_PDF = b"%PDF-1.4 exempel"
_LOOKS = 500
"""A clock that moves on more often than this without end is a fault of the product."""


class Stage:
    """The municipality of one case, its account, and the hour."""

    def __init__(self, case: RuleCase, written: dict[str, Any] | None = None) -> None:
        self.written = written or written_policy(case.policy)
        self.content = content_for(self.written)
        self.world, self.now = world(), instant_of(case.given.on)
        self.engine = self.world.engine
        self.refused: Refused | None = None
        self.told: set[str] = set()
        self.recorded = 0
        self.address = self._address(case.given.account)
        self.platform = Platform([instant_of(moment) for moment in case.given.account.posts])
        self._set_platform(case.given.account.shows)
        self.account_id = self._given(case.given)
        self.turn_page()

    def work(self) -> AbstractContextManager[Session]:
        """One transaction at the case's hour."""
        return work(self.engine, self.now)

    def reading(self) -> AbstractContextManager[Session]:
        """A look that changes nothing."""
        return reading(self.engine)

    def glance(self) -> Session:
        """A look in which something may be tried: nothing of it is kept."""
        return Session(self.engine, expire_on_commit=False)

    def turn_page(self) -> None:
        """From here on is "since the step before"."""
        with self.reading() as session:
            newest = select(col(AuditEvent.id)).order_by(col(AuditEvent.id).desc()).limit(1)
            self.recorded = session.execute(newest).scalar() or 0

    # ---------------------------------------------------------------- the facts

    def _given(self, given: Given) -> int:
        policy, facts = json.dumps(self.written), given.model_dump_json()
        kept = take_up(policy, facts)
        if kept is not None:
            return kept
        self.account_id = 0
        lay_out(self.content)
        self._lay_out(given)
        keep(policy, facts, self.account_id)
        return self.account_id

    def _lay_out(self, given: Given) -> None:
        with self.work() as session:
            self._change_people(session, given)
            for platform in given.in_use:
                self._enter_other(session, platform, AccountState.ACTIVE)
            for platform in given.closed:
                self._enter_other(session, platform, AccountState.CLOSED)
            if given.account.state == "active":
                self._enter_active(session, given.account)
        if given.account.state not in ("active", "none"):
            self._bring_to(given.account)

    def _change_people(self, session: Session, given: Given) -> None:
        people, units = self.world.people, self.world.units
        for name, substitute in given.substitutes.items():
            session.get_one(Person, people[name]).substitute_id = people[substitute]
        for name, away in given.away.items():
            self._enter_absence(session, name, away)
        for name, day in given.left.items():
            session.get_one(Person, people[name]).left_on = day
        for code in given.empty_chairs:
            session.get_one(Unit, units[code]).line_manager_id = None
        for code, name in given.managers.items():
            session.get_one(Unit, units[code]).line_manager_id = people[name]
        for role, names in given.posts.items():
            for row in session.execute(select(PostHolder).where(col(PostHolder.role) == role)).scalars():
                session.delete(row)
            session.flush()
            for name in names:
                session.add(
                    PostHolder(municipality_id=self.world.municipality_id, role=role, person_id=people[name])
                )

    def _enter_other(self, session: Session, platform: str, state: AccountState) -> None:
        session.add(
            Account(
                municipality_id=self.world.municipality_id,
                account_class=AccountClass.COMMON,
                platform=platform,
                name="Exempelby kommun",
                state=state,
                state_since=self.now,
                policy_version_id=self._version_id(session),
                imported=True,
            )
        )

    def _version_id(self, session: Session) -> int:
        found: int = session.execute(select(col(PolicyVersion.id)).limit(1)).scalar_one()
        return found

    def _enter_active(self, session: Session, given: GivenAccount) -> None:
        plan = self._plan(given)
        account = Account(
            municipality_id=self.world.municipality_id,
            unit_id=self.world.units[given.unit] if given.unit else None,
            account_class=given.account_class,
            platform=given.platform,
            name=given.name,
            address=self._address(given),
            address_key=self._address(given).removeprefix("https://") or None,
            purpose=plan.get("purpose") or "",
            target_group=plan.get("target_group") or "",
            state=AccountState.ACTIVE,
            state_since=self.now,
            policy_version_id=self._version_id(session),
            applicant_id=self.world.people[given.by],
            opened_on=given.opened_on,
            watched_on=given.watched_on,
            duties_from_on=given.duties_from,
            ends_on=given.ends_on,
            waits_for="Aktiv",
            imported=True,
        )
        session.add(account)
        session.flush()
        self.account_id = account.id or 0
        for kind, names in given.people.items():
            for name in names:
                session.add(self._role(kind, name, given.opened_on))

    def _role(self, kind: AccountRoleKind, name: str, since: date) -> AccountRole:
        return AccountRole(
            account_id=self.account_id,
            person_id=self.world.people[name],
            kind=kind,
            asked_at=self.now,
            assigned_on=since,
            since_on=since,
        )

    def _bring_to(self, given: GivenAccount) -> None:
        """Through the product itself, with everybody saying yes."""
        self._begin(given.by)
        self._save(self._application(given))
        for field, name in given.files.items():
            self._attach(given.by, field, name)
        if given.state == "draft":
            return
        self._send(given.by)
        self.look()
        while given.state == "approved" and (asked := self._open(_DECIDED)):
            task, person_id = asked[0]
            self._answer_task(task, person_id, _yes_to(task), "Ja.")
            self.look()

    # ---------------------------------------------------------------- time

    def look(self) -> None:
        """The account's run looks, as it does after every act."""
        if self.account_id:
            look(self.engine, self.account_id, self.now)

    def pass_time(self, until: datetime) -> None:
        """What falls due by itself meanwhile happens at its own instant."""
        for _ in range(_LOOKS):
            wakes_at = self._wakes_at()
            if wakes_at is None or wakes_at > until:
                break
            self.now = max(wakes_at, self.now)
            self.look()
            if self._wakes_at() == wakes_at:
                raise AssertionError(f"the account is woken at {wakes_at} again and again")
        self.now = max(until, self.now)

    def _wakes_at(self) -> datetime | None:
        if not self.account_id:
            return None
        with self.reading() as session:
            return session.get_one(Account, self.account_id).wake_at

    # ---------------------------------------------------------------- what people do

    def do(self, step: Step) -> None:
        """Do it; a refusal is kept to be compared."""
        self.refused = None
        if step.at:
            self.pass_time(instant_of(step.at))
        for name in step.acts():
            try:
                self._acts[name](self, step)
            except Refused as refused:
                self.refused = refused
            self.look()

    def person_id(self, step: Step) -> int:
        """Whoever acts."""
        assert step.who is not None, "say who does it"
        return self.world.people[step.who]

    def _begin(self, who: str) -> None:
        with self.work() as session:
            municipality = session.get_one(Municipality, self.world.municipality_id)
            account = applying.begin_draft(session, municipality, self.world.address(who), "", self.now)
            self.account_id = account.id or 0

    def _application(self, given: Application) -> dict[str, Any]:
        unit = self.world.units[given.unit] if given.unit else ""
        return {
            "platform": given.platform,
            "name": given.name,
            "unit": str(unit),
            "account_class": given.account_class.value,
            "address": self._address(given),
            **self._with_addresses(self._plan(given)),
        }

    def _address(self, given: Application) -> str:
        if given.address is not None:
            return given.address
        return f"https://{given.platform}.example.org/{given.name.lower().replace(' ', '-')}"

    def _plan(self, given: Application) -> dict[str, Any]:
        return {**self.world.said["complete_plan"], **given.plan}

    def _with_addresses(self, plan: dict[str, Any]) -> dict[str, Any]:
        """People are written by their names in the world; anything else as it stands."""
        known = self.world.people
        return {
            field: [self.world.address(one) if one in known else one for one in value]
            if isinstance(value, list)
            else value
            for field, value in plan.items()
        }

    def _save(self, answers: dict[str, Any]) -> None:
        with self.work() as session:
            applying.save_draft(session, session.get_one(Account, self.account_id), answers, self.now)

    def _attach(self, who: str, field: str, name: str) -> None:
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.attach(session, account, field, name, _PDF, self.world.people[who], self.now)

    def _send(self, who: str) -> None:
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.send_plan(session, account, self.world.people[who], self.now)

    def _writes(self, step: Step) -> None:
        assert step.who is not None and step.writes is not None
        self._begin(step.who)
        self._save(self._application(step.writes))
        for field, name in step.writes.files.items():
            self._attach(step.who, field, name)

    def _applies(self, step: Step) -> None:
        assert step.who is not None and step.applies is not None
        self._begin(step.who)
        self._save(self._application(step.applies))
        for field, name in step.applies.files.items():
            self._attach(step.who, field, name)
        self._send(step.who)

    def _rewrites(self, step: Step) -> None:
        self._save(self._with_addresses(step.rewrites or {}))

    def _sends(self, step: Step) -> None:
        self._send(step.who or "")

    def _revises(self, step: Step) -> None:
        self._save(self._with_addresses(step.revises or {}))
        self._send(step.who or "")

    def _open(self, kinds: Sequence[TaskKind], person_id: int | None = None) -> list[tuple[UserTask, int]]:
        rows = (
            select(UserTask, TaskHolder.person_id)  # type: ignore[call-overload]
            .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
            .where(
                col(UserTask.account_id) == self.account_id,
                col(UserTask.state) == TaskState.OPEN,
                col(UserTask.kind).in_(kinds),
            )
            .order_by(col(UserTask.id), col(TaskHolder.id))
        )
        with self.reading() as session:
            found = [(task, holder) for task, holder in session.execute(rows)]
        return [(task, holder) for task, holder in found if person_id in (None, holder)]

    def _task(self, step: Step, kinds: Sequence[TaskKind]) -> UserTask:
        """The question the person means: asked of them, else the one that is open at all."""
        asked = self._open(kinds, self.person_id(step)) or self._open(kinds)
        found = [task for task, _ in asked if step.step in (None, task.step)]
        if not found:
            raise Refused("task_gone")
        return found[0]

    def _answer_task(
        self, task: UserTask, person_id: int, outcome: Outcome, reason: str, *, signed_in: bool = False
    ) -> None:
        with self.work() as session:
            answering.answer(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=person_id,
                outcome=outcome,
                reason=reason,
                via="link",
                signed_in=self._identity(person_id) if signed_in else None,
            )

    def _identity(self, person_id: int) -> SignedIn:
        return SignedIn(
            "https://idp.example.org", self.now, acr="", amr=(), subject=str(person_id), address=""
        )

    def _answers(self, step: Step) -> None:
        assert step.answers is not None
        task = self._task(step, _DECIDED)
        self._answer_task(task, self.person_id(step), step.answers, step.reason, signed_in=step.signed_in)

    def _hands_over(self, step: Step) -> None:
        task = self._task(step, _DECIDED)
        with self.work() as session:
            answering.hand_over(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.person_id(step),
                to_email=self.world.address(step.hands_over_to or ""),
                reason=step.reason,
                via="link",
                signed_in=self._identity(self.person_id(step)) if step.signed_in else None,
            )

    def _confirms(self, step: Step) -> None:
        everything = step.confirms == "everything"
        given: dict[str, dict[str, str]] = step.confirms if isinstance(step.confirms, dict) else {}
        lines = [task for task, _ in self._open(_CONFIRMED, self.person_id(step))]
        unknown = set(given) - {task.step for task in lines}
        if unknown:
            raise Refused("not_holder")
        for task in lines:
            if everything or task.step in given:
                self._confirm_task(task, self.person_id(step), given.get(task.step, {}))

    def _confirm_task(self, task: UserTask, person_id: int, given: dict[str, str]) -> None:
        with self.work() as session:
            answering.confirm(
                session, self.now, task_id=task.id or 0, person_id=person_id, given=given, via="link"
            )

    def _takes_back(self, step: Step) -> None:
        with self.work() as session:
            rows = (
                select(col(UserTask.id))
                .where(
                    col(UserTask.account_id) == self.account_id,
                    col(UserTask.answered_by_id) == self.person_id(step),
                )
                .order_by(col(UserTask.id).desc())
            )
            task_id = session.execute(rows).scalars().first() or 0
            answering.take_back(
                session, self.now, task_id=task_id, person_id=self.person_id(step), via="link"
            )

    def _withdraws(self, step: Step) -> None:
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.withdraw(session, account, self.person_id(step), step.reason, self.now)

    def _asks_to_close(self, step: Step) -> None:
        with self.work() as session:
            caring.ask_to_close(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.person_id(step),
                reason=step.reason,
                via="portal",
            )

    def _role_id(self, session: Session, kind: AccountRoleKind, who: str) -> int | None:
        rows = select(col(AccountRole.id)).where(
            col(AccountRole.account_id) == self.account_id,
            col(AccountRole.kind) == kind,
            col(AccountRole.person_id) == self.world.people[who],
            col(AccountRole.until_on).is_(None),
        )
        return session.execute(rows).scalars().first()

    def _asks_for(self, step: Step) -> None:
        for kind, who in (step.asks_for or {}).items():
            with self.work() as session:
                caring.ask_for_administrator(
                    session,
                    self.now,
                    account_id=self.account_id,
                    person_id=self.person_id(step),
                    email=self.world.address(who),
                    kind=kind,
                    instead_of_role_id=self._role_id(session, kind, step.instead_of)
                    if step.instead_of
                    else None,
                    via="portal",
                )

    def _asks_for_guest(self, step: Step) -> None:
        guest = step.asks_for_guest
        assert guest is not None
        with self.work() as session:
            caring.ask_for_guest(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.person_id(step),
                email=self.world.address(guest.who),
                since=guest.since,
                until=guest.until,
                via="portal",
            )

    def _ends(self, step: Step) -> None:
        for kind, who in (step.ends or {}).items():
            with self.work() as session:
                role_id = self._role_id(session, kind, who) or 0
                caring.end_role(
                    session,
                    self.now,
                    account_id=self.account_id,
                    person_id=self.person_id(step),
                    role_id=role_id,
                    via="portal",
                )

    def _skips(self, step: Step) -> None:
        with self.work() as session:
            repairing.skip_step(
                session,
                self.now,
                account_id=self.account_id,
                step=step.skips or "",
                person_id=self.person_id(step),
                reason=step.reason,
            )

    def _subscribes(self, step: Step) -> None:
        with self.work() as session:
            calendars.subscribe(session, self.now, person_id=self.person_id(step), via="portal")

    def _leaves(self, step: Step) -> None:
        with self.work() as session:
            person = session.get_one(Person, self.person_id(step))
            person.left_on = self.now.date()
            session.add(person)

    def _adopts(self, step: Step) -> None:
        self.written = with_changes(self.written, step.adopts or {})
        self.content = content_for(self.written)
        with self.work() as session:
            adopt(session, self.world.municipality_id, self.content, By(None, "cli"), self.now)

    def _rounds(self, step: Step) -> None:
        """The rounds, as their schedules would go them at that hour; then what has news is looked at."""
        for name in step.rounds:
            one = self._with_eyes().get(name) or ROUNDS[name]
            report = go_round(self.engine, one, self.now)
            assert report.failures == [], report.failures
        if self.account_id:
            self.look()

    def _with_eyes(self) -> dict[str, Round]:
        """Rounds that look outside; nobody has a name that is not the account's."""

        def find(platform: str, address: str, now: datetime) -> Occupant | None:
            return Occupant("1", "") if address == self.address else None

        return {
            "posting": posting.looking(lambda _: self._observe),
            "handles": handles.looking(find),
        }

    def newest_case(self, session: Session) -> Case:
        """The case that was opened last."""
        rows = select(Case).where(col(Case.account_id) == self.account_id)
        found: Case | None = session.execute(rows.order_by(col(Case.id).desc())).scalars().first()
        assert found is not None, "no case has been opened"
        return found

    def _opens_case(self, step: Step) -> None:
        given = step.opens_case
        assert given is not None
        report = cases.Report(
            kind=given.kind,
            noticed_at=instant_of(given.noticed) if given.noticed else self.now,
            evidence=[Evidence(b"Nils, 1 december: ...", is_text=True)] if given.saved else [],
            watcher_emails=[self.world.address(one) for one in given.watchers],
        )
        with self.work() as session:
            cases.open_case(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.person_id(step),
                report=report,
                via="portal",
            )

    def _does(self, step: Step) -> None:
        for name, given in (step.does or {}).items():
            with self.work() as session:
                case_id = self.newest_case(session).id or 0
                rows = select(UserTask).where(col(UserTask.case_id) == case_id, col(UserTask.step) == name)
                task = session.execute(rows).scalars().first()
                if task is None:
                    raise Refused("task_gone")
                cases.do_step(
                    session,
                    self.now,
                    case_id=case_id,
                    task_id=task.id or 0,
                    person_id=self.person_id(step),
                    given=CaseGiven(given.text, given.number, given.end, None, given.skipped),
                    to_email=self.world.address(given.to) if given.to else "",
                    via="portal",
                )

    def _closes_case(self, step: Step) -> None:
        with self.work() as session:
            cases.close_case(
                session,
                self.now,
                case_id=self.newest_case(session).id or 0,
                person_id=self.person_id(step),
                reason=step.reason,
                via="portal",
            )

    def _enter_absence(self, session: Session, who: str, away: Away) -> None:
        absences.enter(
            session,
            self.now,
            by_id=self.world.people[who],
            from_on=away.since,
            until_on=away.until,
            substitute_email=self.world.address(away.substitute) if away.substitute else "",
            via="portal",
        )

    def _goes_away(self, step: Step) -> None:
        assert step.who is not None and step.goes_away is not None
        with self.work() as session:
            self._enter_absence(session, step.who, step.goes_away)

    def _begins_crisis(self, step: Step) -> None:
        with self.work() as session:
            crises.begin(session, self.now, by_id=self.person_id(step), message=step.reason, via="portal")

    def _ends_crisis(self, step: Step) -> None:
        with self.work() as session:
            crises.end(session, self.now, by_id=self.person_id(step), via="portal")

    def _lets_rest(self, step: Step) -> None:
        assert step.lets_rest is not None
        with self.work() as session:
            resting.let_rest(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.person_id(step),
                from_on=step.lets_rest.since,
                until_on=step.lets_rest.until,
                via="portal",
            )

    def _lets_off(self, step: Step) -> None:
        assert step.lets_off is not None
        with self.work() as session:
            exempting.exempt(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.person_id(step),
                duty=step.lets_off.duty,
                until_on=step.lets_off.until,
                reason=step.reason,
                via="portal",
            )

    def _staff_list(self, step: Step) -> None:
        """A list that is refused changes nothing, and says so to whoever runs the round."""
        assert step.reads_staff is not None
        people = [name for name in self.world.people if name not in step.reads_staff.without]
        rows = ["namn;e-post", *(f"{self._name_of(name)};{self.world.address(name)}" for name in people)]
        rows += [f"{name.capitalize()};{self.world.address(name)}" for name in step.reads_staff.adds]
        with self.work() as session:
            law = law_in_force(session, self.world.municipality_id, self.now)
            file = StaffFile("personal.csv", "\n".join(rows).encode())
            read_staff(session, law, file, law.day_of(self.now), self.now, Findings())

    def _name_of(self, who: str) -> str:
        with self.reading() as session:
            return session.get_one(Person, self.world.people[who]).name

    def _confirms_watch(self, step: Step) -> None:
        with self.work() as session:
            watching.confirm_watch(
                session,
                self.now,
                person_id=self.person_id(step),
                account_ids=[self.account_id],
                via="link",
            )
        self.look()

    def _opens_old_case(self, step: Step) -> None:
        with self.work() as session:
            session.add(
                AccountCase(
                    municipality_id=self.world.municipality_id,
                    account_id=self.account_id,
                    kind="ovrigt",
                    label="Ett ärende",
                    opened_at=self.now,
                    noticed_at=self.now,
                    what="Någon skrev något.",
                    state=CaseState.CLOSED,
                    closed_at=self.now,
                )
            )
            for message in session.execute(select(Message).limit(1)).scalars():
                message.state, message.sent_at = MessageState.SENT, self.now

    # ---------------------------------------------------------------- evaluation, renewal, revision

    def _duty(self, step: Step, kind: TaskKind, item: str | None = None) -> UserTask:
        """The open duty of a kind that the person is asked, else any that is open."""
        rows = select(UserTask).where(
            col(UserTask.kind) == kind,
            col(UserTask.state) == TaskState.OPEN,
            or_(col(UserTask.account_id) == self.account_id, col(UserTask.account_id).is_(None)),
        )
        held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == self.person_id(step))
        with self.reading() as session:
            found = [one for one in session.execute(rows).scalars() if item in (None, one.step)]
            own = set(session.execute(held).scalars())
        if not found:
            raise Refused("task_gone")
        return next((one for one in found if one.id in own), found[0])

    def _evaluates(self, step: Step) -> None:
        task = self._duty(step, TaskKind.EVALUATE)
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            law = law_in_force(session, self.world.municipality_id, self.now)
            asked = asked_for(evaluation_of(session, task))
            questions = questions_for(law, account, law.day_of(self.now))
            evaluating.evaluate(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.person_id(step),
                outcome=step.evaluates or Outcome.CONTINUE,
                reason=step.reason,
                results={one["field"]: "Ett resultat." for one in asked},
                answers={
                    one.question: ("yes", "") for one in questions if one.question not in step.unanswered
                },
                rests_until=step.rests_until,
                via="link",
            )

    def _confirms_anew(self, step: Step) -> None:
        task = self._duty(step, TaskKind.RENEW, step.confirms_anew)
        with self.work() as session:
            renewals.confirm_anew(
                session, self.now, task_id=task.id or 0, person_id=self.person_id(step), given={}, via="link"
            )

    def _denies(self, step: Step) -> None:
        task, person_id = self._duty(step, TaskKind.RENEW, step.denies), self.person_id(step)
        with self.work() as session:
            renewals.deny(
                session, self.now, task_id=task.id or 0, person_id=person_id, what=step.reason, via="link"
            )

    def _reviews_guideline(self, step: Step) -> None:
        task = self._duty(step, TaskKind.REVIEW_GUIDELINE)
        with self.work() as session:
            guideline_review.review(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.person_id(step),
                size=None if step.reviews_guideline == "unchanged" else Size(step.reviews_guideline or ""),
                text=step.reason,
                via="link",
            )

    def _reports_directive(self, step: Step) -> None:
        with self.work() as session:
            guideline_review.report_directive(
                session, self.now, person_id=self.person_id(step), what=step.reason, via="portal"
            )

    def _proposes(self, step: Step) -> None:
        assert step.proposes is not None
        self.written = with_changes(self.written, step.proposes.changes)
        self.content = content_for(self.written)
        by = By(self.person_id(step) if step.who else None, "cli")
        with self.work() as session:
            size = Size(step.proposes.size)
            policies.propose(session, self.world.municipality_id, self.content, size, by, self.now)

    def _approves(self, step: Step) -> None:
        task = self._duty(step, TaskKind.APPROVE_POLICY)
        with self.work() as session:
            policies.decide(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.person_id(step),
                approve=bool(step.approves),
                reason=step.reason,
                via="link",
            )

    # ---------------------------------------------------------------- posts

    def _observe(self, subject: Subject, since: datetime | None, now: datetime) -> Observation | AskPerson:
        """The case's account as it is; the others have always just published something."""
        platform = self.platform if subject.address == self.address else Platform([now])
        return platform.observe(subject, since, now)

    def _set_platform(self, shows: str) -> None:
        if shows == "connector":
            self.platform.state = Missing.CONNECTOR
        else:
            self.platform.state = None if shows == "readable" else SightState(shows)

    def _publishes(self, step: Step) -> None:
        self.platform.posts.append(instant_of(step.publishes or ""))

    def _shows(self, step: Step) -> None:
        self._set_platform(step.shows or "readable")

    def _tells_posts(self, step: Step) -> None:
        told = step.tells_posts
        assert told is not None
        latest = told.latest.isoformat() if told.latest else ""
        with self.work() as session:
            posting.tell_posts(
                session,
                self.now,
                task_id=self._task(step, (TaskKind.TELL_POSTS,)).id or 0,
                person_id=self.person_id(step),
                answer=Answered(str(told.count), told.at_least, latest),
                via="link",
            )

    def _says_why_not(self, step: Step) -> None:
        with self.work() as session:
            posting.say_why_not(
                session,
                self.now,
                task_id=self._task(step, (TaskKind.POST,)).id or 0,
                person_id=self.person_id(step),
                reason=step.reason,
                via="link",
            )

    def _reviews(self, step: Step) -> None:
        assert step.reviews is not None
        with self.work() as session:
            inactivity.review(
                session,
                self.now,
                task_id=self._task(step, (TaskKind.REVIEW,)).id or 0,
                person_id=self.person_id(step),
                outcome=step.reviews.outcome,
                reason=step.reason,
                until_on=step.reviews.until,
                via="link",
            )

    _acts: ClassVar[dict[str, Callable[["Stage", Step], None]]] = {
        "writes": _writes,
        "applies": _applies,
        "rewrites": _rewrites,
        "sends": _sends,
        "revises": _revises,
        "answers": _answers,
        "hands_over_to": _hands_over,
        "confirms": _confirms,
        "takes_back": _takes_back,
        "withdraws": _withdraws,
        "asks_to_close": _asks_to_close,
        "asks_for": _asks_for,
        "asks_for_guest": _asks_for_guest,
        "ends": _ends,
        "skips": _skips,
        "subscribes": _subscribes,
        "leaves": _leaves,
        "evaluates": _evaluates,
        "confirms_anew": _confirms_anew,
        "denies": _denies,
        "reviews_guideline": _reviews_guideline,
        "reports_directive": _reports_directive,
        "proposes": _proposes,
        "approves": _approves,
        "adopts": _adopts,
        "goes_away": _goes_away,
        "begins_crisis": _begins_crisis,
        "ends_crisis": _ends_crisis,
        "lets_rest": _lets_rest,
        "lets_off": _lets_off,
        "reads_staff": _staff_list,
        "rounds": _rounds,
        "confirms_watch": _confirms_watch,
        "opens_old_case": _opens_old_case,
        "opens_case": _opens_case,
        "does": _does,
        "closes_case": _closes_case,
        "publishes": _publishes,
        "shows": _shows,
        "tells_posts": _tells_posts,
        "says_why_not": _says_why_not,
        "reviews": _reviews,
    }


def _yes_to(task: UserTask) -> Outcome:
    return Outcome.APPROVE if task.kind is TaskKind.DECIDE else Outcome.ANSWERED
