"""Every event becomes its letters, or is silent for a reason; links die with what they were for.

A tour lets everything happen that is told of, and delivers each letter as the product does.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from acts import (
    applying,
    cases,
    chain_digest,
    diary,
    documenting,
    evaluating,
    guideline_review,
    policies,
    renewing,
    watching,
)
from acts.announcing import LINKS_DIE, NOTICES, TOLD, Silent
from acts.rounds import go_round
from lifecycle.case_answers import Given
from lifecycle.case_evidence import Evidence
from lifecycle.events import By, EventKind
from lifecycle.guideline_review import Size
from models import (
    Account,
    AuditEvent,
    Link,
    LinkKind,
    Message,
    MessageState,
    Municipality,
    Outcome,
    Person,
    TaskKind,
    UserTask,
    metadata,
)
from notifications import links
from notifications.contexts import CONTEXTS
from notifications.letters import Letter
from notifications.registry import NOTICES as REGISTRY
from notifications.registry import Goes
from notifications.targets import TargetRules, add_target, address_of
from policies.loading import content_of, load_policy
from tests.acts import told_presence
from tests.acts.returned_town import ReturnedTown
from tests.acts.test_documenting import a_picture, sees
from tests.acts.told_town import ToldTown
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.test_moving import move
from tests.lifecycle.test_withdrawing import take_back
from tests.lifecycle.town import CLAUSE, DOMAIN, Rule, Town, content, document, item, step

CHIEF = step("chef", "decide", "line_manager")
UNIT = step("enhet", "decide", "communications")
LIFE: Rule = {
    "opening": [CHIEF, step("rad", "consult", "communications"), step("kopia", "inform", "registry"), UNIT],
    "administrator_change": [CHIEF],
    "guest": {"at_most_days": 7, "chain": [CHIEF], "clauses": [CLAUSE]},
    "closing": [step("slut", "decide", "communications")],
    "closing_items": [item("bild", confirmed_by="administrator")],
    "setting_up": [item("rad"), item("plats", place=True, confirmed_by="communications")],
    "documents": [document("riktlinje")],
    "watch": [{"days": "weekdays", "clauses": [CLAUSE]}],
}
ADDRESS = "https://example.org/bibliotek"
BY_ROUNDS = {"morning"}
"""Letters that a round sends, and no event."""
DECIDING = (
    LinkKind.DECIDE,
    LinkKind.CONSULT,
    LinkKind.DIGEST,
    LinkKind.MORNING,
    LinkKind.CONFIRM_ACT,
)


@pytest.fixture
def memory() -> Engine:
    """An engine on an empty database in memory."""
    return memory_engine()


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_has_its_letters_or_a_reason_for_silence(kind: EventKind) -> None:
    planned = NOTICES[kind]
    if isinstance(planned, Silent):
        assert len(planned.because.split()) > 2
    else:
        assert planned
        assert {notice.name for notice in planned} <= set(REGISTRY)


def test_no_event_is_planned_that_does_not_happen() -> None:
    assert set(NOTICES) == set(EventKind)
    assert set(LINKS_DIE) <= set(EventKind)


def test_every_letter_is_sent_by_something() -> None:
    announced = {
        one.name for planned in NOTICES.values() if not isinstance(planned, Silent) for one in planned
    }
    assert announced | {"confirm_address", "my_page", "fresh_link", *BY_ROUNDS} == set(REGISTRY)


ASKED_FOR = {"confirm_address", "my_page"}
"""Brought about by no event: whoever types in an address is told of the language it was typed in."""


def test_a_letter_is_told_something_just_where_it_expects_it() -> None:
    kinds: dict[str, Any] = CONTEXTS
    expected = {name for name, kind in kinds.items() if kind.__required_keys__ | kind.__optional_keys__}
    assert set(TOLD) | BY_ROUNDS | ASKED_FOR == expected


def test_only_refusals_wait_for_the_hour_of_regret() -> None:
    """REQUIREMENTS 2.2: a letter of decline waits that long."""
    planned = [one for notices in NOTICES.values() if not isinstance(notices, Silent) for one in notices]
    assert {one.name for one in planned if one.waits} == {
        "application_declined",
        "change_refused",
        "closing_refused",
    }


def test_what_may_go_to_a_shared_mailbox_holds_no_link() -> None:
    """REQUIREMENTS 2.2: a shared mailbox gets the news, never a deciding link."""
    assert {name for name, one in REGISTRY.items() if one.goes is Goes.ANYONE and one.link} == set()


# ---------------------------------------------------------------- the tour


def begun(rules: Rule, **more: Any) -> ToldTown:
    """A town with a registrar and an application, five minutes old."""
    town = ToldTown(memory_engine(), rules, **more)
    town.posts("registry", "tove")
    town.apply(administrators=["elin", "omar"], responsible=["omar"], address=ADDRESS)
    town.now += timedelta(minutes=5)
    return town


def life() -> ToldTown:
    """From plan to closure, with everything that may come between."""
    town = begun(LIFE)
    changed_and_declined(town)
    for who, outcome in (("karin", Outcome.APPROVE), ("petra", Outcome.ANSWERED), ("petra", Outcome.APPROVE)):
        town.answer(who, outcome)
    town.pass_days(25)
    for who, given in (("omar", {}), ("petra", {"place": "Valvet"}), ("elin", {})):
        town.confirm(who, **given)
    assert town.state == "active"
    people_change(town)
    closed(town)
    return town


def changed_and_declined(town: ToldTown) -> None:
    """Asked to change, sent again, handed over, declined and taken back."""
    town.answer("karin", Outcome.ASK_FOR_CHANGES, "Skriv mer.")
    town.pass_days(4)
    town.send()
    town.hand_over("karin", "sara", "Jag är ledig.")
    town.hand_over("sara", "karin")
    declined = town.answer("karin", Outcome.DECLINE, "Fel.")
    town.now += timedelta(minutes=5)
    town.take_back(declined, "karin")
    approved = town.answer("karin")
    town.now += timedelta(minutes=5)
    town.take_back(approved, "karin")
    town.pass_days(20)


def people_change(town: ToldTown) -> None:
    """A new administrator, one refused, one replaced, one ended, and a guest."""
    town.ask_for("elin", "tove")
    town.answer("karin")
    town.confirm("tove")
    town.ask_for("elin", "johan")
    town.answer("karin", Outcome.DECLINE, "Nej.")
    town.pass_days(1)
    move(town, "address", "elin", address="https://example.org/biblioteket")
    move(town, "unit_id", "petra", unit_id=town.units["biblioteken"])
    move(town, "unit_id", "petra", unit_id=town.units["bibliotek"])
    town.end_role("elin", "omar")
    since = town.now.date() + timedelta(days=7)
    town.ask_for_guest("elin", "johan", since, since + timedelta(days=5))
    town.answer("karin")
    town.confirm("johan")
    town.pass_days(14)


def closed(town: ToldTown) -> None:
    """Refused once, taken back once, and then granted."""
    town.ask_to_close("elin")
    town.answer("petra", Outcome.DECLINE, "Nej.")
    town.pass_days(1)
    town.ask_to_close("elin")
    take_back(town, "elin")
    take_back(town, "elin", role_id=town.ask_for("elin", "johan"))
    town.ask_to_close("elin")
    town.answer("petra")
    town.pass_days(4)
    town.confirm("elin")
    assert town.state == "closed"


def left_alone() -> ToldTown:
    """Reminded, escalated, and standing red."""
    town = begun(
        {"opening": [CHIEF, step("diarium", "decide", "registry")]},
        settings={"last_resort": "executive_board"},
    )
    town.pass_days(20)
    town.answer("karin")
    town.posts("registry")
    town.draft("omar")
    town.pass_days(70)
    return town


def red() -> ToldTown:
    """Nobody may answer."""
    town = begun(
        {"opening": [step("diarium", "decide", "executive_board")]}, settings={"last_resort": "registry"}
    )
    town.posts("registry")
    town.apply("omar")
    return town


def lapsed() -> ToldTown:
    """Approved and never set up, and then let go on."""
    town = begun({"opening": [CHIEF], "setting_up": [item("rad")]})
    town.answer("karin")
    town.pass_days(100)
    assert town.state == "lapsed"
    town.repair("resume_lapsed", "david")
    return town


def repaired() -> ToldTown:
    """Reopened, moved, skipped and ended."""
    town = begun({"opening": [CHIEF, UNIT]})
    town.answer("karin")
    town.repair("reopen_step", "david", step="chef")
    town.repair("move_task", "david", task_id=town.open_tasks()[0].id, to_email=f"sara@{DOMAIN}")
    town.repair("skip_step", "david", step="chef")
    town.repair("end_application", "petra")
    return town


def declined_and_withdrawn() -> ToldTown:
    """The two other ends."""
    town = begun({"opening": [CHIEF, UNIT]})
    town.answer("karin", Outcome.DECLINE, "Nej.")
    town.now += timedelta(hours=2)
    town.look()
    town.apply("omar")
    town.answer("karin", step="chef")
    town.withdraw("omar")
    return town


def asked_for_links() -> ToldTown:
    """What comes by itself: ways in, a letter sent again, and a fresh one for an expired link."""
    town = begun({"opening": [CHIEF]})
    with town.work() as session:
        for page in ("apply", "my_page"):
            municipality = session.get_one(Municipality, town.municipality_id)
            applying.ask_for_link(session, municipality, f"elin@{DOMAIN}", page, town.now)
        account, chief = (
            session.get_one(Account, town.account_id),
            session.get_one(Person, town.people["karin"]),
        )
        renewing.send_again(session, account, chief, By(town.people["petra"], "form"), town.now)
    town.now += timedelta(days=2)
    with town.work() as session:
        link = session.execute(select(Link).where(col(Link.kind) == LinkKind.DECIDE)).scalars().first()
        assert link is not None
        renewing.ask_for_fresh_link(session, link, town.now)
    town.post()
    return town


def pictured() -> ToldTown:
    """A picture of an account, for the registrar."""
    rule = {"every": "year", "format": "pdf", "at_major_change": True, "sent_to": "registry"}
    town = begun({"opening": [], "documentation": [rule | {"clauses": [CLAUSE]}]})
    with town.work() as session:
        documenting.tell_major_change(
            session, town.now, account_id=town.account_id, person_id=town.people["elin"], via="portal"
        )
    documenting.capture_wanted(town.engine, sees(a_picture()), lambda: town.now)
    town.look()
    return town


def papers() -> ToldTown:
    """A decision for the diary, and the log's last digest for the registry."""
    town = begun({"opening": [CHIEF]})
    town.answer("karin")
    town.now += timedelta(hours=1)
    assert diary.make_papers(town.engine, town.now).failures == []
    assert go_round(town.engine, chain_digest.TELL, town.now).failures == []
    town.look()
    return town


