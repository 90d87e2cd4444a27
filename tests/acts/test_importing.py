"""Units, people and existing accounts come in whole or not at all, and the same file only once."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from acts.import_steps import Report
from acts.importing import import_accounts, import_organisation, import_people, import_units
from acts.spreadsheets import read_table
from acts.tables import Table
from acts.work import work
from lifecycle import changes, closing, process
from lifecycle.events import By
from lifecycle.journal import verify
from lifecycle.law import law_in_force
from lifecycle.plans import sent_plan
from lifecycle.register import entry_of
from lifecycle.roles import NO_BARS, find_holders
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    AuditEvent,
    Message,
    Municipality,
    Person,
    PostHolder,
    Unit,
    UnitLevel,
)
from policies.keys import Role
from runtime.database import reading
from tests.acts.conftest import NOW

SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"
BY = By(None, "cli")
D = "@exempelby.example.org"

Rows = Sequence[Sequence[Any]]


def csv(*rows: str, name: str = "fil.csv") -> Table:
    """A table of lines with ; between; @ is short for the municipality's domain."""
    text = "\n".join(rows).replace("@", D)
    return read_table(name, text.encode())


def sample(name: str) -> Table:
    return read_table(name, (SAMPLES / name).read_bytes())


class Desk:
    """Imports, each in its own transaction."""

    def __init__(self, engine: Engine, municipality: Municipality) -> None:
        self.engine, self.municipality, self.now = engine, municipality, NOW

    def units(self, *rows: str, **how: bool) -> Report:
        return self.run(import_units, csv(*rows), **how)

    def people(self, *rows: str, **how: bool) -> Report:
        return self.run(import_people, csv(*rows), **how)

    def accounts(self, *rows: str, **how: bool) -> Report:
        return self.run(import_accounts, csv(*rows), **how)

    def organisation(self, units: Table, people: Table, **how: bool) -> tuple[Report, Report]:
        with work(self.engine, self.now) as session:
            return import_organisation(session, self.municipality, units, people, BY, self.now, **how)

    def run(self, act: Callable[..., Report], table: Table, **how: bool) -> Report:
        with work(self.engine, self.now) as session:
            return act(session, self.municipality, table, BY, self.now, **how)

    def set_up(self) -> None:
        """The sample organisation."""
        for report in self.organisation(sample("units.csv"), sample("people.csv")):
            assert (report.applied, list(report.faults)) == (True, [])

    def count(self, table: Any) -> int:
        with reading(self.engine) as session:
            return session.execute(select(func.count()).select_from(table)).scalar_one()

    def all(self, table: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.execute(select(table).order_by(col(table.id))).scalars())

    def unit(self, code: str) -> Unit:
        return next(one for one in self.all(Unit) if one.code == code)

    def person(self, name: str) -> Person:
        return next(one for one in self.all(Person) if one.email == f"{name}{D}")

    def account(self, address: str) -> Account:
        return next(one for one in self.all(Account) if address in one.address)

    def events(self) -> list[AuditEvent]:
        return [event for event in self.all(AuditEvent) if event.kind == "imported"]


@pytest.fixture
def desk(engine: Engine, municipality: Municipality) -> Desk:
    return Desk(engine, municipality)


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


def says(report: Report) -> dict[str, str]:
    """What was said, by cell."""
    return {fault.cell: fault.says for fault in report.faults}


# ---------------------------------------------------------------- the sample municipality


def test_the_sample_organisation(desk: Desk) -> None:
    desk.set_up()
    assert (desk.count(Unit), desk.count(Person)) == (13, 26)
    library = desk.unit("BIB")
    assert (library.name, library.level, library.line_manager_id) == (
        "Biblioteket",
        UnitLevel.UNIT,
        desk.person("karin.akesson").id,
    )
    assert library.parent_id == desk.unit("KUL").id
    assert desk.unit("TUR").line_manager_id is None
    assert desk.person("amina.warsame").substitute_id == desk.person("per.nordin").id
    roles = sorted(post.role for post in desk.all(PostHolder))
    assert roles.count("communications") == 3
    assert {"communications_director", "registry", "crisis_organisation", "working_committee"} < set(roles)


