"""What one person may try in order to decide their own matter, or to choose who does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlmodel import col

from acts import absences, answering, caring, confirming, leaving, repairing, resting, staff_list
from acts.work import work
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.rounds import Findings
from models import (
    Absence,
    AccountRole,
    AccountRoleKind,
    LinkKind,
    Outcome,
    Person,
    TaskKind,
    TaskState,
    UserTask,
)
from notifications import links
from runtime.database import reading
from tests.roles.town import NAMES, TODAY, Town
from tests.roles.ways import filled_in

FRIENDS = ("frida", "hanna", "sune", "nils")
DECIDERS = ("bo", "cilla", "sune", "frida")


@dataclass
class Trying:
    """One person, in one matter of their own."""

    town: Town
    patch: pytest.MonkeyPatch
    who: str
    kind: str
    """Whose account: `usual`, `applied` or `decided`."""

    @property
    def account_id(self) -> int:
        return self.town.accounts[self.kind]

    @property
    def person_id(self) -> int:
        return self.town.id_of(self.who)

    def email(self, who: str) -> str:
        return self.town.world.email(self.who if who == "self" else who)

    def act(self, act: Callable[..., Any], **given: Any) -> None:
        """By one's own pages."""
        self.town.act(act, **given, via="portal")

    def fill_in(self, form: str, **fields: Any) -> None:
        """At the desk, and confirmed by the mailed link where it waits."""
        standing = filled_in(self.town, self.patch, form, self.email("self"), fields)
        if standing.waits:
            self.confirm()

    def confirm(self) -> None:
        """By the link in the letter."""
        town = self.town
        with work(town.engine, town.world.now) as session:
            rows = select(UserTask).where(
                col(UserTask.kind) == TaskKind.CONFIRM_ACT, col(UserTask.state) == TaskState.OPEN
            )
            task = session.execute(rows.order_by(col(UserTask.id).desc())).scalars().first()
            assert task is not None
            token = links.mint(
                session,
                kind=LinkKind.CONFIRM_ACT,
                municipality_id=town.world.municipality_id,
                email=self.email("self"),
                now=town.world.now,
                until=town.world.now + timedelta(days=1),
                person_id=self.person_id,
                task_id=task.id,
            )
            link = links.find(session, token, town.world.now).link
            assert link is not None and task.id is not None
            confirming.confirm(
                session, town.world.now, task_id=task.id, person_id=self.person_id, link_id=link.id or 0
            )

    def question(self) -> int:
        """The decision that waits; 0 when none does."""
        waiting = self.town.world.open_tasks(self.account_id)
        return next((one.id or 0 for one in waiting if one.kind is TaskKind.DECIDE), 0)

    def asked(self) -> dict[str, list[str]]:
        """Who is asked to decide which step about the account."""
        return {step: who for (_, _, step), who in self.questions().items()}

    def questions(self) -> dict[tuple[str, int, str], list[str]]:
        """The same by matter: an account may have more than one, for each role that is asked for."""
        names = {number: who for who, number in self.town.world.people.items()}
        waiting = self.town.world.open_tasks(self.account_id)
        return {
            (str(task.process), task.account_role_id or 0, task.step): [
                names.get(one, str(one)) for one in self.town.world.holders(task.id or 0)
            ]
            for task in waiting
            if task.kind is TaskKind.DECIDE
        }

    def first(self, table: Any, *where: Any) -> int:
        """The newest row's id; 0 when there is none."""
        with reading(self.town.engine) as session:
            rows = select(col(table.id)).where(*where).order_by(col(table.id).desc()).limit(1)
            return int(session.execute(rows).scalar() or 0)


Attempt = Callable[[Trying, str, str], None]
"""Somebody who may decide, and a friend to have in their place."""


def decides(it: Trying, decider: str, friend: str) -> None:
    it.act(
        answering.answer,
        task_id=it.question(),
        person_id=it.person_id,
        outcome=Outcome.APPROVE,
        seen_plan_version=None,
    )


def says_away(it: Trying, decider: str, friend: str) -> None:
    it.act(
        absences.enter,
        by_id=it.person_id,
        email=it.email(decider),
        from_on=TODAY,
        until_on=None,
        substitute_email=it.email(friend),
    )