def mornings() -> ToldTown:
    """Days that pass over an open account which nobody looks at."""
    town = begun({"opening": [], "watch": LIFE["watch"]})
    for _ in range(5):
        town.now += timedelta(days=1)
        for one in (watching.END, watching.ASK, watching.TELL):
            assert go_round(town.engine, one, town.now).failures == []
        town.look()
    return town


def handled() -> ToldTown:
    """A hard question and something to remove, left alone until it is late; forwarded; taken over."""
    question = {"matter": "fraga", "label": "Svår fråga", "consult": "communications", "clauses": [CLAUSE]}
    removal = {"case": "hot", "within_hours": 48, "clauses": [CLAUSE]}
    town = begun(
        {"opening": [], "matters": [question], "removal": [removal]}, settings={"consultation_days": 1}
    )
    for kind in ("hot", "fraga", "account_taken_over"):
        _open_case(town, kind)
    for _ in range(60):
        town.now += timedelta(hours=1)
        assert go_round(town.engine, cases.HOURS, town.now).failures == []
        town.look()
    _settle(town)
    return town


def _open_case(town: ToldTown, kind: str) -> None:
    evidence = [Evidence(b"Nils, 1 december", is_text=True)]
    with town.work() as session:
        cases.open_case(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people["elin"],
            report=cases.Report(kind, town.now, evidence=evidence),
            via="portal",
        )
    town.look()