def test_the_last_day_is_still_a_day_at_work(desk: Desk) -> None:
    desk.set_up()
    assert desk.person("ulla.gustavsson").left_on == date(2027, 2, 1)


def test_a_workbook_gives_the_same_as_the_files(desk: Desk, xlsx: Callable[..., bytes]) -> None:
    sheets: dict[str, Rows] = {
        title: [sample(name).header.cells, *(row.cells for row in sample(name).rows)]
        for title, name in (("Enheter", "units.csv"), ("Personer", "people.csv"), ("Konton", "accounts.csv"))
    }
    book = xlsx(**sheets)
    desk.organisation(read_table("allt.xlsx", book, "Enheter"), read_table("allt.xlsx", book, "Personer"))
    assert counts(desk.run(import_accounts, read_table("allt.xlsx", book, "Konton"))) == (10, 0, 0)
    assert [counts(one) for one in desk.organisation(sample("units.csv"), sample("people.csv"))] == [
        (0, 0, 13),
        (0, 0, 26),
    ]
    assert counts(desk.run(import_accounts, sample("accounts.csv"))) == (0, 0, 10)


def test_a_second_import_changes_nothing_and_leaves_no_event(desk: Desk) -> None:
    desk.set_up()
    desk.run(import_accounts, sample("accounts.csv"))
    before = [
        one.model_dump()
        for table in (Unit, Person, PostHolder, Account, AccountRole)
        for one in desk.all(table)
    ]
    assert [counts(one) for one in desk.organisation(sample("units.csv"), sample("people.csv"))] == [
        (0, 0, 13),
        (0, 0, 26),
    ]
    assert counts(desk.run(import_accounts, sample("accounts.csv"))) == (0, 0, 10)
    after = [
        one.model_dump()
        for table in (Unit, Person, PostHolder, Account, AccountRole)
        for one in desk.all(table)
    ]
    assert after == before
    assert len(desk.events()) == 2


def test_the_audit_log_has_ids_and_codes_only(desk: Desk) -> None:
    desk.set_up()
    desk.people("namn;e-post;titel;ersättare", "Karin Å Lund;karin.akesson@;chef;per.nordin@")
    first, second = desk.events()
    assert first.facts["what"] == "organisation"
    assert first.facts["units"]["sha256"] == sample("units.csv").sha256
    assert (first.facts["units"]["created"], first.facts["people"]["created"]) == (13, 26)
    karin, johan, per = (desk.person(name).id for name in ("karin.akesson", "johan.hedlund", "per.nordin"))
    assert second.facts["people"]["changes"] == [
        [karin, "name", None, None],
        [karin, "title", None, None],
        [karin, "substitute", johan, per],
    ]
    assert (second.via, second.actor_id) == ("cli", None)
    for word in ("Karin", "exempelby", "Lund", "Biblioteket"):
        assert word not in str([event.facts for event in desk.events()])
    with reading(desk.engine) as session:
        assert desk.municipality.id is not None
        assert verify(session, desk.municipality.id).breaks == []
    assert desk.count(Message) == 0


# ---------------------------------------------------------------- whole or not at all


def test_with_one_fault_nothing_is_imported(desk: Desk) -> None:
    report = desk.units("kod;namn;nivå", "KS;Kansliet;förvaltning", "BIB;;enhet", "BAD;Badet;avdelning")
    assert report.applied is False
    assert counts(report) == (1, 0, 0)
    assert says(report) == {
        "B3": "Cellen är tom. Skriv namn.",
        "C4": "”avdelning” går inte. Skriv ett av: enhet, verksamhet, förvaltning, kommun.",
    }
    assert [(one.row, one.column, one.value, one.file) for one in report.faults] == [
        (3, "namn", "", "fil.csv"),
        (4, "nivå", "avdelning", "fil.csv"),
    ]
    assert (desk.count(Unit), len(desk.events())) == (0, 0)


