"""Files come in whole or not at all, and the same file only once."""

from collections.abc import Callable
from datetime import date

from acts.importing import import_accounts, import_organisation, import_people
from acts.spreadsheets import read_table
from acts.work import work
from lifecycle.journal import verify
from models import (
    Account,
    AccountRole,
    Message,
    Municipality,
    Person,
    PostHolder,
    Unit,
    UnitLevel,
)
from runtime.database import reading
from tests.acts.desk import BY, NOW, D, Desk, Rows, counts, csv, sample, says


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


def test_a_large_file_is_told_by_numbers(desk: Desk) -> None:
    rows = [f"Person {n};person{n}@;{'kommunikation' if n % 100 == 0 else ''}" for n in range(3_000)]
    table = csv("namn;e-post;roller", *rows)
    assert counts(desk.run(import_people, table)) == (3_000, 0, 0)
    assert counts(desk.run(import_people, table)) == (0, 0, 3_000)
    [event] = desk.events()
    assert len(event.facts["people"]["ids_created"]) == 1_000