def _settle(town: ToldTown) -> None:
    """The question is forwarded, and answered by the one who got it."""
    [task] = [one for one in town.open_tasks() if one.step == "settle"]
    for who, end, to in (("elin", "forwarded", f"sara@{DOMAIN}"), ("sara", "answered", "")):
        with town.work() as session:
            cases.do_step(
                session,
                town.now,
                case_id=task.case_id or 0,
                task_id=task.id or 0,
                person_id=town.people[who],
                given=Given(end=end),
                to_email=to,
                via="portal",
            )
        town.look()


def years() -> ToldTown:
    """A year later: evaluated, the guideline reviewed, and new rules proposed and approved."""
    every = {"every_months": 12, "told_to": ["communications", "line_manager"], "clauses": [CLAUSE]}
    decided = {"review_every_months": 12, "large_changes_by": "executive_board", "clauses": [CLAUSE]}
    rules = {"opening": [], "evaluation": [every], "revision": decided}
    town = begun(rules)
    town.posts("executive_board", "birgitta")
    town.now += timedelta(days=366)
    for one in (evaluating.EVALUATE, guideline_review.REVIEW_GUIDELINE, watching.TELL):
        assert go_round(town.engine, one, town.now).failures == []
    town.look()
    evaluated(town)
    proposed(town, content(rules | {"watch": LIFE["watch"]}, {}))
    return town