def test_partly_the_good_rows_are_imported(desk: Desk) -> None:
    report = desk.units(
        "kod;namn;nivå;överordnad kod",
        "KS;Kansliet;förvaltning;",
        "KUL;Kultur;verksamheten;KS",
        "BIB;Biblioteket;enhet;KUL",
        "FIL;Filialen;enhet;BIB",
        "BAD;Badet;enhet;KS",
        partial=True,
    )
    assert (report.applied, counts(report)) == (True, (2, 0, 0))
    assert {unit.code for unit in desk.all(Unit)} == {"KS", "BAD"}
    assert "Skriv ett av: enhet, verksamhet" in says(report)["C3"]
    assert "rad 3 i fil.csv är fel" in says(report)["D4"]
    assert "rad 4 i fil.csv är fel" in says(report)["D5"]
    assert desk.events()[0].facts["units"]["faults"] == 3


def test_a_dry_run_tells_and_changes_nothing(desk: Desk) -> None:
    report = desk.units("kod;namn;nivå", "KS;Kansliet;förvaltning", dry_run=True)
    assert (report.applied, counts(report)) == (False, (1, 0, 0))
    assert desk.count(Unit) == 0


def test_a_dry_run_needs_no_right_to_write(desk: Desk) -> None:
    with reading(desk.engine) as session:
        tables = sample("units.csv"), sample("people.csv")
        reports = import_organisation(session, desk.municipality, *tables, BY, NOW, dry_run=True)
    assert [counts(report) for report in reports] == [(13, 0, 0), (26, 0, 0)]


# ---------------------------------------------------------------- columns


def test_names_of_columns_in_many_spellings(desk: Desk) -> None:
    report = desk.units(
        " KOD ;Namn;Niva;Överordnad_kod;CHEF", "KS;Kansliet;Förvaltning;;", "B;Badet; Enhet ;KS;"
    )
    assert counts(report) == (2, 0, 0)
    report = desk.people("NAMN;E-postadress;Befattning;enhetskod", "Bo Ek;Bo.Ek@;vakt;B")
    assert counts(report) == (1, 0, 0)
    assert desk.person("bo.ek").title == "vakt"


def test_unknown_missing_and_double_columns(desk: Desk) -> None:
    report = desk.units("kod;namm;kod;Lösenord;;chef", "A;B;C;hemligt;x;")
    assert says(report) == {
        "B1": 'Kolumnen ”namm” är okänd. Menade du "namn"? Döp om den eller ta bort den.',
        "C1": "Kolumnen ”kod” finns två gånger. Ta bort den ena.",
        "D1": "Kolumnen ser ut att innehålla lösenord. Ta bort den ur filen: de ska aldrig importeras.",
        "E1": "Kolumnen saknar namn. Skriv det i rubrikraden, eller ta bort kolumnen.",
        "": "Kolumnen ”nivå” saknas. Lägg till den i rubrikraden.",
    }
    assert counts(report) == (0, 0, 0)
    assert "hemligt" not in str(report)


def test_a_wrong_header_stops_a_partial_import_too(desk: Desk) -> None:
    report = desk.units("kod;namn;nivå;färg", "A;B;enhet;blå", partial=True)
    assert counts(report) == (0, 0, 0)
    assert desk.count(Unit) == 0


def test_more_values_than_columns(desk: Desk) -> None:
    report = desk.units("kod;namn;nivå", "A;Kultur; fritid;enhet")
    assert "fler värden" in says(report)["D2"]


def test_a_column_that_is_not_there_changes_nothing_and_an_empty_cell_empties(desk: Desk) -> None:
    desk.set_up()
    desk.units("kod;namn;nivå", "BIB;Stadsbiblioteket;enhet")
    library = desk.unit("BIB")
    assert (library.name, library.line_manager_id) == ("Stadsbiblioteket", desk.person("karin.akesson").id)
    desk.units("kod;namn;nivå;chef", "BIB;Stadsbiblioteket;enhet;")
    assert desk.unit("BIB").line_manager_id is None


# ---------------------------------------------------------------- units


