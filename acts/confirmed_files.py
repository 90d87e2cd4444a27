"""An import and new rules, when the one who began them has confirmed them by a mailed link."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from shutil import copy
from typing import Any

from sqlmodel import Session

from acts import importing, policies
from acts.confirmed import ConfirmedAct
from acts.import_steps import Report
from acts.own_imports import demand_no_own_account, demand_no_own_application, demand_no_own_matter
from acts.spreadsheets import read_table
from acts.tables import NotReadable, Row, RowFault, Table
from languages.speaking import capital, day_words, said, swedish
from lifecycle.events import By
from lifecycle.guideline_review import Size, holders_for
from lifecycle.law import Law, law_in_force
from lifecycle.policy_versions import approver_of
from lifecycle.refusals import Refused
from lifecycle.roles import demand_member
from lifecycle.tasks import holders_of
from models import Municipality, Person, UserTask
from notifications.words import names
from policies.comparing import differences
from policies.loading import GUIDELINES, HERE, MUNICIPALITIES, Content, content_of, load_policy
from policies.naming import role_name
from policies.source import NotLoadable, read_source

IMPORT, RULES = "import", "policy"
NOUNS = {"units": "Enheter", "people": "Personer", "accounts": "Konton"}
FAULTS_SHOWN = 50
DIFFERENCES_SHOWN = 30


# ---------------------------------------------------------------- an import


def read_wanted(name: str, content: bytes, sheet: str | None = None) -> Table:
    """The table of a file or of pasted lines. Refused `table_unreadable` with every fault."""
    try:
        return read_table(name, content, sheet)
    except NotReadable as unreadable:
        raise _unreadable(unreadable.faults) from None


def wanted_import(what: str, table: Table, duties_from_on: date | None) -> tuple[str, dict[str, Any]]:
    """An import as it is begun: its label, and what is kept of it until it is confirmed."""
    count = "1 rad" if len(table.rows) == 1 else f"{len(table.rows)} rader"
    label = f"{NOUNS[what]} ur {table.file_name} ({count}) läses in"
    return label, {
        "what": what,
        "duties_from": duties_from_on.isoformat() if duties_from_on else None,
        "table": _kept(table),
    }


def _kept(table: Table) -> dict[str, Any]:
    rows = [[row.number, *row.cells] for row in (table.header, *table.rows)]
    return {"file": table.file_name, "sha256": table.sha256, "rows": rows}


def _table(kept: Mapping[str, Any]) -> Table:
    header, *rows = (Row(number, tuple(cells)) for number, *cells in kept["rows"])
    return Table(kept["file"], kept["sha256"], header, tuple(rows))


def _run(session: Session, now: datetime, task: UserTask, by: By, *, dry_run: bool) -> Report:
    values, table = task.details["values"], _table(task.details["values"]["table"])
    municipality = session.get_one(Municipality, task.municipality_id)
    if values["what"] == "accounts":
        first = date.fromisoformat(values["duties_from"]) if values["duties_from"] else None
        return importing.import_accounts(
            session, municipality, table, by, now, dry_run=dry_run, duties_from_on=first
        )
    act = importing.import_units if values["what"] == "units" else importing.import_people
    return act(session, municipality, table, by, now, dry_run=dry_run)


def _import_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    report = _run(session, now, task, By(None, "link"), dry_run=True)
    counted = said(
        "%(things)s: %(created)s nya, %(changed)s ändrade, %(unchanged)s oförändrade",
        things=said(NOUNS[report.what]),
        created=report.created,
        changed=report.changed,
        unchanged=report.unchanged,
    )
    who = said("Chefer och poster kan ändras, och med dem vem som beslutar")
    return [counted, *([who] if report.what != "accounts" else []), *map(swedish, report.notes)]


def _import(session: Session, now: datetime, task: UserTask, by: By) -> None:
    """Whole or not at all, and with four eyes. Refused `table_unreadable` with every fault."""
    person, values = session.get_one(Person, by.person_id), task.details["values"]
    on = law_in_force(session, task.municipality_id, now).day_of(now)
    demand_member(session, person, on)
    if values["what"] == "accounts":
        demand_no_own_application(session, person, _table(values["table"]), on)
        demand_no_own_account(session, person, _table(values["table"]), now, on)
    else:
        demand_no_own_matter(session, person, now)
    report = _run(session, now, task, by, dry_run=False)
    if report.faults:
        raise _unreadable(report.faults)


def _unreadable(faults: Sequence[RowFault]) -> Refused:
    lines = [_fault_words(one) for one in faults[:FAULTS_SHOWN]]
    more = [f"… och {len(faults) - FAULTS_SHOWN} fel till."] if len(faults) > FAULTS_SHOWN else []
    return Refused("table_unreadable", says="\n" + "\n".join([*lines, *more]))


def _fault_words(fault: RowFault) -> str:
    row = f"rad {fault.row}" if fault.row else ""
    place = ", ".join(word for word in (row, fault.column) if word)
    value = f" ”{fault.value}”" if fault.value and fault.value != fault.column else ""
    said = f"{place}{value}: {fault.says}"
    return said[:1].upper() + said[1:] if place else fault.says


# ---------------------------------------------------------------- new rules


def content_named(name: str, folder: Path = HERE) -> Content:
    """The rules in a file of the installation's own folder, or of the product. Refused `rules_unreadable`."""
    try:
        return content_of(load_policy(name.strip(), folder), folder)
    except NotLoadable as not_loadable:
        raise _not_loadable(not_loadable) from None


