"""Stops of the tour of letters: people go away and leave, accounts rest, end or are taken over."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import col

from acts import absences, confirming, crises, exempting, inventory, leaving, resting, watching
from acts.importing import import_accounts
from acts.rounds import go_round
from acts.spreadsheets import read_table
from lifecycle.events import By
from models import Link, LinkKind, Municipality
from tests.acts.told_town import ToldTown
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, item, step

CHIEF = step("chef", "decide", "line_manager")
ADDRESS = "https://example.org/bibliotek"


def away() -> ToldTown:
    """A question and a checklist reach who stands in; the absence is changed and ended."""
    rules = {"opening": [CHIEF], "setting_up": [item("rad"), item("plats", place=True)]}
    town = ToldTown(memory_engine(), rules)
    town.apply(administrators=["elin", "omar"], responsible=["omar"], address=ADDRESS)
    absence_id = _enter(town, "karin", "sara")
    town.look()
    town.answer("johan")
    _enter(town, "omar", "omar", "tove")
    town.look()
    with town.work() as session:
        absences.change(
            session,
            town.now,
            by_id=town.people["karin"],
            absence_id=absence_id,
            until_on=None,
            substitute_email=f"tove@{DOMAIN}",
            via="portal",
        )
        absences.end(session, town.now, by_id=town.people["sara"], absence_id=absence_id, via="portal")
    town.post()
    return town


def _enter(town: ToldTown, who: str, by: str, substitute: str = "") -> int:
    with town.work() as session:
        absence = absences.enter(
            session,
            town.now,
            by_id=town.people[by],
            email=f"{who}@{DOMAIN}",
            from_on=town.now.date(),
            until_on=town.now.date() + timedelta(days=10),
            substitute_email=f"{substitute}@{DOMAIN}" if substitute else "",
            via="portal",
        )
        return absence.id or 0


def left() -> ToldTown:
    """Karin leaves; Johan takes over."""
    rules = {"opening": [], "administrator_change": [CHIEF, step("kontakt", "inform", "communications")]}
    town = ToldTown(memory_engine(), rules)
    town.apply(administrators=["karin", "omar"], responsible=["omar"], address=ADDRESS)
    for last in ("tove", "johan"):
        _begin(town, last)
    with town.work() as session:
        rows = select(Link).where(col(Link.kind) == LinkKind.CONFIRM_ACT, col(Link.dead_at).is_(None))
        link = session.execute(rows).scalars().one()
        confirming.confirm(
            session,
            town.now,
            task_id=link.task_id or 0,
            person_id=town.people["petra"],
            link_id=link.id or 0,
        )
    town.look()
    _begin(town, "johan", who="omar")
    with town.work() as session:
        rows = select(Link).where(col(Link.kind) == LinkKind.CONFIRM_ACT, col(Link.dead_at).is_(None))
        link = session.execute(rows).scalars().one()
        confirming.drop(
            session,
            town.now,
            task_id=link.task_id or 0,
            person_id=town.people["petra"],
            link_id=link.id or 0,
        )
    return town


def _begin(town: ToldTown, to: str, who: str = "karin") -> None:
    with town.work() as session:
        leaving.ask(
            session,
            town.now,
            by_id=town.people["petra"],
            person_id=town.people[who],
            last_on=town.now.date() - timedelta(days=1),
            all_to=f"{to}@{DOMAIN}",
            via="portal",
        )
    town.post()


def crisis_and_rest() -> ToldTown:
    """A crisis begins and ends; the account rests, is let off the watch, and comes to its last day."""
    rules = {
        "opening": [],
        "watch": [{"days": "weekdays", "clauses": [CLAUSE]}],
        "crisis": [{"label": "I kris", "used_by": "crisis_organisation", "clauses": [CLAUSE]}],
    }
    town = ToldTown(memory_engine(), rules)
    town.posts("crisis_organisation", "birgitta")
    town.apply(administrators=["elin", "omar"], responsible=["omar"], address=ADDRESS)
    with town.work() as session:
        crises.begin(session, town.now, by_id=town.people["petra"], message="Vattnet.", via="portal")
    town.look()
    with town.work() as session:
        crises.end(session, town.now, by_id=town.people["petra"], via="portal")
    on, about = town.now.date(), {"account_id": town.account_id, "via": "portal"}
    with town.work() as session:
        resting.let_rest(
            session,
            town.now,
            person_id=town.people["omar"],
            from_on=on,
            until_on=on + timedelta(days=30),
            **about,
        )
        ends_on = on + timedelta(days=20)
        resting.set_end(session, town.now, person_id=town.people["omar"], ends_on=ends_on, **about)
        exempting.exempt(
            session,
            town.now,
            person_id=town.people["petra"],
            duty="watch",
            until_on=on + timedelta(days=5),
            reason="Låst.",
            **about,
        )
    for one in (resting.ENDS, watching.TELL):
        assert go_round(town.engine, one, town.now).failures == []
    town.look()
    return town


def taken_over() -> ToldTown:
    """Accounts that existed already, asked about in one letter."""
    town = ToldTown(memory_engine(), {"opening": []})
    rows = (
        "namn;plattform;adress;enhet;ansvariga",
        f"Ett;facebook;facebook.com/ett;bibliotek;elin@{DOMAIN}",
        f"Två;facebook;facebook.com/tva;bibliotek;elin@{DOMAIN}",
    )
    table, by = read_table("konton.csv", "\n".join(rows).encode()), By(None, "cli")
    with town.work() as session:
        municipality = session.get_one(Municipality, town.municipality_id)
        import_accounts(session, municipality, table, by, town.now)
        inventory.begin(session, municipality, date(2027, 2, 1), by, town.now)
    town.post()
    return town