def test_unknown_units_above_and_line_managers(desk: Desk) -> None:
    desk.set_up()
    report = desk.units(
        "kod;namn;nivå;överordnad kod;chef",
        "A;Arkivet;enhet;KULL;karin.akeson@",
        "B;Basaren;enhet;QQQQQ;zzz@",
        "C;Caféet;enhet;C;per.nordin",
    )
    assert says(report) == {
        "D2": 'Ingen enhet har koden KULL. Menade du "KUL"?',
        "E2": f'Ingen person har adressen karin.akeson{D}. Menade du "karin.akesson{D}"?',
        "D3": "Ingen enhet har koden QQQQQ. Lägg till enheten i filen, eller rätta koden.",
        "E3": f"Ingen person har adressen zzz{D}. Importera personerna först, eller båda filerna tillsammans "
        "(kanalvakt import organisation).",
        "D4": "Enheterna ligger under varandra i ring: C → C. Rätta en av dem.",
        "E4": "”per.nordin” är ingen e-postadress. Skriv bara adressen, till exempel namn@exempel.se.",
    }


def test_line_managers_that_are_not_known_yet(desk: Desk) -> None:
    report = desk.units("kod;namn;nivå;chef", "A;Arkivet;enhet;bo.ek@")
    assert "Importera personerna först, eller båda filerna tillsammans" in says(report)["D2"]


def test_loops_are_refused_also_with_units_that_are_there(desk: Desk) -> None:
    desk.set_up()
    report = desk.units("kod;namn;nivå;överordnad kod", "KF;Kultur och fritid;enhet;BIB")
    assert "i ring: KF → BIB → KUL → KF" in says(report)["D2"]
    report = desk.units(
        "kod;namn;nivå;överordnad kod",
        "A;A;enhet;B",
        "B;B;enhet;C",
        "C;C;enhet;A",
        "D;D;enhet;A",
        partial=True,
    )
    assert set(says(report)) == {"D2", "D3", "D4", "D5"}
    assert "rad 2 i fil.csv är fel" in says(report)["D5"]
    assert counts(report) == (0, 0, 0)


def test_a_higher_unit_cannot_lie_under_a_lower(desk: Desk) -> None:
    desk.set_up()
    report = desk.units("kod;namn;nivå;överordnad kod", "MIL;Miljöförvaltningen;förvaltning;BIB")
    assert says(report) == {
        "D2": "En förvaltning kan inte ligga under en enhet (BIB). Rätta nivån eller koden."
    }


def test_the_same_code_twice(desk: Desk) -> None:
    report = desk.units("kod;namn;nivå", "A;Ett;enhet", "B;Två;enhet", "A;Tre;enhet", partial=True)
    assert "också på rad 4" in says(report)["A2"]
    assert "också på rad 2" in says(report)["A4"]
    assert [unit.code for unit in desk.all(Unit)] == ["B"]


# ---------------------------------------------------------------- people


def test_addresses_of_others_and_no_addresses(desk: Desk) -> None:
    text = (
        f"namn;e-post\nBo Ek;bo.ek@gmail.com\nLi Ö;Li Ö <li.o{D}>\nAl Ek;al.ek{D}, al{D}\nEv Ek;\n"
        f"Registrator;registrator{D}\n"
    )
    report = desk.run(import_people, read_table("fil.csv", text.encode()))
    assert says(report)["B2"] == (
        "Adressen är ingen arbetsadress i kommunen. Den ska sluta på @exempelby.example.org."
    )
    assert "ingen e-postadress" in says(report)["B3"]
    assert "bara en adress" in says(report)["B4"]
    assert "tom" in says(report)["B5"]
    assert counts(report) == (1, 0, 0)


def test_faults_of_people(desk: Desk) -> None:
    report = desk.people(
        "namn;e-post;enhet;ersättare;roller;slutar",
        "Bo Ek;bo.ek@;BIB;bo.ek@;kommunikatör;31/12 2026",
        "Li Ek;li.ek@;;al.ek@;kommunikation, registrator;9999-12-31",
        "Bo Ek;BO.EK@;;;;2026-02-30",
    )
    found = says(report)
    assert "Importera enheterna först" in found["C2"]
    assert "sin egen ersättare" in found["D2"]
    assert "Roller som kan anges: kommunikation, kommunikationschef" in found["E2"]
    assert found["F2"] == found["F4"] == "Skriv datumet som ÅÅÅÅ-MM-DD, till exempel 2027-03-01."
    assert "också på rad 4" in found["B2"]
    assert "Lägg till personen i filen" in found["D3"]
    assert "Årtalet kan inte stämma" in found["F3"]


