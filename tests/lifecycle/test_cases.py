"""Cases: the order of their steps, their hours, who hears when, and what the hourly round does by itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import cases, watching
from acts.policies import adopt
from acts.rounds import Report, go_round
from lifecycle.case_answers import Given
from lifecycle.case_evidence import Evidence
from lifecycle.case_standing import cases_sum
from lifecycle.case_steps import CaseKind, is_timed, next_steps, steps_from, waits_for
from lifecycle.events import By
from lifecycle.watching import STEP as WATCH
from models import (
    Absence,
    Account,
    AuditDetail,
    AuditEvent,
    Case,
    CaseEvidence,
    CaseState,
    CaseWatcher,
    Message,
    TaskState,
    UserTask,
)
from policies.duties import CaseStep, Matter, Removal
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, Rule, Town, content, refused_of

S = CaseStep
HOT: Rule = {"case": "hot", "label": "Hot", "save_before": True, "registered": True, "clauses": [CLAUSE]}
TIMED = {**HOT, "within_hours": 48, "counted": "clock"}
ANSWER: Rule = {"within_hours": 24, "counted": "weekdays", "clauses": [CLAUSE]}
TEXT = Evidence(b"Nils, 2 december: ...", is_text=True)


class CaseTown(Town):
    """A town with an open account whose administrators are Elin and Omar."""

    def __init__(self, rules: Rule | None = None, engine: Engine | None = None, **more: Any) -> None:
        own = {"opening": [], "removal": [TIMED]} if rules is None else {"opening": [], **rules}
        super().__init__(engine or memory_engine(), own, more)
        self.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/a")
        assert self.account().state == "active"
        self.at(2, 9)

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        """The local hour of a day in December 2026, which is winter time."""
        self.now = datetime(2026, 12, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)

    def open_case(self, who: str = "elin", kind: str = "hot", *evidence: Evidence, **more: Any) -> int:
        report = cases.Report(kind, more.pop("noticed_at", self.now), evidence=evidence, **more)
        with self.work() as session:
            case = cases.open_case(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.people[who],
                report=report,
                via="portal",
            )
            case_id = case.id or 0
        self.look()
        return case_id

    def do(self, who: str, case_id: int, step: S, to: str = "", **given: Any) -> None:
        with self.work() as session:
            cases.do_step(
                session,
                self.now,
                case_id=case_id,
                task_id=self.step(case_id, step).id or 0,
                person_id=self.people[who],
                given=Given(**given),
                to_email=f"{to}@{DOMAIN}" if to else "",
                via="portal",
            )
        self.look()

    def close_case(self, who: str, case_id: int, reason: str = "") -> None:
        with self.work() as session:
            cases.close_case(
                session, self.now, case_id=case_id, person_id=self.people[who], reason=reason, via="portal"
            )
        self.look()

    def go(self, as_of: datetime | date | None = None) -> Report:
        report = go_round(self.engine, cases.HOURS, self.now, as_of)
        assert report.failures == []
        self.look()
        return report

    def case(self, case_id: int) -> Case:
        with self.reading() as session:
            return session.get_one(Case, case_id)

    def steps(self, case_id: int, state: TaskState = TaskState.OPEN) -> list[str]:
        rows = select(col(UserTask.step)).where(
            col(UserTask.case_id) == case_id, col(UserTask.state) == state
        )
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(UserTask.id))).scalars())

    def step(self, case_id: int, step: S) -> UserTask:
        rows = select(UserTask).where(col(UserTask.case_id) == case_id, col(UserTask.step) == step.value)
        with self.reading() as session:
            return session.execute(rows).scalars().one()

    def letters(self, *notices: str) -> list[str]:
        """Who has been written to since this was asked last."""
        found = [one.email.split("@")[0] for one in self.messages(*notices) if one.notice.startswith("case_")]
        new, self._seen = found[getattr(self, "_seen", 0) :], len(found)
        return sorted(new)

    def away(self, who: str, from_on: date, until_on: date) -> None:
        with self.work() as session:
            session.add(
                Absence(
                    municipality_id=self.municipality_id,
                    person_id=self.people[who],
                    from_on=from_on,
                    until_on=until_on,
                    entered_at=self.now,
                )
            )


# ---------------------------------------------------------------- the order of steps

FLAGS = st.fixed_dictionaries(
    {
        "save_before": st.booleans(),
        "register_before": st.booleans(),
        "registered": st.booleans(),
        "police": st.sampled_from([None, "always", "when_needed"]),
        "writer_told": st.booleans(),
    }
)


def orders(kind: CaseKind, choices: list[int]) -> list[S]:
    """The steps done one after another, each chosen among those offered."""
    done: list[S] = []
    for choice in choices:
        offered = next_steps(kind, done)
        if not offered:
            break
        done.append(offered[choice % len(offered)])
    assert set(done) == set(kind.steps), "every case can be done to its end"
    return done


def kind_of(rule: Removal | Matter) -> CaseKind:
    return CaseKind("slag", "Slag", steps_from(rule), rule.modality, rule, in_order=rule.steps is not None)


@settings(max_examples=300, deadline=None)
@given(FLAGS, st.lists(st.integers(0, 5), min_size=6, max_size=6), st.randoms())
def test_removal_is_never_offered_before_saving_nor_registering_put_before_it(
    flags: dict[str, Any], choices: list[int], chance: Any
) -> None:
    """REQUIREMENTS 3, Cases: whatever the flags, and also in an order of the policy's own."""
    rule = Removal(clauses=[CLAUSE], **flags)
    own = list(rule.follows())
    chance.shuffle(own)
    kinds = [kind_of(rule)]
    try:
        kinds.append(kind_of(Removal(clauses=[CLAUSE], steps=own, **flags)))
    except ValidationError as refused:
        assert "fel ordning" in str(refused)
    for kind in kinds:
        done = orders(kind, choices)
        if S.SAVE in done:
            assert done.index(S.SAVE) < done.index(S.REMOVE)
        if S.REGISTER in done:
            before = done.index(S.REGISTER) < done.index(S.REMOVE)
            assert before == flags["register_before"]
        if flags["save_before"] or flags["registered"] or flags["register_before"] or flags["police"]:
            assert S.SAVE in done