def says_away_at_the_desk(it: Trying, decider: str, friend: str) -> None:
    it.fill_in("Frånvaro", person=it.email(decider), from_on=TODAY.isoformat(), substitute=it.email(friend))


def changes_absence(it: Trying, decider: str, friend: str) -> None:
    it.act(
        absences.change,
        by_id=it.person_id,
        absence_id=it.first(Absence, col(Absence.person_id) == it.town.id_of(decider)),
        until_on=None,
        substitute_email=it.email(friend),
    )


def ends_absence(it: Trying, decider: str, friend: str) -> None:
    absence_id = it.first(Absence, col(Absence.person_id) == it.town.id_of(decider))
    it.act(absences.end, by_id=it.person_id, absence_id=absence_id)


def says_left(it: Trying, decider: str, friend: str) -> None:
    it.act(
        leaving.ask,
        by_id=it.person_id,
        person_id=it.town.id_of(decider),
        last_on=TODAY - timedelta(days=1),
        all_to=it.email(friend),
    )
    it.confirm()


def says_left_at_the_desk(it: Trying, decider: str, friend: str) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    it.fill_in("Någon slutar", person=it.email(decider), last_on=yesterday, all_to=it.email(friend))


def hands_over(it: Trying, decider: str, friend: str) -> None:
    it.act(answering.hand_over, task_id=it.question(), person_id=it.person_id, to_email=it.email(friend))


def hands_over_at_the_desk(it: Trying, decider: str, friend: str) -> None:
    it.fill_in("Lämna över fråga", account=NAMES[it.kind][2], to=it.email(friend), reason="Min vän.")


def moves_question(it: Trying, decider: str, friend: str) -> None:
    it.act(
        repairing.move_task,
        task_id=it.question(),
        to_email=it.email(friend),
        person_id=it.person_id,
        reason="Min vän.",
    )


def _repairs(name: str) -> Attempt:
    def attempt(it: Trying, decider: str, friend: str) -> None:
        step = {} if name == "end_application" else {"step": "forvaltning"}
        to = {"to_email": it.email(friend)} if name == "ask_somebody" else {}
        act = getattr(repairing, name)
        who = {"account_id": it.account_id, "person_id": it.person_id, "reason": "Jag vill."}
        it.act(act, **who, **step, **to)

    attempt.__name__ = name
    return attempt


def reopens_first_step(it: Trying, decider: str, friend: str) -> None:
    it.act(
        repairing.reopen_step,
        account_id=it.account_id,
        step="chef",
        person_id=it.person_id,
        reason="Jag vill.",
    )


def moves_account(it: Trying, decider: str, friend: str) -> None:
    it.act(
        caring.change_unit,
        account_id=it.account_id,
        person_id=it.person_id,
        unit_id=it.town.world.units["office"],
    )


def moves_account_at_the_desk(it: Trying, decider: str, friend: str) -> None:
    it.fill_in("Flytta konto till annan enhet", account=NAMES[it.kind][2], unit="office")


def becomes_responsible(it: Trying, decider: str, friend: str) -> None:
    it.act(
        caring.ask_for_administrator,
        account_id=it.account_id,
        person_id=it.person_id,
        email=it.email("self"),
        kind=AccountRoleKind.RESPONSIBLE,
    )


def ends_role(it: Trying, decider: str, friend: str) -> None:
    role_id = it.first(AccountRole, col(AccountRole.account_id) == it.account_id)
    it.act(caring.end_role, account_id=it.account_id, person_id=it.person_id, role_id=role_id)


def sets_last_day(it: Trying, decider: str, friend: str) -> None:
    it.act(
        resting.set_end,
        account_id=it.account_id,
        person_id=it.person_id,
        ends_on=TODAY + timedelta(days=1),
    )


def imports_manager(it: Trying, decider: str, friend: str) -> None:
    lines = f"kod;namn;nivå;överordnad;chef\nculture;Kultur;förvaltning;municipality;{it.email(friend)}\n"
    it.fill_in("Läs in rader", what="Enheter", lines=lines)