def one_duty(town: ToldTown, kind: TaskKind) -> int:
    rows = select(UserTask).where(col(UserTask.kind) == kind, col(UserTask.state) == "open")
    with town.reading() as session:
        [task] = session.execute(rows).scalars()
    return task.id or 0


def evaluated(town: ToldTown) -> None:
    """An evaluation, and a review that comes to a large change."""
    common: dict[str, Any] = {"via": "link"}
    with town.work() as session:
        evaluating.evaluate(
            session,
            town.now,
            task_id=one_duty(town, TaskKind.EVALUATE),
            person_id=town.people["omar"],
            outcome=Outcome.CONTINUE,
            results={"result": "Bra."},
            answers={},
            **common,
        )
    review = one_duty(town, TaskKind.REVIEW_GUIDELINE)
    with town.work() as session:
        guideline_review.review(
            session,
            town.now,
            task_id=review,
            person_id=town.people["petra"],
            size=Size.LARGE,
            text="Nytt.",
            **common,
        )
    town.look()


def proposed(town: ToldTown, rules: Rule) -> None:
    """New rules, approved by the board."""
    with town.work() as session:
        proposer = By(town.people["lena"], "cli")
        policies.propose(session, town.municipality_id, rules, Size.LARGE, proposer, town.now)
    town.post()
    task_id, board = one_duty(town, TaskKind.APPROVE_POLICY), town.people["birgitta"]
    with town.work() as session:
        policies.decide(session, town.now, task_id=task_id, person_id=board, approve=True, via="link")
    town.post()


def policy_life(name: str) -> ToldTown:
    """An application under one of the municipalities' own policies, as far as its decisions."""
    town = ToldTown(memory_engine(), policy=content_of(load_policy(name)))
    plan: dict[str, Any] = {
        "name": "Biblioteket",
        "platform": "facebook",
        "unit": "bibliotek",
        "address": ADDRESS,
        "administrators": ["elin", "omar"],
        "responsible": ["elin", "omar"],
        "substitute": ["tove"],
        "fits_task": "ja",
        "municipal_purpose": "dialogue",
    }
    words = ("purpose", "target_group", "goals", "key_figures", "follow_up", "how_run")
    town.apply(**plan, **dict.fromkeys(words, "Ett svar."))
    while town.state == "deciding":
        (task,) = town.open_tasks()
        outcome = Outcome.ANSWERED if task.kind == "consult" else Outcome.APPROVE
        town.answer(town.holders(task)[0], outcome)
    return town


def mail_came_back() -> ToldTown:
    """A letter bounces, somebody is away, and somebody answers by mail."""
    with TemporaryDirectory() as folder:
        town = ReturnedTown(memory_engine(), Path(folder))
        for name in ("hard-postfix-unknown-user", "away-exchange-swedish", "answer-yes-top-posted"):
            town.comes(name)
        town.round()
    town.now = datetime(2026, 12, 2, 8, tzinfo=UTC)
    town.post()
    return town


STOPS = {
    "life": life,
    "left_alone": left_alone,
    "red": red,
    "lapsed": lapsed,
    "repaired": repaired,
    "declined_and_withdrawn": declined_and_withdrawn,
    "asked_for_links": asked_for_links,
    "mornings": mornings,
    "years": years,
    "pictured": pictured,
    "handled": handled,
    "away": told_presence.away,
    "left": told_presence.left,
    "crisis_and_rest": told_presence.crisis_and_rest,
    "taken_over": told_presence.taken_over,
    "papers": papers,
    "mail_came_back": mail_came_back,
}
MUNICIPALITIES = ("haninge", "mall", "nassjo", "skurup", "tibro", "tomelilla")


