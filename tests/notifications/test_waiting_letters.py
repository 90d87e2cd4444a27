"""Letters that had to wait for the mail server: what the clock asks leaves in working hours, and as one."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from lifecycle.working_days import Calendar
from models import MessageState, TaskKind
from notifications.delivery import Delivered, deliver_due
from notifications.examples.cases_mornings import active, duty
from notifications.examples.making_cases import asked
from notifications.examples.making_cases import order as ordered
from notifications.examples.world import LETTERHEAD, build
from notifications.outbox import Order, queue_many
from runtime.database import writing
from tests.notifications.office import Office

CALENDAR = Calendar("Europe/Stockholm", time(8), time(17), frozenset(), ())
OFFICE_HOURS = replace(
    LETTERHEAD, leaves_at=lambda session, owner, of_day, instant: CALENDAR.working_time_from(instant)
)
FRIDAY_EVENING = datetime(2026, 12, 4, 18, 30, tzinfo=UTC)
"""When the mail server answers again: 19.30 in Stockholm."""
MONDAY_MORNING = datetime(2026, 12, 7, 7, 0, tzinfo=UTC)
"""08.00."""


def deliver(office: Office) -> Delivered:
    return deliver_due(office.sessions, office.post, OFFICE_HOURS, office.now)


@pytest.mark.parametrize("notice", ["reminder", "morning"])
def test_what_the_clock_brings_about_waits_for_working_hours(office: Office, notice: str) -> None:
    """REQUIREMENTS 3: reminders, digests and escalations go on working days only."""
    with writing(office.engine) as session:
        world = build(session)
        task = asked(world, world.per)
        told = (task, True) if notice == "reminder" else (None, False)
        context: dict[str, Any] = (
            {"number": 1} if notice == "reminder" else {"on": "2026-12-04", "reminded": [task.id]}
        )
        [message_id] = queue_many(session, [ordered(world, notice, world.per, *told, **context)], office.time)
    office.time = FRIDAY_EVENING
    assert deliver(office) == Delivered(postponed=1)
    waiting = office.message(message_id)
    assert (waiting.state, waiting.not_before, waiting.attempts) == (MessageState.QUEUED, MONDAY_MORNING, 0)
    assert deliver(office) == Delivered()
    office.time = MONDAY_MORNING
    assert deliver(office) == Delivered(sent=1)


def test_what_a_person_s_act_brings_about_leaves_at_once(office: Office) -> None:
    office.queue("decision_asked")
    office.time = FRIDAY_EVENING
    assert deliver(office) == Delivered(sent=1)


def mornings(office: Office) -> tuple[list[str], list[int]]:
    """Friday's letter and Monday's, both waiting; the second asks one thing more."""
    with writing(office.engine) as session:
        world = build(session)
        active(world)
        tasks = [duty(world, TaskKind.EVALUATE, "Utvärdera kontot"), duty(world, TaskKind.WEED, "Gallra")]
        ids = [task.id or 0 for task in tasks]
        friday: dict[str, Any] = {"on": "2026-12-04", "asked": ids[:1], "watch": [world.account_id]}
        monday: dict[str, Any] = {"on": "2026-12-07", "asked": ids[1:], "reminded": ids[:1]}
        orders = [ordered(world, "morning", world.sara, None, False, **told) for told in (friday, monday)]
        orders = [Order(**vars(one) | {"dedupe_key": f"morning:{n}"}) for n, one in enumerate(orders)]
        return queue_many(session, orders, office.time), ids


@pytest.mark.parametrize("first", [0, 1], ids=["the older first", "the newer first"])
def test_two_mornings_that_waited_leave_as_one(office: Office, first: int) -> None:
    (friday, monday), (evaluate, weed) = mornings(office)
    office.change(
        "UPDATE message SET not_before = :later WHERE id = :id",
        later=datetime(2026, 12, 7, 7, 40),
        id=(friday, monday)[1 - first],
    )
    office.time = datetime(2026, 12, 7, 7, 10, tzinfo=UTC)
    assert deliver(office) == Delivered(sent=1)
    office.time = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
    assert deliver(office) == Delivered()
    sent, taken_up = (office.message(id) for id in ((friday, monday)[first], (friday, monday)[1 - first]))
    assert (sent.state, taken_up.state) == (MessageState.SENT, MessageState.NOT_NEEDED)
    assert sent.context == {"on": "2026-12-07", "asked": [evaluate, weed], "reminded": [evaluate]}
    [mail] = office.server.behaviour.taken
    text = mail.get_body(("plain",)).get_content()
    assert "Utvärdera kontot" in text and "Gallra" in text


def test_another_s_morning_is_left_alone(office: Office) -> None:
    (friday, _), (evaluate, _) = mornings(office)
    office.change(
        "UPDATE message SET person_id = (SELECT id FROM person WHERE email = 'per@example.org')"
        " WHERE id = :id",
        id=friday,
    )
    office.time = MONDAY_MORNING
    deliver(office)
    assert office.message(friday).context["asked"] == [evaluate]