def test_roles_are_those_of_the_file_for_the_people_in_it(desk: Desk) -> None:
    desk.set_up()
    desk.people("namn;e-post;roller", "Fatima Rahimi;fatima.rahimi@;kommunikation, Registrator")
    held = [(post.person_id, post.role) for post in desk.all(PostHolder)]
    fatima = desk.person("fatima.rahimi").id
    assert sorted(role for person_id, role in held if person_id == fatima) == ["communications", "registry"]
    assert [role for _, role in held].count("communications") == 3


def test_nobody_is_removed_for_not_being_in_a_file(desk: Desk) -> None:
    desk.set_up()
    desk.people("namn;e-post", "Ny Person;ny.person@")
    assert desk.count(Person) == 27
    assert all(person.left_on is None or person.left_on > date(2026, 12, 1) for person in desk.all(Person))


def test_somebody_known_from_an_application_gets_a_unit(desk: Desk) -> None:
    with work(desk.engine, NOW) as session:
        assert desk.municipality.id is not None
        session.add(Person(municipality_id=desk.municipality.id, name="Amina", email=f"amina.warsame{D}"))
    units, people = desk.organisation(sample("units.csv"), sample("people.csv"))
    assert counts(people) == (25, 1, 0)
    assert desk.person("amina.warsame").unit_id == desk.unit("BIB").id


# ---------------------------------------------------------------- both files, in any order


def test_units_then_people_then_line_managers(desk: Desk) -> None:
    assert desk.units("kod;namn;nivå", "A;Arkivet;enhet").applied
    assert desk.people("namn;e-post;enhet", "Bo Ek;bo.ek@;A").applied
    assert counts(desk.units("kod;namn;nivå;chef", "A;Arkivet;enhet;bo.ek@")) == (0, 1, 0)
    assert desk.unit("A").line_manager_id == desk.person("bo.ek").id


def test_together_each_refers_to_the_other_and_falls_with_it(desk: Desk) -> None:
    units = csv("kod;namn;nivå;chef", "A;Arkivet;enhet;bo.ek@", "B;Badet;enhet;li.ek@", name="enheter.csv")
    people = csv("namn;e-post;enhet;slutar", "Bo Ek;bo.ek@;A;snart", "Li Ek;li.ek@;B;", name="personer.csv")
    first, second = desk.organisation(units, people)
    assert (first.faults, len(second.faults), first.applied, second.applied) == ([], 1, False, False)
    assert desk.count(Unit) == 0
    first, second = desk.organisation(units, people, partial=True)
    assert (counts(first), counts(second)) == ((1, 0, 0), (1, 0, 0))
    assert "rad 2 i personer.csv är fel" in says(first)["D2"]
    assert desk.unit("B").line_manager_id == desk.person("li.ek").id


def test_a_filled_chair_wakes_the_accounts_that_wait_for_it(desk: Desk) -> None:
    desk.set_up()
    desk.run(import_accounts, sample("accounts.csv"))
    with work(desk.engine, NOW) as session:
        session.get_one(Account, desk.account("upplevexempelby").id).red_reason = "no_holder:closing"
    desk.units("kod;namn;nivå;chef", "TUR;Turistbyrån;enhet;sofia.lundin@")
    assert [one.news for one in desk.all(Account) if one.red_reason] == [2]


# ---------------------------------------------------------------- accounts


def test_the_sample_accounts(desk: Desk) -> None:
    desk.set_up()
    report = desk.run(import_accounts, sample("accounts.csv"))
    assert (counts(report), report.applied, list(report.notes)) == ((10, 0, 0), True, [])
    account = desk.account("exempelbybibliotek")
    assert (account.state, account.imported, account.news, account.seen) == (AccountState.ACTIVE, True, 1, 0)
    assert (account.platform, account.account_class) == ("facebook", AccountClass.UNIT)
    assert (account.opened_on, account.unit_id) == (date(2013, 10, 1), desk.unit("BIB").id)
    assert account.log_in_kept_at == "Kuvert i bibliotekets kassaskåp"
    roles = [role for role in desk.all(AccountRole) if role.account_id == account.id]
    assert sorted(role.kind for role in roles) == [
        "administrator",
        "administrator",
        "responsible",
        "substitute",
    ]
    assert {role.since_on for role in roles} == {date(2013, 10, 1)}
    closed = desk.account("x.com/exempelbybad")
    assert (closed.state, closed.closed_on, closed.news, closed.waits_for) == (
        AccountState.CLOSED,
        date(2023, 12, 31),
        0,
        "Avslutat",
    )
    assert {role.until_on for role in desk.all(AccountRole) if role.account_id == closed.id} == {
        date(2023, 12, 31)
    }