class Seen:
    """What a stop of the tour left behind: its letters, messages and every word in its database."""

    def __init__(self, town: ToldTown) -> None:
        self.letters: Sequence[Letter] = list(town.box.letters)
        with town.reading() as session:
            self.messages = list(session.execute(select(Message)).scalars())
            self.emails = {one.id: one.email for one in session.execute(select(Person)).scalars()}
            self.links = list(session.execute(select(Link)).scalars())
            self.tasks = {one.id: one for one in session.execute(select(UserTask)).scalars()}
            self.kinds = {one.kind for one in session.execute(select(AuditEvent)).scalars()}
            self.dump = str(
                [session.execute(text(f"SELECT * FROM {t.name}")).all() for t in metadata.sorted_tables]
            )


@cache
def seen(stop: str) -> Seen:
    """One stop, visited once."""
    return Seen(STOPS[stop]() if stop in STOPS else policy_life(stop))


EVERYWHERE = pytest.mark.parametrize("stop", [*STOPS, *MUNICIPALITIES])


def test_the_tour_misses_no_letter_and_no_event() -> None:
    sent = {one.notice for stop in STOPS for one in seen(stop).messages if one.state is MessageState.SENT}
    assert sent == set(REGISTRY)
    happened = {kind for stop in STOPS for kind in seen(stop).kinds}
    told = {kind.value for kind, planned in NOTICES.items() if not isinstance(planned, Silent)}
    assert told <= happened


@EVERYWHERE
def test_every_letter_can_be_written(stop: str) -> None:
    assert [(one.notice, one.error) for one in seen(stop).messages if one.state is MessageState.FAILED] == []


@EVERYWHERE
def test_every_context_is_what_its_letter_expects(stop: str) -> None:
    for one in seen(stop).messages:
        kind: Any = CONTEXTS[one.notice]
        assert kind.__required_keys__ <= one.context.keys() <= kind.__required_keys__ | kind.__optional_keys__


@EVERYWHERE
def test_no_token_is_kept_anywhere(stop: str) -> None:
    """REQUIREMENTS 5: only in the letter and, hashed, in the link table."""
    tokens = [token for one in seen(stop).letters for token in re.findall(r"/l/([\w-]{20,})", one.text)]
    assert tokens
    hashes = {link.token_sha256 for link in seen(stop).links}
    assert {links.hash_of(token) for token in tokens} == hashes
    assert [token for token in tokens if token in seen(stop).dump] == []


@EVERYWHERE
def test_a_deciding_link_goes_to_its_holder_and_nowhere_else(stop: str) -> None:
    for link in seen(stop).links:
        if link.kind in DECIDING:
            assert link.email == seen(stop).emails[link.person_id]


@EVERYWHERE
def test_a_shared_mailbox_gets_news_and_no_link(stop: str) -> None:
    shared = {one.id for one in seen(stop).messages if one.person_id is None and one.notice not in _TYPED_IN}
    assert [link for link in seen(stop).links if link.message_id in shared] == []


_TYPED_IN = ("confirm_address", "my_page")


def test_what_a_group_is_asked_its_mailbox_and_channels_hear_of(memory: Engine) -> None:
    """REQUIREMENTS 2.2: the news and a way in that asks for one's own address, never a deciding link."""
    town = ToldTown(memory, {"opening": [UNIT]})
    rules = TargetRules(keys=[Fernet.generate_key().decode()], schemes=["json"], hosts=["localhost"])
    with town.work() as session:
        channel = add_target(session, rules, town.municipality_id, "Kanal", "json://localhost/", town.now)
        shared = {f"kommunikation@{DOMAIN}", address_of(channel.id)}
    town.apply(administrators=["elin", "omar"])
    assert {one.email for one in town.messages("group_asked")} == shared
    told = [one for one in town.box.letters if one.to in shared]
    assert len(told) == 2
    for one in told:
        assert "/l/" not in one.text
        assert "/mina-uppgifter" in one.text


@EVERYWHERE
def test_every_link_to_what_has_ended_is_dead_and_says_why(stop: str) -> None:
    for link in seen(stop).links:
        if link.task_id is not None and seen(stop).tasks[link.task_id].state != "open":
            assert link.dead_at is not None
            assert link.dead_why in ("answered", "withdrawn", "handed_over", "plan_changed")


