"""The eight overviews say who, since when, how long is left and on which clause, the worst first."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from acts import reporting, watching
from acts.overview_pages import OVERVIEWS, Page
from acts.overview_words import RED, ROUNDS, RULES, days_left_words, red_words, window_words
from acts.round_list import ROUNDS as ALL_ROUNDS
from acts.rounds import go_round
from acts.silence import rounds_stand
from acts.work import work
from lifecycle import overview
from lifecycle.law import law_in_force
from lifecycle.overview import working_days_between
from lifecycle.posting_stands import Window
from lifecycle.process import account_for_look
from lifecycle.reporting import Said
from models import Absence, Account, Outcome, Process, TaskKind, UserTask
from policies.rules import Rules
from runtime.database import reading
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.posted_town import PostedTown
from tests.lifecycle.test_cases import CaseTown
from tests.lifecycle.test_watching import WatchedTown
from tests.lifecycle.town import Town
from tests.web.world import World

ASK_NOBODY = {
    "plan", "owner", "platforms", "names", "stops", "headcounts", "assignment", "evaluation_questions",
    "public_register", "crisis", "other_links", "advice",
}  # fmt: skip
"""Rules that are held to when somebody does something, or that only say something."""


def made(town: Town, name: str) -> Page:
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        return OVERVIEWS[name].make(session, law, town.now)


def texts(page: Page) -> list[dict[str, str]]:
    return [{column: cell.text for column, cell in zip(page.columns, row, strict=True)} for row in page.rows]


def test_a_waiting_decision_says_who_since_when_how_long_and_why() -> None:
    town = Town(memory_engine())
    town.apply()
    [row] = texts(made(town, "beslut"))
    assert row["Fråga"] == "Steget chef" and row["Konto"] == "Instagram ”Biblioteket”"
    assert row["Vem"] == "Karin" and row["Sedan"] == "1 dec." and row["Punkt"] == "punkt 1"
    town.now += timedelta(days=1)
    later = texts(made(town, "beslut"))[0]["Kvar"]
    assert int(row["Kvar"].split()[0]) == int(later.split()[0]) + 1


def test_of_several_waiting_decisions_the_longest_wait_comes_first() -> None:
    town = Town(memory_engine())
    town.apply(name="Ett")
    town.now += timedelta(days=1)
    town.apply(name="Två", address="https://example.org/b")
    assert [row["Konto"] for row in texts(made(town, "beslut"))] == ["Instagram ”Ett”", "Instagram ”Två”"]


def test_a_decision_whose_ladder_has_ended_is_overdue_and_stands_in_today() -> None:
    """A decide step climbs its ladder and then stands red; silence never approves (REQUIREMENTS 2.2)."""
    town = Town(memory_engine())
    town.apply()
    assert made(town, "forsenat").rows == []
    for _ in range(30):
        town.now += timedelta(days=1)
        town.look()
    [late] = texts(made(town, "forsenat"))
    assert late["Vem"] == "Karin" and late["Uppgift"] == "Steget chef"
    assert texts(made(town, "idag"))[0]["Vad"] == "Ingen har svarat trots påminnelser"
    assert "sedan" in texts(made(town, "beslut"))[0]["Kvar"]


def test_what_a_visitor_has_reported_stands_in_today_until_somebody_has_looked(engine: Engine) -> None:
    """An account that nobody knows has no page and no deadline, and is looked into all the same."""
    world = World(engine)
    said = Said("unknown", "Är det ni?", "facebook.com/exempelbyy")
    with work(engine, world.now) as session:
        reporting.report_unknown(session, world.now, municipality_id=world.municipality_id, said=said)
    with reading(engine) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        page = OVERVIEWS["idag"].make(session, law, world.now)
    assert page.in_short == "Inget annat ska vara klart i dag. 1 sak att reda ut."
    assert page.second is not None
    [row] = texts(page.second)
    assert page.second.rows[0][0].place == "idag", "where it is answered"
    assert row["Vad"] == "En besökare har hittat ett konto och undrar om det är vårt"
    assert (row["Konto"], row["Vem"], row["Sedan"]) == ("Hela kommunen", "Disa Ek, Erik Falk", "2 mars")
    with work(engine, world.now + timedelta(hours=1)) as session:
        task = session.execute(select(UserTask)).scalars().one()
        task.due_at = world.now
        session.add(task)
    with reading(engine) as session:
        late = OVERVIEWS["idag"].make(session, law, world.now + timedelta(hours=2))
    assert late.second is None and [row["Vad"] for row in texts(late)] == [row["Vad"]]


@pytest.mark.parametrize(
    ("policy", "watch"),
    [("mall", "Tibro kommun: avsnitt 2"), ("tibro", "avsnitt 2")],
)
def test_a_clause_is_told_with_whose_it_is_where_there_are_several(
    sqlite_engine: Engine, policy: str, watch: str
) -> None:
    """The template rests on the guidelines of five municipalities, and an "avsnitt 2" may be of any."""
    world = World(sqlite_engine, policy=policy)
    with reading(sqlite_engine) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        rows = texts(OVERVIEWS["regler"].make(session, law, world.now))
    assert [row["Punkt"] for row in rows if row["Regel"] == "Bevakning"] == [watch]


def test_overdue_says_the_deadline_and_not_when_somebody_was_told(engine: Engine) -> None:
    """Step by step, with the policy's deadlines; who is late is told of every morning (REQUIREMENTS 3)."""
    town = Town(engine, {"opening": []})
    town.apply(address="https://example.org/a")
    for days, told in ((9, 1), (7, 3)):
        due = {"due_at": town.now - timedelta(days=days), "escalated_at": town.now - timedelta(days=told)}
        with town.work() as session:
            task = {"process": Process.CASE, "kind": TaskKind.HANDLE, "step": "remove", "opened_at": town.now}
            session.add(UserTask(municipality_id=town.municipality_id, label=f"{days}", **task, **due))
    rows = texts(made(town, "forsenat"))
    assert [row["Skulle vara gjort"] for row in rows] == ["22 nov.", "24 nov."]
    assert [row["Senast"] for row in texts(made(town, "idag"))] == ["22 nov. kl. 09.00", "24 nov. kl. 09.00"]