def imports_themselves_as_manager(it: Trying, decider: str, friend: str) -> None:
    lines = f"kod;namn;nivå;överordnad;chef\nlibrary;Bibliotek;verksamhet;culture;{it.email('self')}\n"
    it.fill_in("Läs in rader", what="Enheter", lines=lines)


def imports_substitute(it: Trying, decider: str, friend: str) -> None:
    name, email = "Någon Annan", it.email(decider)
    lines = f"namn;e-post;ersättare\n{name};{email};{it.email(friend)}\n"
    it.fill_in("Läs in rader", what="Personer", lines=lines)


def imports_a_second_self(it: Trying, decider: str, friend: str) -> None:
    lines = f"namn;e-post;roller\nEn Annan;en.annan@{it.town.world.slug}.example.org;kommunikation\n"
    it.fill_in("Läs in rader", what="Personer", lines=lines)


def imports_account(it: Trying, decider: str, friend: str) -> None:
    _, platform, address = NAMES[it.kind]
    lines = f"namn;plattform;adress;enhet\nEget;{platform};{address};office\n"
    it.fill_in("Läs in rader", what="Konton", lines=lines)


def proposes_rules(it: Trying, decider: str, friend: str) -> None:
    it.fill_in("Föreslå nya regler", size="Mindre ändring", name="tibro")


def is_listed_under_a_new_address(it: Trying, decider: str, friend: str) -> None:
    """The night's list has them under another address: a second person, who is nobody in particular."""
    town = it.town
    with work(town.engine, town.world.now) as session:
        law = law_in_force(session, town.world.municipality_id, town.world.now)
        people = session.execute(select(Person)).scalars().all()
        own = [one for one in people if one.municipality_id == town.world.municipality_id]
        listed = [f"{one.name};{one.email}" for one in own if one.left_on is None]
        lines = "\n".join(["namn;e-post", *listed, f"Nytt Namn;nytt.namn@{town.world.slug}.example.org"])
        file = staff_list.StaffFile("lista.csv", lines.encode())
        staff_list.read_staff(session, law, file, TODAY, town.world.now, Findings())
        second = session.execute(
            select(col(Person.id)).where(col(Person.email).startswith("nytt.namn@"))
        ).scalar_one()
    it.act(answering.answer, task_id=it.question(), person_id=second, outcome=Outcome.APPROVE)


ATTEMPTS: tuple[Attempt, ...] = (
    decides,
    says_away,
    says_away_at_the_desk,
    changes_absence,
    ends_absence,
    says_left,
    says_left_at_the_desk,
    hands_over,
    hands_over_at_the_desk,
    moves_question,
    _repairs("reopen_step"),
    _repairs("skip_step"),
    _repairs("ask_somebody"),
    _repairs("end_application"),
    reopens_first_step,
    moves_account,
    moves_account_at_the_desk,
    becomes_responsible,
    ends_role,
    sets_last_day,
    imports_manager,
    imports_themselves_as_manager,
    imports_substitute,
    imports_a_second_self,
    imports_account,
    proposes_rules,
    is_listed_under_a_new_address,
)
BEFORE_APPLYING: tuple[Attempt, ...] = (
    says_away,
    says_away_at_the_desk,
    changes_absence,
    imports_themselves_as_manager,
    imports_a_second_self,
    proposes_rules,
)
"""What can be done before there is anything of one's own, and must not help afterwards."""

_WHOM = (st.sampled_from(DECIDERS), st.sampled_from((*FRIENDS, "self")))
SEQUENCES = st.lists(st.tuples(st.sampled_from(ATTEMPTS), *_WHOM), min_size=1, max_size=5)
EARLIER = st.lists(st.tuples(st.sampled_from(BEFORE_APPLYING), *_WHOM), min_size=1, max_size=3)


def tried(it: Trying, attempt: Attempt, decider: str, friend: str) -> bool:
    """Whether it was done; then the account's run looks. There may be nothing of the kind to do it with."""
    it.town.world.now += timedelta(seconds=1)
    try:
        attempt(it, decider, friend)
    except (Refused, NoResultFound):
        return False
    it.town.world.look(it.account_id)
    return True
