"""Posting: when it is looked at, what is kept, who is asked to post or to tell, and what is taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from acts import looking_into, posting
from acts.posting import PostsUnclear
from acts.rounds import go_round
from connectors.sights import AskPerson, Missing, Subject
from connectors.sights import Observation as Seen
from lifecycle.law import law_in_force
from lifecycle.posting import latest_posting_day
from lifecycle.sights import Sight, keep_sight
from models import (
    Absence,
    Account,
    AccountSource,
    AuditEvent,
    Exemption,
    IdentityChange,
    Observation,
    Outcome,
    SightState,
    TaskKind,
    TaskState,
)
from runtime.database import reading
from tests.lifecycle.posted_town import REGULARLY, WEEKLY, PostedTown
from tests.lifecycle.town import CLAUSE, refused_of, step
from tests.policies.case_world import instant_of


def days_of(town: PostedTown, first: str, last: str) -> list[str]:
    """The days that are posting days."""
    with reading(town.engine) as session:
        law = law_in_force(session, town.municipality_id, town.now)
    day, found = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        found += [day.isoformat()] if latest_posting_day(law, day) == day else []
        day += timedelta(days=1)
    return found


# ---------------------------------------------------------------- which days, which accounts


def test_twice_a_week_and_on_the_next_working_day_when_red() -> None:
    """REQUIREMENTS 3. Christmas Eve and New Year's Eve 2026 are Thursdays, and Epiphany 2027 a Wednesday."""
    assert days_of(PostedTown(), "2026-12-14", "2027-01-14") == [
        "2026-12-14", "2026-12-17", "2026-12-21", "2026-12-28", "2027-01-04", "2027-01-07", "2027-01-11",
        "2027-01-14",
    ]  # fmt: skip


def test_on_the_municipalitys_own_days() -> None:
    town = PostedTown(settings={"posting_days": ["wednesday"]})
    assert days_of(town, "2026-12-14", "2027-01-14") == [
        "2026-12-16", "2026-12-23", "2026-12-30", "2027-01-07", "2027-01-13",
    ]  # fmt: skip


def test_a_day_is_done_once_and_a_silent_one_is_made_up_for_once() -> None:
    town = PostedTown()
    town.at("2026-12-10")
    assert (town.check().done, town.platform.looks) == (1, 1)
    assert (town.check().done, town.platform.looks) == (0, 1)
    town.at("2026-12-11")
    assert town.check().done == 0
    town.at("2026-12-23")  # Nothing ran on the 14th, the 17th and the 21st.
    assert (town.check().done, town.platform.looks) == (1, 2)
    assert town.check().done == 0


@pytest.mark.parametrize("hour", ["2026-12-10 00:30", "2026-12-10 03:00"])
def test_not_before_its_hour(hour: str) -> None:
    town = PostedTown()
    town.at("2026-12-08")
    town.check()
    town.at(hour)
    assert town.check().done == 0


def test_where_no_rule_asks_for_posts_nobody_looks() -> None:
    """A dash in the matrix: nothing is asked. A permission to post asks for nothing either."""
    for rules in ([], [{"modality": "may", "clauses": [CLAUSE]}]):
        town = PostedTown({"posting": rules})
        town.at("2026-12-17")
        town.check()
        assert town.platform.looks == 0 and town.observations() == []


def test_inactivity_that_counts_posts_is_reason_enough_to_look() -> None:
    rule = {"counts": ["posts"], "outcome": "assess", "clauses": [CLAUSE]}
    town = PostedTown({"posting": [], "inactivity": rule})
    town.at("2026-12-17")
    town.check()
    assert town.platform.looks == 1 and town.duties(TaskKind.POST) == []