@pytest.mark.parametrize(
    ("name", "one", "many"),
    [
        ("beslut", "1 fråga väntar på svar.", "2 frågor väntar på svar. Den som har minst tid kvar först,"),
        ("register", "1 konto, med ansökningar.", "2 konton, med ansökningar. De som står still först."),
    ],
)
def test_one_row_is_spoken_of_as_one(name: str, one: str, many: str) -> None:
    town = Town(memory_engine())
    town.apply(name="Ett")
    assert made(town, name).says == one
    town.apply(name="Två", address="https://example.org/b")
    assert made(town, name).says.startswith(many)


def test_days_and_rows_that_are_one_are_spoken_of_as_one() -> None:
    assert window_words(Window(1, 2)) == "2 på 1 dag" and window_words(Window(7, 1)) == "1 på 7 dagar"
    assert [days_left_words(left) for left in (1, -1, 2)] == [
        "1 arbetsdag",
        "1 arbetsdag sedan",
        "2 arbetsdagar",
    ]


def test_what_waits_has_gone_when_it_is_answered() -> None:
    town = Town(memory_engine(), {"opening": []})
    town.apply(address="https://example.org/a")
    assert made(town, "beslut").total == 0
    [row] = texts(made(town, "register"))
    assert row["Läge"] == "Aktiv" and row["Enhet"] == "Bibliotek"


def test_today_counts_the_watch_and_names_those_who_have_not_looked() -> None:
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    page = made(town, "idag")
    assert page.chart is not None and page.chart.bars == (("Bekräftade", 0), ("Väntar", 1))
    assert [row["Vem"] for row in texts(page)] == ["Elin, Omar"]
    town.confirm_watch("omar")
    page = made(town, "idag")
    assert page.chart is not None and page.chart.bars == (("Bekräftade", 1), ("Väntar", 0))
    assert page.rows == []


def test_posting_shows_what_was_seen_against_the_rule() -> None:
    town = PostedTown()
    town.publishes("2026-12-03")
    town.at("2026-12-04")
    town.check()
    [row] = texts(made(town, "publicering"))
    assert row["Senaste inlägg"] == "3 dec." and row["Ska vara"] == "1 på 14 dagar"
    assert row["Inlägg"] == "minst 1" and row["Läge"] == "Som det ska"


def test_nothing_posted_is_the_worst_and_an_error_is_not_nothing() -> None:
    """An account that cannot be read is never "no posts" (REQUIREMENTS 3)."""
    town = PostedTown()
    for day in range(4, 32):
        town.at(f"2026-12-{day:02}")
        town.check()
    assert texts(made(town, "publicering"))[0]["Läge"] == "För lite publicerat"
    blind = PostedTown()
    blind.at("2026-12-31")
    assert texts(made(blind, "publicering"))[0]["Läge"] == "Går inte att säga"