def looked_at(session: Session, account_id: int | None) -> str | None:
    assert account_id is not None
    return process.look(session, account_id, NOW)


def test_imported_accounts_live_on_like_others(desk: Desk) -> None:
    desk.set_up()
    desk.run(import_accounts, sample("accounts.csv"))
    for account in desk.all(Account):
        with work(desk.engine, NOW) as session:
            waits_for = looked_at(session, account.id)
            assert waits_for == (None if account.state is AccountState.CLOSED else "Aktiv")
            assert sent_plan(session, account) is None
    with work(desk.engine, NOW) as session:
        law = law_in_force(session, desk.all(Municipality)[0].id or 0, NOW)
        account = session.get_one(Account, desk.account("exempelbybibliotek").id)
        holders = find_holders(
            session, account, Role.RESPONSIBLE, bars=NO_BARS, last_resort=Role.COMMUNICATIONS, on=NOW.date()
        )
        assert [one.person_id for one in holders] == [desk.person("karin.akesson").id]
        entry = entry_of(session, law, account, NOW.date())
        assert entry is not None and entry["unit"] == "Biblioteket"
        closing.ask_to_close(
            session, account, "Få följare", By(desk.person("karin.akesson").id, "portal"), NOW
        )
        assert "Aktiv · " in (looked_at(session, account.id) or "")


def test_an_address_that_two_rows_share_is_refused_with_both(desk: Desk) -> None:
    desk.set_up()
    report = desk.accounts(
        "namn;plattform;adress;enhet",
        "Biblioteket;Facebook;https://www.facebook.com/Bibblan/;BIB",
        "Badet;Instagram;https://instagram.com/badet;BAD",
        "Bibblan;Facebook;facebook.com/bibblan;BIB",
        partial=True,
    )
    assert says(report) == {
        "C2": "Adressen står också på rad 4 (cell C4). En adress hör till ett konto: behåll en av raderna.",
        "C4": "Adressen står också på rad 2 (cell C2). En adress hör till ett konto: behåll en av raderna.",
    }
    assert [account.name for account in desk.all(Account)] == ["Badet"]


def test_an_address_that_an_application_has_is_refused(desk: Desk) -> None:
    desk.set_up()
    with work(desk.engine, NOW) as session:
        law = law_in_force(session, desk.municipality.id or 0, NOW)
        session.add(
            Account(
                municipality_id=desk.municipality.id or 0,
                state=AccountState.DECIDING,
                state_since=NOW,
                policy_version_id=law.version_id,
                name="Bibblan",
                address="https://facebook.com/bibblan",
                address_key="facebook.com/bibblan",
            )
        )
    report = desk.accounts(
        "namn;plattform;adress;enhet", "Bibblan;Facebook;https://m.facebook.com/bibblan;BIB"
    )
    assert "hör redan till ett konto i Kanalvakt: Bibblan" in says(report)["C2"]


def test_the_same_address_may_have_been_closed_before(desk: Desk) -> None:
    desk.set_up()
    rows = (
        "namn;plattform;adress;enhet;tillstånd;avslutat",
        "Badet;X;x.com/badet;BAD;avslutat;2019-05-01",
        "Badet;X;x.com/badet;BAD;;",
    )
    assert counts(desk.accounts(*rows)) == (2, 0, 0)
    assert counts(desk.accounts(*rows)) == (0, 0, 2)