def test_resting_accounts_and_those_whose_day_has_not_come_are_let_be() -> None:
    """REQUIREMENTS 2.7, 2.8."""
    for values in (
        {"rests_from_on": date(2026, 12, 2), "rests_until_on": date(2026, 12, 18)},
        {"duties_from_on": date(2026, 12, 18)},
    ):
        town = PostedTown()
        town.change(**values)
        town.at("2026-12-17")
        town.check()
        assert town.platform.looks == 0
        town.at("2026-12-21")
        town.check()
        assert town.platform.looks == 1 and town.duties(TaskKind.POST) == [], "its window has just begun"
        town.go_days("2027-01-04", mornings=False)
        assert len(town.duties(TaskKind.POST)) == 1


def test_an_account_that_is_let_off_is_let_be() -> None:
    town = PostedTown()
    exempt(town, "posting")
    town.at("2026-12-17")
    town.check()
    assert town.platform.looks == 0


def exempt(town: PostedTown, duty: str) -> None:
    with town.work() as session:
        session.add(
            Exemption(
                account_id=town.account_id,
                duty=duty,
                from_on=date(2026, 12, 2),
                until_on=date(2027, 6, 1),
                reason="Ombyggnad.",
                decided_at=town.now,
            )
        )


# ---------------------------------------------------------------- what is kept


def test_what_was_seen_is_kept_and_counted_from_the_last_good_look() -> None:
    town = PostedTown()
    town.publishes("2026-12-02")
    town.at("2026-12-03")
    town.check()
    town.publishes("2026-12-04")
    town.publishes("2026-12-05")
    town.platform.state = SightState.UNREACHABLE
    town.at("2026-12-07")
    town.check()
    assert town.source().problem == "unreachable"
    town.platform.state = None
    town.at("2026-12-10")
    town.check()
    seen = [(one.state, one.count, one.since_at, one.source) for one in town.observations()]
    third = instant_of("2026-12-03 05:10")
    assert seen == [
        ("ok", 1, None, "provet"),
        ("unreachable", 0, third, "provet"),
        ("ok", 2, third, "provet"),
    ]
    account = town.account()
    assert account.posted_at == instant_of("2026-12-05 12:00")
    assert account.seen_at == instant_of("2026-12-10 05:10")
    assert (town.source().problem, town.source().problem_since_at) == ("", None)


def test_what_was_told_while_it_was_looked_at_is_not_counted_twice() -> None:
    """The look counted from before what somebody told, and its posts are among those."""
    town = PostedTown()
    told_at = instant_of("2026-12-10 05:09")
    seen = Observation(
        account_id=town.account_id,
        state=SightState.OK,
        checked_at=instant_of("2026-12-10 05:10"),
        count=3,
        source="provet",
    )
    town.change(seen_at=told_at)
    with town.work() as session:
        account, source = session.get_one(Account, town.account_id), AccountSource(account_id=town.account_id)
        keep_sight(session, account, source, Sight(town.account_id, seen.checked_at, seen))
    assert town.observations() == [] and town.account().seen_at == told_at


def test_one_that_fails_is_told_and_stops_no_other_and_is_looked_at_again() -> None:
    town = PostedTown()
    first = town.account_id
    second = town.apply(administrators=["tove"], responsible=["tove"], address="https://example.org/b")
    town.at("2026-12-10")
    calls, platform = list[str](), town.platform

    def observe(subject: Subject, since: datetime | None, now: datetime) -> Seen | AskPerson:
        calls.append(subject.address)
        if subject.address.endswith("/a") and len(calls) < 3:
            raise RuntimeError("ett fel i ett program")
        return platform.observe(subject, since, now)

    eyes = posting.looking(lambda municipality_id: observe)
    [failure] = go_round(town.engine, eyes, town.now).failures
    assert failure.subject == f"konto {first}" and "acts/posting.py" in failure.says
    assert "ett fel i ett program" not in failure.says, "an error's words may quote somebody"
    assert [seen.account_id for seen in town.observations()] == [second]
    assert go_round(town.engine, eyes, town.now).failures == []
    assert sorted(calls) == ["https://example.org/a", "https://example.org/a", "https://example.org/b"]