@settings(max_examples=100, deadline=None)
@given(st.booleans(), st.booleans(), st.booleans(), st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_nobody_answers_before_the_advice_is_there(
    registered: bool, told: bool, consulted: bool, choices: list[int]
) -> None:
    """Tib 4.2: communications is consulted before official comments are given."""
    consult = "communications" if consulted else None
    rule = Matter(
        matter="fraga",
        label="Fråga",
        clauses=[CLAUSE],
        registered=registered,
        writer_told=told,
        consult=consult,
        outcomes=["answered"],
    )
    done = orders(kind_of(rule), choices)
    assert (S.CONSULT in done) == consulted
    assert not consulted or done.index(S.CONSULT) < done.index(S.SETTLE)
    assert not told or done[-1] is S.TELL_WRITER


@pytest.mark.parametrize(
    ("given_steps", "says"),
    [
        (["save", "remove"], "de steg som regeln i övrigt ger"),
        (["save", "remove", "register", "register"], "de steg som regeln i övrigt ger"),
        (["remove", "save", "register"], "fel ordning: save före remove före register"),
        (["save", "register", "remove"], "fel ordning"),
    ],
)
def test_an_own_order_that_breaks_the_rule_is_refused(given_steps: list[str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Removal(clauses=[CLAUSE], save_before=True, registered=True, steps=given_steps)


def test_the_hours_are_those_of_the_step_they_are_about_and_what_comes_before() -> None:
    kind = kind_of(Removal(clauses=[CLAUSE], register_before=True, police="always", writer_told=True))
    assert {one for one in kind.steps if is_timed(kind, one)} == {S.SAVE, S.REGISTER, S.REMOVE}
    assert waits_for(kind, S.TELL_WRITER) == {S.REMOVE}


# ---------------------------------------------------------------- opening and doing


def test_what_is_saved_when_the_case_is_opened_is_not_asked_for_again() -> None:
    town = CaseTown()
    case_id = town.open_case("elin", "hot", TEXT)
    assert (town.steps(case_id), town.steps(case_id, TaskState.DONE)) == (["remove"], ["save"])
    with town.reading() as session:
        [kept] = session.execute(select(CaseEvidence)).scalars()
    assert (kept.media_type, kept.content, len(kept.sha256)) == ("text/plain", TEXT.content, 64)


def test_hours_run_from_when_it_was_noticed() -> None:
    """Tib 4.4: at most 48 hours, by the clock."""
    town = CaseTown()
    noticed = town.now - timedelta(hours=30)
    case_id = town.open_case(noticed_at=noticed)
    assert town.case(case_id).due_at == town.step(case_id, S.SAVE).due_at == noticed + timedelta(hours=48)


def test_a_case_asks_nothing_twice_and_closes_when_nothing_is_left() -> None:
    town = CaseTown()
    case_id = town.open_case("elin", "hot", TEXT)
    town.do("elin", case_id, S.REMOVE, text="Hot")
    assert refused_of(town.do, "omar", case_id, S.REMOVE, text="Hot") == "already_answered"
    town.do("omar", case_id, S.REGISTER, number="KS 2026/1")
    assert (town.case(case_id).state, town.steps(case_id)) == (CaseState.CLOSED, [])
    assert refused_of(town.close_case, "petra", case_id, "Igen") == "case_closed"


def test_what_is_said_in_a_case_stands_in_the_case_and_not_in_the_log() -> None:
    """REQUIREMENTS 5b: case texts and evidence in rows that can be weeded; the log has numbers and codes."""
    town = CaseTown()
    case_id = town.open_case("elin", "hot", TEXT, what="Granne Svensson hotar", post_address="example.org/p")
    town.do("elin", case_id, S.REMOVE, text="Svensson hotade")
    town.do("elin", case_id, S.REGISTER, number="KS 2026/1")
    with town.reading() as session:
        logged = str([one.model_dump() for one in session.execute(select(AuditEvent)).scalars()])
        detail = str([one.detail for one in session.execute(select(AuditDetail)).scalars()])
        tasks = str([one.model_dump() for one in session.execute(select(UserTask)).scalars()])
        mail = str([one.context for one in session.execute(select(Message)).scalars()])
    for text in (logged, detail, tasks, mail, town.account().waits_for):
        assert "Svensson" not in text and "KS 2026/1" not in text
    assert [one.get("text") for one in town.case(case_id).outcomes] == [None, "Svensson hotade", None]


def test_the_run_list_shows_how_many_and_never_what() -> None:
    town = CaseTown()
    town.open_case()
    assert town.account().waits_for == "Aktiv · Ett ärende pågår"
    town.open_case()
    assert town.account().waits_for == "Aktiv · 2 ärenden pågår"


@pytest.mark.parametrize("who", ["elin", "karin", "mats", "petra", "tove"])
def test_those_whom_the_account_concerns_may_open_a_case(who: str) -> None:
    town = CaseTown()
    if who == "tove":
        assert refused_of(town.open_case, who) == "not_concerned"
    else:
        assert town.steps(town.open_case(who)) == ["save"]


def test_only_an_open_account_has_cases() -> None:
    town = CaseTown()
    town.ask_to_close("elin")
    assert town.state == "closed"
    assert refused_of(town.open_case) == "state_forbids"


def test_a_colleague_who_was_away_may_do_what_was_asked_of_others() -> None:
    town = CaseTown()
    town.away("omar", date(2026, 12, 1), date(2026, 12, 3))
    case_id = town.open_case("elin", "hot", TEXT)
    assert town.holders(town.step(case_id, S.REMOVE)) == ["elin"]
    town.at(3, 9)
    town.do("omar", case_id, S.REMOVE, text="Hot")
    assert town.steps(case_id) == ["register"]


def test_when_nobody_is_there_communications_has_it() -> None:
    town = CaseTown()
    for who in ("elin", "omar"):
        town.away(who, date(2026, 12, 1), date(2026, 12, 9))
    assert town.holders(town.step(town.open_case("petra"), S.SAVE)) == ["petra", "david"]


def test_at_most_twenty_things_are_kept() -> None:
    town = CaseTown()
    case_id = town.open_case("elin", "hot", *[TEXT] * 20)
    with town.work() as session:
        code = refused_of(
            cases.add_evidence,
            session,
            town.now,
            case_id=case_id,
            person_id=town.people["elin"],
            evidence=[TEXT],
            via="portal",
        )
    assert code == "too_many_files"


# ---------------------------------------------------------------- the round


def test_those_who_are_there_hear_at_once_are_reminded_and_alarmed_once() -> None:
    """REQUIREMENTS 3: what has a deadline in clock hours: at once, to the one on duty that day."""
    town = CaseTown()
    town.at(4, 22)  # a Friday evening
    town.open_case("elin")
    assert town.letters() == ["omar"]
    town.away("omar", date(2026, 12, 5), date(2026, 12, 8))
    town.at(5, 22, 5)
    assert town.go().found == 1
    assert town.letters() == ["elin"], "Omar is away on Saturday"
    assert town.go().found == 0
    town.at(6, 21)
    assert town.go().found == 0
    town.at(6, 22, 5)
    assert town.go().found == 1
    assert town.letters() == ["david", "elin", "kommunikation", "petra"], "a Sunday night"
    assert town.account().red_reason == "case_late"
    for hours in range(1, 30):
        town.now += timedelta(hours=hours)
        assert town.go().found == 0
    assert town.letters() == []


def test_a_taken_over_account_alarms_everybody_once_at_any_hour() -> None:
    """Communications and the administrators by letter, and what communications shares."""
    town = CaseTown({})
    town.at(25, 4)  # Christmas night
    town.open_case("omar", "account_taken_over")
    assert town.letters() == ["david", "elin", "kommunikation", "petra"]
    assert town.account().red_reason == "taken_over"
    assert town.account().waits_for == "Aktiv · Kontot är kapat eller utelåst · Ett ärende pågår"


def test_who_comes_back_hears_of_it_instead() -> None:
    """Told to whoever is there on the day, and theirs to do."""
    town = CaseTown()
    town.away("omar", date(2026, 12, 1), date(2026, 12, 3))
    town.away("elin", date(2026, 12, 3), date(2026, 12, 9))
    case_id = town.open_case("elin", noticed_at=town.now)
    town.at(3, 9, 5)
    town.go()
    assert town.letters() == ["omar"]
    assert sorted(town.holders(town.step(case_id, S.SAVE))) == ["elin", "omar"]


def test_who_was_given_a_step_by_communications_is_told_too() -> None:
    town = CaseTown()
    case_id = town.open_case("elin")
    town.letters()
    task_id = town.step(case_id, S.SAVE).id
    town.repair("move_task", "petra", task_id=task_id, to_email=f"tove@{DOMAIN}")
    town.at(3, 9, 5)
    with town.work() as session:
        session.get_one(UserTask, task_id).next_reminder_at = town.now
    town.go()
    assert town.letters() == ["elin", "omar", "tove"]


def test_after_silent_days_what_is_late_is_told_once() -> None:
    town = CaseTown()
    case_id = town.open_case("elin")
    town.letters()
    town.at(9, 12)
    assert town.go().found == 1
    assert town.letters() == ["david", "elin", "kommunikation", "omar", "petra"]
    assert town.case(case_id).late_at == town.now


def test_a_day_past_or_to_come_is_gone_as_it_would_be() -> None:
    town = CaseTown()
    case_id = town.open_case("elin")
    town.go(date(2026, 12, 3))
    assert town.step(case_id, S.SAVE).reminders == 0, "eight in the morning is too early by an hour"
    town.go(datetime(2026, 12, 3, 9, tzinfo=UTC))
    assert town.step(case_id, S.SAVE).reminders == 1
    town.go(date(2026, 12, 7))
    assert town.case(case_id).late_at == datetime(2026, 12, 7, 7, tzinfo=UTC)


@pytest.mark.parametrize("day", [5, 6, 24, 25, 26])
def test_weekday_hours_are_silent_on_free_days_and_at_night(day: int) -> None:
    """A Saturday, a Sunday, Christmas Eve and Christmas: no reminder of hours that stand still."""
    town = CaseTown({"answer": [ANSWER]})
    town.at(4 if day < 20 else 23, 18)
    town.open_case("elin", "question")
    town.letters()
    for hour in range(0, 24, 3):
        town.at(day, hour, 5)
        assert town.go().found == 0
    assert town.letters() == []
    back = 7 if day < 20 else 28
    town.at(back, 3, 5)
    town.go()
    assert town.letters() == []
    town.at(back, 8, 5)
    town.go()
    assert town.letters() == ["elin", "omar"]


def test_one_case_s_trouble_stops_no_other() -> None:
    town = CaseTown()
    broken, sound = town.open_case("elin"), town.open_case("elin")
    town.letters()
    with town.work() as session:
        session.get_one(UserTask, town.step(broken, S.SAVE).id).step = "okänt"
    town.at(9, 12)
    report = go_round(town.engine, cases.HOURS, town.now)
    assert [one.subject for one in report.failures] == [f"ärende {broken}"]
    assert town.case(sound).late_at == town.now and town.case(broken).late_at is None
    says = report.failures[0].says
    assert "lifecycle/case_rounds.py" in says and "okänt" not in says, "where it was, in nobody's words"


def test_an_open_case_always_has_an_open_step() -> None:
    """Also when somebody has withdrawn what was open: the round closes what has nothing left."""
    town = CaseTown()
    case_id = town.open_case("elin")
    with town.work() as session:
        session.get_one(UserTask, town.step(case_id, S.SAVE).id).state = TaskState.WITHDRAWN
    assert town.go().found == 1
    assert town.case(case_id).state is CaseState.CLOSED


def test_a_round_writes_nothing_when_nothing_is_due() -> None:
    town = CaseTown()
    town.open_case("elin")
    before = len(town.events())
    town.now += timedelta(hours=1)
    assert (town.go().found, len(town.events())) == (0, before)


def test_a_step_without_hours_climbs_the_ladder_in_the_morning_letter() -> None:
    town = CaseTown({"removal": [HOT]})
    town.open_case("elin")
    assert town.letters() == []
    for day in (3, 4, 7, 8, 9, 10, 11, 14, 15, 16):
        town.at(day, 8)
        town.go()
        go_round(town.engine, watching.TELL, town.now)
    with town.reading() as session:
        rows = select(Message).where(col(Message.notice) == "morning").order_by(col(Message.queued_at))
        told = [
            (one.queued_at.day, one.email.split("@")[0], *sorted(set(one.context) - {"on"}))
            for one in session.execute(rows).scalars()
        ]
    assert sorted(told) == [
        (3, "elin", "asked"),
        (3, "omar", "asked"),
        (7, "elin", "reminded"),
        (7, "omar", "reminded"),
        (10, "elin", "reminded"),
        (10, "omar", "reminded"),
        (15, "david", "escalated"),
        (15, "petra", "escalated"),
    ]


# ---------------------------------------------------------------- common posts


def test_a_common_post_is_watched_until_its_days_are_over_or_it_is_ended() -> None:
    rule = {"matter": "vart", "label": "Vårt inlägg", "joins_watch": True, "clauses": [CLAUSE]}
    town = CaseTown(
        {"matters": [rule], "watch": [{"days": "weekdays", "clauses": [CLAUSE]}]}, common_post_days=5
    )
    case_id = town.open_case("petra", "vart", watcher_emails=[f"tove@{DOMAIN}"])
    assert town.holders(town.step(case_id, S.WATCH)) == ["tove"]
    town.at(3, 8)
    go_round(town.engine, watching.ASK, town.now)
    [watch] = [one for one in town.open_tasks() if one.step == WATCH]
    assert sorted(town.holders(watch)) == ["elin", "omar", "tove"]
    town.do("tove", case_id, S.WATCH)
    town.at(4, 8)
    go_round(town.engine, watching.ASK, town.now)
    newest = [one for one in town.tasks() if one.step == WATCH][-1]
    assert sorted(town.holders(newest)) == ["elin", "omar"]
    with town.reading() as session:
        [row] = session.execute(select(CaseWatcher)).scalars()
    assert (row.from_on, row.until_on) == (date(2026, 12, 2), date(2026, 12, 3))


def test_a_watcher_who_leaves_or_is_away_gives_way() -> None:
    rule = {"matter": "vart", "label": "Vårt inlägg", "joins_watch": True, "clauses": [CLAUSE]}
    town = CaseTown({"matters": [rule], "watch": [{"days": "weekdays", "clauses": [CLAUSE]}]})
    town.substitute("tove", "johan")
    town.open_case("petra", "vart", watcher_emails=[f"tove@{DOMAIN}", f"karin@{DOMAIN}"])
    town.away("tove", date(2026, 12, 2), date(2026, 12, 9))
    town.leaves("karin", date(2026, 12, 3))
    town.at(3, 8)
    go_round(town.engine, watching.ASK, town.now)
    [watch] = [one for one in town.open_tasks() if one.step == WATCH]
    assert sorted(town.holders(watch)) == ["elin", "johan", "omar"]


# ---------------------------------------------------------------- closing the account, and the sum


def test_an_account_is_not_closed_before_what_must_be_done_in_its_cases() -> None:
    town = CaseTown()
    case_id = town.open_case("elin", "hot", TEXT)
    other = town.open_case("elin", "other")
    town.ask_to_close("elin")
    assert town.state == "closing"
    town.do("elin", case_id, S.REMOVE, text="Hot")
    town.do("elin", case_id, S.REGISTER, number="1")
    assert town.state == "closed"
    assert town.case(other).state is CaseState.CLOSED


def test_what_a_time_came_to_in_cases() -> None:
    town = CaseTown()
    first = town.open_case("elin", "hot", TEXT)
    town.do("elin", first, S.REMOVE, text="Hot")
    town.do("elin", first, S.REGISTER, number="1")
    town.open_case("elin", "hot")
    town.at(9, 0, 30)
    town.go()
    town.open_case("elin", "other")
    with town.reading() as session:
        account = session.get_one(Account, town.account_id)
        assert cases_sum(session, account, date(2026, 12, 1), date(2027, 1, 1)) == {
            "opened": 3,
            "closed": 1,
            "late": 1,
            "by_kind": {"hot": 2, "other": 1},
        }
        assert cases_sum(session, account, date(2026, 12, 9), date(2026, 12, 10))["opened"] == 1, "local days"
        assert cases_sum(session, account, date(2027, 1, 1), date(2028, 1, 1))["opened"] == 0


def test_a_case_ends_under_the_version_it_began_with() -> None:
    town = CaseTown()
    case_id = town.open_case("elin", "hot", TEXT)
    town.at(3, 9)
    with town.work() as session:
        newer = content({"opening": []}, {}, date(2026, 12, 3))
        adopt(session, town.municipality_id, newer, By(None, "cli"), town.now)
    town.do("elin", case_id, S.REMOVE, text="Hot")
    assert town.steps(case_id) == ["register"]
    assert refused_of(town.open_case, "elin", "hot") == "case_kind_unknown"
