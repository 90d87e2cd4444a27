"""Filling in a form as a test does it, and using the link in the letter that follows."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import by_form, confirming
from acts.by_form import Filled, FormDesk, Standing, Told
from lifecycle.refusals import Refused
from models import AuditEvent, FormRun, LinkKind, Message, TaskKind, TaskState, UserTask
from notifications import links
from tests.lifecycle.town import DOMAIN, Town

RUNS = count(1)


def fill_in(town: Town, act: Callable[[FormDesk], Told], who: str = "petra", run: str = "") -> Standing:
    filled = Filled(run or f"run-{next(RUNS)}", f"{who}@{DOMAIN}")
    return by_form.fill_in(town.engine, filled, act, town.now)


def waiting(town: Town) -> UserTask:
    with town.reading() as session:
        rows = select(UserTask).where(
            col(UserTask.kind) == TaskKind.CONFIRM_ACT, col(UserTask.state) == TaskState.OPEN
        )
        return session.execute(rows).scalars().one()


def confirm(town: Town, who: str = "petra", *, drop: bool = False) -> None:
    """By the link in the letter."""
    task = waiting(town)
    with town.work() as session:
        token = links.mint(
            session,
            kind=LinkKind.CONFIRM_ACT,
            municipality_id=town.municipality_id,
            email=f"{who}@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=1),
            person_id=town.people[who],
            task_id=task.id,
        )
        link = links.find(session, token, town.now).link
        assert link is not None
        act = confirming.drop if drop else confirming.confirm
        act(session, town.now, task_id=task.id or 0, person_id=town.people[who], link_id=link.id or 0)
    town.look()


def refused(town: Town, act: Callable[[FormDesk], Told], who: str = "petra") -> Refused:
    """Why it was refused; nothing has changed by it."""
    before = everything(town)
    with pytest.raises(Refused) as caught:
        fill_in(town, act, who)
    assert everything(town) == before
    return caught.value


def everything(town: Town) -> tuple[int, int, int, int]:
    with town.reading() as session:
        counts = [len(session.execute(select(one)).all()) for one in (AuditEvent, UserTask, Message, FormRun)]
    return counts[0], counts[1], counts[2], counts[3]