def test_a_clock_set_back_is_told_and_nobody_is_asked() -> None:
    town = PostedTown()
    town.change(seen_at=instant_of("2027-01-10 05:10"))
    town.at("2026-12-17")
    [failure] = town.check().failures
    assert "klockan" in failure.says
    assert town.platform.looks == 0 and town.duties() == []


def test_a_platform_that_wants_to_be_left_alone_is() -> None:
    town = PostedTown()
    town.platform.state, town.platform.retry_after = SightState.RATE_LIMITED, timedelta(days=5)
    town.at("2026-12-10")
    town.check()
    town.at("2026-12-14")
    town.check()
    assert town.platform.looks == 1
    town.at("2026-12-17")
    town.check()
    assert town.platform.looks == 2


def test_for_a_past_day_nothing_outside_is_asked_and_what_was_stored_is_judged() -> None:
    town = PostedTown()
    town.publishes("2026-12-02")
    town.at("2026-12-17")
    town.check()
    assert [task.step for task in town.duties(TaskKind.POST)] == ["publicering"]
    looks = town.platform.looks
    town.at("2027-01-15 10:00")
    town.check(as_of=date(2026, 12, 10))
    assert town.platform.looks == looks
    assert len(town.duties(TaskKind.POST)) == 1, "what is asked since is not taken back"


# ---------------------------------------------------------------- nothing was posted


def test_a_must_that_is_not_kept_asks_the_administrators_once_for_each_gap() -> None:
    """Tib 2; settings.posting_window_days: 14."""
    town = PostedTown()
    town.publishes("2026-12-02")
    town.go_days("2026-12-16", mornings=False)
    assert town.duties(TaskKind.POST) == []
    town.go_days("2026-12-17", mornings=False)
    [task] = town.duties(TaskKind.POST)
    assert task.label == "Inget inlägg sedan 2 december: publicera, eller skriv varför"
    assert town.holders(task) == ["elin", "omar"] and task.modality == "must"
    assert [one["ref"] for one in task.clauses] == [CLAUSE]
    assert town.account().waits_for == "Aktiv · Inget publicerat"
    town.go_days("2026-12-29", mornings=False)
    assert len(town.duties(TaskKind.POST)) == 1


def test_it_ends_by_itself_when_a_post_is_seen() -> None:
    town = PostedTown()
    town.go_days("2026-12-17", mornings=False)
    assert [task.label for task in town.duties(TaskKind.POST)] == [
        "Inget känt inlägg, räknat från 1 december: publicera, eller skriv varför"
    ]
    town.publishes("2026-12-18")
    town.go_days("2026-12-21", mornings=False)
    assert town.duties(TaskKind.POST) == [] and town.account().waits_for == "Aktiv"
    assert len(town.duties(TaskKind.POST, state=TaskState.WITHDRAWN)) == 1
    town.go_days("2027-01-04", mornings=False)
    assert [task.label for task in town.duties(TaskKind.POST)] == [
        "Inget inlägg sedan 18 december 2026: publicera, eller skriv varför"
    ]


def test_a_reason_is_enough_until_the_next_gap() -> None:
    town = PostedTown()
    town.go_days("2026-12-17", mornings=False)
    [task] = town.duties(TaskKind.POST)
    town.say_why_not("omar", task, "Biblioteket bygger om till februari.")
    town.go_days("2027-01-15", mornings=False)
    assert town.duties(TaskKind.POST) == []


def test_nobody_answers_a_must_and_the_ladder_is_climbed() -> None:
    """Settings: three working days, three more, then communications."""
    town = PostedTown()
    town.go_days("2027-01-15")
    [task] = town.duties(TaskKind.POST)
    assert (task.reminders, task.escalated_at is not None) == (2, True)
    assert town.account().red_reason == "no_answer:publicering"
    told = [set(one) - {"on"} for one in town.mornings("omar")]
    assert told == [{"asked"}, {"reminded"}, {"reminded"}]
    assert [set(told) for told in town.mornings("petra")] == [{"escalated", "on"}]