def test_an_account_with_one_person_and_no_substitute_has_no_valid_deputy() -> None:
    town = Town(memory_engine(), {"opening": []})
    town.apply(responsible=["elin"], address="https://example.org/a")
    assert texts(made(town, "utan-ersattare"))[0]["Vad som saknas"] == (
        "Bara Elin, som inte har någon ersättare på plats"
    )
    with town.work() as session:
        session.add(
            Absence(
                municipality_id=town.municipality_id,
                person_id=town.people["elin"],
                from_on=date(2026, 12, 7),
                until_on=date(2026, 12, 14),
                entered_at=town.now,
            )
        )
    assert texts(made(town, "utan-ersattare"))[0]["Vad som saknas"] == "Ingen är på plats från 7 dec."


def test_two_people_stand_in_for_each_other() -> None:
    town = WatchedTown()
    assert made(town, "utan-ersattare").total == 0


def test_a_case_shows_its_step_and_time_and_nothing_of_what_it_is_about() -> None:
    """Case texts are never in Prefect (REQUIREMENTS 5)."""
    town = CaseTown()
    town.open_case(what="Någon hotar Nils Nilsson", post_address="https://example.org/a/1")
    page = made(town, "arenden")
    [row] = texts(page)
    assert row["Ärende"] == "Hot" and row["Senast"] == "4 dec. kl. 09.00"
    assert not any("Nils" in cell.text or "a/1" in cell.text for cells in page.rows for cell in cells)
    town.at(5, 9)
    assert [cell.bad for cell in made(town, "arenden").rows[0]][4]


def test_every_rule_that_asks_has_its_row_and_every_round_its_word() -> None:
    assert set(overview.RULES) | ASK_NOBODY == set(Rules.model_fields)
    assert set(RULES) == set(overview.RULES) and set(ROUNDS) == set(ALL_ROUNDS)
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    [row] = texts(made(town, "regler"))
    assert row["Regel"] == "Bevakning" and row["Frågade senast"] == "2 dec. kl. 08.00"
    assert row["Väntar nu"] == "1" and row["Punkt"] == "punkt 1"


def test_every_reason_for_standing_red_has_its_words() -> None:
    assert red_words("no_holder:chef") == RED["no_holder"]


def test_a_round_that_was_not_gone_is_silent_and_one_that_was_is_not() -> None:
    """Every rule shows when it last ran (REQUIREMENTS 4.9)."""
    town = WatchedTown()
    town.at(2, 14)

    def silent() -> set[str]:
        with town.reading() as session:
            law = law_in_force(session, town.municipality_id, town.now)
            return {one.name for one in rounds_stand(session, law, town.now) if one.silent_since}

    assert {"watch", "morning", "posting", "cases"} <= silent()
    for one in ALL_ROUNDS.values():
        go_round(town.engine, one, town.now)
    left = silent()
    town.at(2, 16)
    assert not left & {"cases", "watch_end", "absences", "erasure"}, left
    town.at(4, 14)
    assert {"cases", "watch_end", "absences"} <= silent()


def test_nothing_is_silent_before_its_first_hour() -> None:
    town = WatchedTown()
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        assert [one.name for one in rounds_stand(session, law, town.now) if one.silent_since] == []


@pytest.mark.parametrize(
    ("on", "until", "days"),
    [
        (date(2026, 12, 22), date(2026, 12, 28), 2),  # 23, 28: Christmas Eve to Boxing Day are free
        (date(2026, 12, 7), date(2026, 12, 7), 0),
        (date(2026, 12, 14), date(2026, 12, 11), -1),
    ],
)
def test_working_days_left(on: date, until: date, days: int) -> None:
    town = WatchedTown()
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, datetime(2026, 12, 1, 12, tzinfo=UTC))
        assert working_days_between(law, on, until) == days


def test_one_municipality_never_sees_anothers_rows() -> None:
    """Strictly apart (REQUIREMENTS 4.11)."""
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        account = account_for_look(session, town.account_id)
        assert isinstance(account, Account) and account.municipality_id == law.municipality_id
        foreign = type(law)(law.version_id, law.municipality_id + 1, law.policy, law.content, law.calendar)
        assert [
            one.make(session, foreign, town.now).total for one in OVERVIEWS.values() if one.name != "regler"
        ] == [0] * 7


def test_an_answer_takes_the_row_away() -> None:
    town = Town(memory_engine())
    town.apply()
    town.answer("karin", Outcome.APPROVE)
    assert [row["Vem"] for row in texts(made(town, "beslut"))] == ["Petra, David"]
