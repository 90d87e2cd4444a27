"""Looking at what was published, on the databases that the product runs on."""

from datetime import datetime

from sqlalchemy import Engine, QueuePool

from acts import posting
from acts.rounds import go_round
from connectors.sights import AskPerson, Observation, Subject
from models import AccountState, Outcome, SightState, TaskKind
from tests.lifecycle.posted_town import REGULARLY, PostedTown
from tests.lifecycle.town import CLAUSE, step

SILENT = {"counts": ["posts"], "outcome": "close", "clauses": [CLAUSE]}
SETTINGS = {"inactivity_days": 20, "inactivity_warning_days": 5}


def test_from_the_last_post_to_the_end(engine: Engine) -> None:
    """Posted in, unreadable for a while, silent, reviewed by nobody, and closed in consultation."""
    rules = {
        "posting": REGULARLY,
        "inactivity": SILENT,
        "closing": [step("samrad", "consult", "communications")],
    }
    town = PostedTown(rules, SETTINGS, engine)
    town.publishes("2026-12-02")
    town.go_days("2026-12-04")
    town.platform.state = SightState.AUTH_EXPIRED
    town.go_days("2026-12-08")
    [tell] = town.duties(TaskKind.TELL_POSTS)
    assert len(town.municipal()) == 1
    town.tell("omar", tell, "0")
    town.platform.state = None
    town.go_days("2026-12-22")
    assert town.municipal() == []
    assert {task.kind for task in town.duties()} == {TaskKind.POST, TaskKind.WARN}
    town.go_days("2027-01-18")
    assert town.account().closing_reason.startswith("Inget inlägg sedan 2 december")
    town.at("2027-01-18 10:00")
    town.answer("petra", Outcome.ANSWERED, "Gör det.")
    assert town.state is AccountState.CLOSED and town.duties() == []
    sources = [(one.source, one.state.value) for one in town.observations()]
    assert ("manual", "empty") in sources and ("provet", "auth_expired") in sources


def test_nothing_of_the_database_is_held_while_it_is_looked_outside(engine: Engine) -> None:
    town, held = PostedTown(engine=engine), list[int]()

    def look(subject: Subject, since: datetime | None, now: datetime) -> Observation | AskPerson:
        assert isinstance(engine.pool, QueuePool)
        held.append(engine.pool.checkedout())
        return town.platform.observe(subject, since, now)

    town.at("2026-12-03")
    assert go_round(engine, posting.looking(lambda _: look), town.now).failures == []
    assert held == [0]
