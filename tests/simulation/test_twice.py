"""Every round, gone once more for a day on which it has been gone, changes nothing (REQUIREMENTS 3).

A round that met trouble is not put down as done and is gone again at its next hour: what it had done already
it does not do once more.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from acts.rounds import Round, go_round
from models import RoundDone, metadata
from runtime.database import reading, writing
from simulation.outside import rounds_with
from simulation.playing import Play
from tests.simulation.playing import POLICIES, quiet_weeks

FROM_ON, MONTH_BEGINS = date(2027, 2, 1), date(2027, 3, 1)
"""A Monday on which the rounds of the month are gone, too."""
DAYS = 3
pytestmark = pytest.mark.timeout(300)


def everything(engine: Engine) -> dict[str, list[Any]]:
    """What is in the database, but for which rounds are done."""
    with reading(engine) as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
            if table.name != RoundDone.__tablename__
        }


def go(play: Play, one: Round) -> int:
    """Go it, and let what follows follow; how many times it was gone."""
    report = go_round(play.engine, one, play.now)
    play.follow()
    return report.done


@pytest.mark.parametrize("policy", POLICIES)
def test_a_round_gone_twice_changes_nothing_the_second_time(policy: str) -> None:
    play = quiet_weeks(policy, FROM_ON, MONTH_BEGINS, at_desks=True)
    law, gone, more = play.law(), set[str](), dict[str, Any]()
    for day in (MONTH_BEGINS + timedelta(days=number) for number in range(DAYS)):
        rounds = rounds_with(play.engine, play.lives, FROM_ON, 1)
        for one in sorted(rounds, key=lambda one: one.hour(law)):
            play.pass_time(law.calendar.at(day, one.hour(law)))
            if go(play, one):
                once = everything(play.engine)
                with writing(play.engine) as session:
                    session.execute(delete(RoundDone).where(RoundDone.round == one.name))  # type: ignore[arg-type]
                assert go(play, one) == 1
                if rows := changed(once, everything(play.engine)):
                    more[f"{one.name} {day}"] = rows
                gone.add(one.name)
    assert more == {}
    assert {one.name for one in play.rounds} - gone <= NOT_GONE


NOT_GONE: set[str] = set()
"""Rounds that have no hour on these days."""


def changed(once: dict[str, list[Any]], twice: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """By table: what is there the second time and was not the first."""
    return {
        name: [row for row in rows if row not in once[name]]
        for name, rows in twice.items()
        if rows != once[name]
    }