def test_a_should_is_reminded_of_and_never_held_against_the_account() -> None:
    """Tib 2: rather once or twice a week."""
    town = PostedTown({"posting": [WEEKLY[1]]})
    town.go_days("2027-01-20")
    [task] = town.duties(TaskKind.POST)
    assert (task.modality, task.escalated_at) == ("should", None)
    assert town.account().red_reason == "" and town.mornings("petra") == []
    assert len(town.mornings("omar")) == 3


def test_what_should_be_gives_way_to_what_must() -> None:
    town = PostedTown({"posting": WEEKLY})
    town.go_days("2026-12-10", mornings=False)
    assert [task.modality for task in town.duties(TaskKind.POST)] == ["should"]
    town.go_days("2026-12-17", mornings=False)
    assert [task.modality for task in town.duties(TaskKind.POST)] == ["must"]


def test_so_many_a_week() -> None:
    town = PostedTown({"posting": [{"a_week_at_least": 3, "clauses": [CLAUSE]}]})
    for day in ("2026-12-07", "2026-12-09"):
        town.publishes(day)
    town.go_days("2026-12-10", mornings=False)
    assert [task.label for task in town.duties(TaskKind.POST)] == [
        "Färre än 3 inlägg på 7 dagar: publicera, eller skriv varför"
    ]
    town.publishes("2026-12-11")
    town.go_days("2026-12-14", mornings=False)
    assert town.duties(TaskKind.POST) == []


def test_who_is_away_is_not_asked_and_with_nobody_there_it_waits() -> None:
    town = PostedTown()
    with town.work() as session:
        for who in ("elin", "omar"):
            session.add(
                Absence(
                    municipality_id=town.municipality_id,
                    person_id=town.people[who],
                    from_on=date(2026, 12, 15),
                    until_on=date(2026, 12, 20 if who == "omar" else 28),
                    entered_at=town.now,
                )
            )
    town.go_days("2026-12-17", mornings=False)
    assert town.duties(TaskKind.POST) == []
    town.go_days("2026-12-21", mornings=False)
    assert [town.holders(task) for task in town.duties(TaskKind.POST)] == [["omar"]]


# ---------------------------------------------------------------- nobody could see


@pytest.mark.parametrize("state", ["gone", "private", "auth_expired", "no_permission", "malformed"])
def test_an_account_that_cannot_be_read_asks_its_administrators_at_once(state: str) -> None:
    town = PostedTown()
    town.publishes("2026-12-02")
    town.go_days("2026-12-03", mornings=False)
    town.platform.state = SightState(state)
    town.go_days("2026-12-07", mornings=False)
    [task] = town.duties(TaskKind.TELL_POSTS)
    assert town.holders(task) == ["elin", "omar"]
    assert task.details == {"problem": state, "says": "Det gick inte."}
    assert town.account().waits_for == "Aktiv · Väntar på svar om inlägg"
    town.go_days("2026-12-31", mornings=False)
    assert town.duties(TaskKind.POST) == [], "an error is never no posts, also when 14 days have gone"
    assert len(town.duties(TaskKind.TELL_POSTS)) == 1


@pytest.mark.parametrize("state", ["unreachable", "rate_limited"])
def test_what_often_passes_is_waited_out_for_two_rounds(state: str) -> None:
    town = PostedTown()
    town.go_days("2026-12-03", mornings=False)
    town.platform.state = SightState(state)
    town.go_days("2026-12-07", mornings=False)
    assert town.duties(TaskKind.TELL_POSTS) == []
    town.go_days("2026-12-10", mornings=False)
    assert len(town.duties(TaskKind.TELL_POSTS)) == 1
    town.platform.state = None
    town.go_days("2026-12-14", mornings=False)
    assert town.duties(TaskKind.TELL_POSTS) == []
    assert len(town.duties(TaskKind.TELL_POSTS, state=TaskState.WITHDRAWN)) == 1