@EVERYWHERE
def test_every_letter_is_about_something_that_there_is(stop: str) -> None:
    for one in seen(stop).messages:
        assert one.task_id is None or seen(stop).tasks[one.task_id].account_id == one.account_id


# ---------------------------------------------------------------- links


def letters_link(town: Town, who: str, kind: LinkKind = LinkKind.DECIDE) -> str:
    """A link in somebody's letter about the one thing they are asked."""
    task = town.open_tasks(who)[0]
    with town.work() as session:
        return links.mint(
            session,
            kind=kind,
            municipality_id=town.municipality_id,
            email=f"{who}@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=21),
            person_id=town.people[who],
            task_id=task.id,
            account_id=town.account_id,
        )


def standing(session: Session, token: str, now: datetime) -> tuple[str, str]:
    """Whether a link works, and why not."""
    found = links.find(session, token, now)
    return found.standing, found.link.dead_why if found.link else ""


ENDS: dict[str, tuple[Any, str]] = {
    "answered by another": (lambda town: town.answer("david"), "answered"),
    "handed over": (lambda town: town.hand_over("david", "sara"), "handed_over"),
    "withdrawn": (lambda town: town.withdraw(), "withdrawn"),
    "ended": (lambda town: town.repair("end_application", "david"), "withdrawn"),
    "skipped": (lambda town: town.repair("skip_step", "david", step="enhet"), "answered"),
    "undone": (lambda town: town.repair("reopen_step", "david", step="chef"), "withdrawn"),
}


@pytest.mark.parametrize("how", ENDS)
def test_all_links_die_with_what_they_were_for(memory: Engine, how: str) -> None:
    town = Town(memory, {"opening": [CHIEF, UNIT], "setting_up": [item("rad")]})
    town.apply()
    town.answer("karin")
    tokens = [letters_link(town, "petra"), letters_link(town, "petra"), letters_link(town, "david")]
    act, why = ENDS[how]
    act(town)
    with town.reading() as session:
        assert [standing(session, token, town.now) for token in tokens] == [("dead", why)] * 3


def test_an_unanswered_consultations_link_dies(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("rad", "consult", "communications"), CHIEF]})
    town.apply()
    token = letters_link(town, "petra", LinkKind.CONSULT)
    town.pass_days(20)
    with town.reading() as session:
        assert standing(session, token, town.now)[0] == "dead"


def test_a_lapsed_approvals_links_die(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF], "setting_up": [item("rad")]})
    town.apply()
    town.answer("karin")
    token = letters_link(town, "elin", LinkKind.DIGEST)
    town.pass_days(70)
    assert town.state == "lapsed"
    with town.reading() as session:
        assert standing(session, token, town.now)[0] == "dead"


def test_a_guests_links_die_with_the_days(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF], "guest": LIFE["guest"]})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_for_guest("elin", "tove", date(2026, 12, 7), date(2026, 12, 9))
    token = letters_link(town, "karin")
    town.pass_time(datetime(2026, 12, 9, 9, tzinfo=UTC))
    with town.reading() as session:
        assert standing(session, token, town.now) == ("dead", "withdrawn")


# ---------------------------------------------------------------- recipients


def test_nothing_is_written_to_one_who_has_left(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    town.leaves("elin")
    town.answer("karin", Outcome.DECLINE)
    assert town.told("application_declined") == []


def test_an_address_of_any_length_can_be_written_to(engine: Engine) -> None:
    far = "x" * 200 + f"@{DOMAIN}"
    town = Town(engine)
    with town.work() as session:
        session.get_one(Person, town.people["karin"]).email = far
        town_row = session.get_one(Municipality, town.municipality_id)
        applying.ask_for_link(session, town_row, "y" * 220 + f"@{DOMAIN}", "apply", town.now)
        applying.ask_for_link(session, town_row, "y" * 300 + f"@{DOMAIN}", "apply", town.now)
    town.apply()
    assert [one.email for one in town.messages("decision_asked")] == [far]


def test_a_guest_is_told_that_the_account_is_closed(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF], "guest": {"at_most_days": 7, "chain": [], "clauses": [CLAUSE]}})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_for_guest("elin", "tove", town.now.date(), town.now.date() + timedelta(days=3))
    town.ask_to_close("elin")
    assert town.told("account_closed") == ["elin", "tove"]