def test_faults_of_accounts(desk: Desk) -> None:
    desk.set_up()
    report = desk.accounts(
        "namn;plattform;adress;enhet;klass;ansvariga;öppnat;tillstånd;avslutat",
        "A;Fejsbok;bibblan;BIBB;;ingen@;2030-01-01;;",
        "B;Facebook;https://www.instagram.com/b;;;;;;",
        "C;Facebook;https://www.facebook.com/;KOMM;gemensam;;;avslutat;",
        "D;Podd;https://podd.example.org/d;;gemensamt;per.nordin@ amina@;2020-01-01;avslutat;2019-01-01",
        "E;Blogg;https://blogg.example.org/e;BIB;;;;aktivt;2020-01-01",
    )
    found = says(report)
    assert "Skriv ett av: Facebook, Instagram" in found["B2"]
    assert "går inte att läsa som en webbadress" in found["C2"]
    assert 'Menade du "BIB"' in found["D2"]
    assert "Ingen person har adressen" in found["F2"]
    assert "har inte varit än" in found["G2"]
    assert "Adressen går till Instagram" in found["B3"]
    assert "eller gemensamt under klass" in found["D3"]
    assert "hela plattformen" in found["C4"]
    assert "Skriv ett av: enhet, gemensamt" in found["E4"]
    assert "Skriv vilken dag" in found["I4"]
    assert "ingen e-postadress" in found["F5"] and "komma" not in found["F5"]
    assert "innan det öppnades" in found["I5"]
    assert "Kontot är aktivt" in found["I6"]
    assert desk.count(Account) == 0


@pytest.mark.parametrize(
    "secret", ["Sommar2024", "P4ssw0rd", "hunter!2", "Valvet, lösenord: abc", "pin=1234"]
)
def test_what_looks_like_a_password_is_refused_and_never_repeated(desk: Desk, secret: str) -> None:
    desk.set_up()
    report = desk.accounts(
        "namn;plattform;adress;enhet;inloggning förvaras", f"A;X;x.com/a;BIB;{secret}", partial=True
    )
    assert "ser ut som ett lösenord" in says(report)["E2"]
    assert secret not in str(report)
    assert desk.count(Account) == 0


@pytest.mark.parametrize(
    "place",
    ["1Password", "Bitwarden", "Kuvert 12 i kassaskåpet", "it@exempelby.example.org", "Microsoft365", "IT"],
)
def test_where_a_password_is_kept_may_be_said(desk: Desk, place: str) -> None:
    desk.set_up()
    table = read_table(
        "fil.csv", f"namn;plattform;adress;enhet;inloggning förvaras\nA;X;x.com/a;BIB;{place}\n".encode()
    )
    assert counts(desk.run(import_accounts, table)) == (1, 0, 0)


def test_people_who_have_left(desk: Desk) -> None:
    desk.set_up()
    desk.now = NOW + timedelta(days=100)
    head = "namn;plattform;adress;enhet;ansvariga;tillstånd;avslutat"
    report = desk.accounts(head, "A;X;x.com/a;BIB;ulla.gustavsson@;;")
    assert says(report) == {"E2": "Ulla Gustavsson har slutat. Ange någon annan."}
    assert desk.accounts(head, "A;X;x.com/a;BIB;ulla.gustavsson@;avslutat;2026-01-01").applied


def test_accounts_without_anybody_responsible_are_pointed_out(desk: Desk) -> None:
    desk.set_up()
    report = desk.accounts(
        "namn;plattform;adress;enhet;ansvariga", "A;X;x.com/a;BIB;", "B;X;x.com/b;BIB;per.nordin@"
    )
    assert (report.applied, list(report.notes)) == (True, ["Konton utan ansvarig: rad 2."])


def test_a_corrected_file_corrects_accounts_that_nobody_has_touched(desk: Desk) -> None:
    desk.set_up()
    head = "namn;plattform;adress;enhet;syfte;ansvariga;öppnat"
    desk.accounts(head, "A;X;x.com/a;BIB;;per.nordin@;2020-01-01", "B;X;x.com/b;BIB;;;")
    desk.now = NOW + timedelta(days=1)
    rows = head, "A;X;x.com/a;BAD;Badtider;peter.ostlund@;2020-01-01", "B;X;x.com/b;BIB;;;"
    assert counts(desk.accounts(*rows)) == (0, 1, 1)
    account = desk.account("x.com/a")
    assert (account.unit_id, account.purpose, account.news) == (desk.unit("BAD").id, "Badtider", 2)
    roles = [(role.person_id, role.since_on, role.until_on) for role in desk.all(AccountRole)]
    assert roles == [
        (desk.person("per.nordin").id, date(2020, 1, 1), date(2026, 11, 24)),
        (desk.person("peter.ostlund").id, date(2026, 11, 24), None),
    ]
    assert counts(desk.accounts(*rows)) == (0, 0, 2)