def test_a_person_is_asked_when_nothing_more_is_known_and_not_each_time() -> None:
    town = PostedTown()
    town.platform.state = Missing.CONNECTOR
    town.go_days("2026-12-07", mornings=False)
    [task] = town.duties(TaskKind.TELL_POSTS)
    town.at("2026-12-08 09:00")
    town.tell("elin", task, "2", "2026-12-07")
    [told] = town.observations()
    assert (told.state, told.count, told.complete, told.source) == ("ok", 2, True, "manual")
    assert told.by_id == town.people["elin"]
    town.go_days("2026-12-21", mornings=False)
    assert town.duties(TaskKind.TELL_POSTS) == [] and town.duties(TaskKind.POST) == []
    town.go_days("2026-12-28", mornings=False)
    assert len(town.duties(TaskKind.TELL_POSTS)) == 1, "the 14 days since the 7th have passed"


def test_nothing_since_last_is_an_answer_and_asks_to_post_at_once() -> None:
    town = PostedTown()
    town.platform.state = Missing.CONNECTOR
    town.go_days("2026-12-18", mornings=False)
    [task] = town.duties(TaskKind.TELL_POSTS)
    town.at("2026-12-18 09:00")
    town.tell("elin", task, "0")
    assert [post.label for post in town.duties(TaskKind.POST)] == [
        "Inget känt inlägg, räknat från 1 december: publicera, eller skriv varför"
    ]
    [post] = town.duties(TaskKind.POST)
    town.at("2026-12-19 09:00")
    town.tell("omar", post, "1", "2026-12-19")
    assert town.duties(TaskKind.POST) == [] and town.account().posted_at is not None


def test_a_round_gone_for_an_earlier_hour_of_today_asks_once_for_one_problem() -> None:
    """It is judged as of that hour, and the look that met the problem is from a later one."""
    town = PostedTown()
    town.platform.state = Missing.CONNECTOR
    town.at("2026-12-17 14:00")
    town.check(as_of=date(2026, 12, 17))
    [task] = town.duties(TaskKind.TELL_POSTS)
    town.tell("elin", task, "0")
    [post] = town.duties(TaskKind.POST)
    town.at("2026-12-18 09:00")
    town.tell("omar", post, "1", "2026-12-18")
    assert town.duties(TaskKind.TELL_POSTS) == []


def test_an_answer_that_cannot_be_right_is_refused_field_by_field() -> None:
    town = PostedTown()
    town.platform.state = Missing.CONNECTOR
    town.go_days("2026-12-18", mornings=False)
    [task] = town.duties(TaskKind.TELL_POSTS)
    with pytest.raises(PostsUnclear) as refused:
        town.tell("elin", task, "många", "2027-05-01")
    assert set(refused.value.faults) == {"count"}
    with pytest.raises(PostsUnclear) as refused:
        town.tell("elin", task, "1", "2027-05-01")
    assert set(refused.value.faults) == {"latest_on"} and "inte varit än" in refused.value.says()
    assert town.duties(TaskKind.TELL_POSTS) == [task] and town.observations() == []


def test_an_account_that_can_be_read_speaks_for_itself() -> None:
    town = PostedTown()
    town.go_days("2026-12-17", mornings=False)
    [post] = town.duties(TaskKind.POST)
    assert refused_of(town.tell, "elin", post, "1", "2026-12-17") == "reads_itself"