def content_pasted(text: str, own: Path = HERE) -> Content:
    """The rules in a pasted file, as if it lay in the installation's `own` folder.

    Refused `rules_unreadable`.
    """
    with tempfile.TemporaryDirectory(prefix="kanalvakt-rules-") as made:
        folder = Path(made)
        for kind in (GUIDELINES, MUNICIPALITIES):
            (folder / kind).mkdir()
            for file in (own / kind).glob("*.yaml"):
                copy(file, folder / kind)
        pasted = folder / "pasted.yaml"
        pasted.write_text(text, "utf-8")
        name = _name_in(pasted)
        pasted.rename(folder / MUNICIPALITIES / f"{name}.yaml")
        return content_named(name, folder)


def _name_in(file: Path) -> str:
    """What the file must be called: its own `policy`, where one can be read."""
    name = str(read_source(file, file.name).content.get("policy", ""))
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isalnum() and plain.isascii() and name.islower() else "inklistrat"


def _not_loadable(error: NotLoadable) -> Refused:
    lines = [str(one) for one in error.faults[:FAULTS_SHOWN]]
    return Refused("rules_unreadable", says="\n" + "\n".join(lines))


def wanted_rules(content: Content, size: Size) -> tuple[str, dict[str, Any]]:
    """New rules as they are begun: their label, and what is kept of them until they are confirmed."""
    label = (
        f"Nya regler ({content['policy']['name']}) föreslås, att gälla från {content['policy']['valid_from']}"
    )
    return label, {"size": size.value, "content": content}


def _rules_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    law, values = law_in_force(session, task.municipality_id, now), task.details["values"]
    found = [
        swedish(f"{one.kind} – {one.what}: {one.name}") for one in differences(law.content, values["content"])
    ]
    left = len(found) - DIFFERENCES_SHOWN
    more = [said("… och %(number)s skillnader till", number=left)] if left > 0 else []
    return [_asked(session, law, task, now), *found[:DIFFERENCES_SHOWN], *more]


def _asked(session: Session, law: Law, task: UserTask, now: datetime) -> str:
    """Who is asked to approve them, from the law in force."""
    values, on = task.details["values"], law.day_of(now)
    role = approver_of(law, Size(values["size"]), on)
    proposer = next((one.person_id for one in holders_of(session, task.id)), None)
    asked = holders_for(session, law, role, on, besides=proposer)
    who = names(session.get_one(Person, one.person_id) for one in asked)
    return said(
        "%(Role)s (%(names)s) tillfrågas. Godkänns de gäller de från %(day)s",
        Role=capital(role_name(law.policy, role, "definite")),
        names=who,
        day=day_words(date.fromisoformat(str(values["content"]["policy"]["valid_from"]))),
    )


def _propose(session: Session, now: datetime, task: UserTask, by: By) -> None:
    values, law = task.details["values"], law_in_force(session, task.municipality_id, now)
    demand_member(session, session.get_one(Person, by.person_id), law.day_of(now))
    policies.propose(session, task.municipality_id, values["content"], Size(values["size"]), by, now)


FILES: dict[str, ConfirmedAct] = {
    IMPORT: ConfirmedAct(_import_words, _import),
    RULES: ConfirmedAct(_rules_words, _propose),
}