def test_a_file_does_not_undo_what_people_have_done(desk: Desk) -> None:
    desk.set_up()
    desk.run(import_accounts, sample("accounts.csv"))
    by = By(desk.person("karin.akesson").id, "portal")
    with work(desk.engine, NOW) as session:
        law = law_in_force(session, desk.municipality.id or 0, NOW)
        account = session.get_one(Account, desk.account("exempelbybibliotek").id)
        ulla = session.get_one(Person, desk.person("ulla.gustavsson").id)
        role = changes.ask_for_administrator(
            session, law, account, ulla, AccountRoleKind.ADMINISTRATOR, by, NOW
        )
        changes.begin_role(session, law, account, role, NOW)
    report = desk.run(import_accounts, sample("accounts.csv"))
    [fault] = report.faults
    assert (fault.cell, report.applied) == ("I6", False)
    assert f"ulla.gustavsson{D}" in fault.says and "sedan det importerades" in fault.says
    assert counts(desk.run(import_accounts, sample("accounts.csv"), partial=True)) == (0, 0, 9)


def test_what_was_closed_here_stays_closed(desk: Desk) -> None:
    desk.set_up()
    desk.run(import_accounts, sample("accounts.csv"))
    with work(desk.engine, NOW) as session:
        account = session.get_one(Account, desk.account("exempelbybibliotek").id)
        closing.ask_to_close(
            session, account, "Få följare", By(desk.person("karin.akesson").id, "portal"), NOW
        )
        account.state, account.closed_on = AccountState.CLOSED, NOW.date()
    report = desk.run(import_accounts, sample("accounts.csv"))
    assert says(report) == {
        "C6": "Kontot är avslutat i Kanalvakt. Ta bort raden. Ska kontot öppnas igen behövs en ansökan."
    }


def test_an_open_account_is_not_closed_by_a_file(desk: Desk) -> None:
    desk.set_up()
    desk.accounts("namn;plattform;adress;enhet", "A;X;x.com/a;BIB")
    report = desk.accounts(
        "namn;plattform;adress;enhet;tillstånd;avslutat", "A;X;x.com/a;BIB;avslutat;2026-01-01"
    )
    assert says(report) == {"E2": "Kontot är öppet i Kanalvakt. Avsluta det där, eller ta bort raden."}


def test_without_a_policy_there_are_no_accounts(engine: Engine) -> None:
    with work(engine, NOW) as session:
        other = Municipality(slug="annan", name="Annan", sender_address="a@annan.example.org")
        session.add(other)
    with pytest.raises(LookupError):
        Desk(engine, other).accounts("namn;plattform;adress;enhet", "A;X;x.com/a;BIB")


def test_municipalities_do_not_see_each_other(desk: Desk) -> None:
    desk.set_up()
    with work(desk.engine, NOW) as session:
        other = Municipality(
            slug="annan", name="Annan", mail_domains=[D[1:]], sender_address="a@annan.example.org"
        )
        session.add(other)
    elsewhere = Desk(desk.engine, other)
    report = elsewhere.units("kod;namn;nivå;överordnad kod;chef", "BIB;Bibblan;enhet;KUL;karin.akesson@")
    assert set(says(report)) == {"D2", "E2"}
    assert elsewhere.units("kod;namn;nivå", "BIB;Bibblan;enhet").applied
    assert desk.unit("BIB").name == "Biblioteket"


def test_the_largest_file(desk: Desk) -> None:
    rows = [f"Person {n};person{n}@;{'kommunikation' if n % 100 == 0 else ''}" for n in range(20_000)]
    table = csv("namn;e-post;roller", *rows)
    assert counts(desk.run(import_people, table)) == (20_000, 0, 0)
    assert counts(desk.run(import_people, table)) == (0, 0, 20_000)
    [event] = desk.events()
    assert len(event.facts["people"]["ids_created"]) == 1_000