def test_a_key_that_opens_no_more_is_one_task_at_communications_for_each_platform() -> None:
    town = PostedTown()
    for name in ("b", "c"):
        town.apply(administrators=["tove"], responsible=["tove"], address=f"https://example.org/{name}")
    town.platform.state = SightState.AUTH_EXPIRED
    town.go_days("2026-12-10", mornings=False)
    [task] = town.municipal()
    assert town.holders(task) == ["petra", "david"]
    assert task.label == "Kanalvakt kommer inte längre åt Instagram: förnya nyckeln"
    assert len(task.details["accounts"]) == 3
    answer_municipal(town, "petra")
    assert town.municipal() == []
    town.go_days("2026-12-14", mornings=False)
    assert len(town.municipal()) == 1, "it still fails, whatever was answered"
    town.platform.state = None
    town.go_days("2026-12-17", mornings=False)
    assert town.municipal() == []


def answer_municipal(town: PostedTown, who: str) -> None:
    [task] = town.municipal()
    with town.work() as session:
        looking_into.put_right(
            session, town.now, task_id=task.id or 0, person_id=town.people[who], what="Förnyad.", via="link"
        )


def test_a_missing_key_is_nobodys_fault() -> None:
    town = PostedTown()
    town.platform.state = Missing.TOKEN
    town.go_days("2026-12-10", mornings=False)
    assert town.municipal() == [] and len(town.duties(TaskKind.TELL_POSTS)) == 1


@pytest.mark.parametrize(
    ("change", "holders"),
    [
        (IdentityChange.RENAMED, ["elin", "omar"]),
        (IdentityChange.TAKEN_OVER, ["elin", "omar", "petra", "david"]),
    ],
)
def test_an_account_whose_address_leads_elsewhere_is_asked_about(
    change: IdentityChange, holders: list[str]
) -> None:
    """REQUIREMENTS 4.7."""
    town = PostedTown()
    town.platform.change = change
    town.go_days("2026-12-10", mornings=False)
    [task] = town.duties(TaskKind.LOOK_INTO)
    assert town.holders(task) == holders
    town.platform.change = None
    town.go_days("2026-12-14", mornings=False)
    assert town.duties(TaskKind.LOOK_INTO) == []


def test_an_account_being_closed_is_asked_nothing_more() -> None:
    town = PostedTown(
        {"posting": REGULARLY, "closing_items": [{"item": "x", "label": "X", "clauses": [CLAUSE]}]}
    )
    town.go_days("2026-12-17", mornings=False)
    assert len(town.duties(TaskKind.POST)) == 1
    town.ask_to_close("elin")
    assert town.state == "closing"
    town.go_days("2026-12-21", mornings=False)
    assert town.duties(TaskKind.POST) == []


def test_one_whose_closing_is_considered_is_asked_nothing_more_until_it_is_kept() -> None:
    town = PostedTown({"closing": [step("beslut", "decide", "communications")]})
    town.go_days("2026-12-17", mornings=False)
    assert len(town.duties(TaskKind.POST)) == 1
    town.ask_to_close("elin")
    town.go_days("2026-12-21", mornings=False)
    assert town.duties() == []
    town.at("2026-12-22 10:00")
    town.answer("petra", Outcome.DECLINE, "Det behövs.")
    town.publishes("2026-12-22")
    town.go_days("2027-01-07", mornings=False)
    assert len(town.duties(TaskKind.POST)) == 1, "a new gap, since the 22nd"


def test_each_round_is_one_event_with_a_hash_of_what_it_asked() -> None:
    town = PostedTown()
    town.go_days("2026-12-17", mornings=False)
    with town.reading() as session:
        events = session.execute(select(AuditEvent)).scalars().all()
    [checked] = [one for one in events if one.kind == "posting_checked"]
    assert checked.facts["count"] == 1 and len(checked.facts["sha256"]) == 64


def test_everything_is_stored_in_utc() -> None:
    town = PostedTown()
    town.go_days("2026-12-03", mornings=False)
    assert town.observations()[-1].checked_at == datetime(2026, 12, 3, 4, 10, tzinfo=UTC)
