"""The unit tree and the people with their posts, in one file or two and in any order."""

from datetime import date

from acts.importing import import_accounts, import_people
from acts.spreadsheets import read_table
from acts.work import work
from models import (
    Account,
    Person,
    PostHolder,
    Unit,
)
from tests.acts.desk import NOW, D, Desk, counts, csv, sample, says


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
        "E2": f"Ingen person har adressen karin.akeson{D}. Menade du karin.akesson{D}?",
        "D3": "Ingen enhet har koden QQQQQ. Lägg till enheten i fil.csv, eller rätta cellen.",
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
        "Li Ek;li.ek@;;zoe.quist@;kommunikation, registrator;9999-12-31",
        "Bo Ek;BO.EK@;;;;2026-02-30",
    )
    found = says(report)
    assert "Importera enheterna först" in found["C2"]
    assert "sin egen ersättare" in found["D2"]
    assert "Roller som kan anges: kommunikation, kommunikationschef" in found["E2"]
    assert found["F2"] == found["F4"] == "Skriv datumet som ÅÅÅÅ-MM-DD, till exempel 2027-03-01."
    assert "också på rad 4" in found["B2"]
    assert "Lägg till personen i fil.csv" in found["D3"]
    assert "Årtalet kan inte stämma" in found["F3"]


def test_roles_are_those_of_the_file_for_the_people_in_it(desk: Desk) -> None:
    desk.set_up()
    desk.people("namn;e-post;roller", "Fatima Rahimi;fatima.rahimi@;kommunikation, Registrator")
    held = [(post.person_id, post.role) for post in desk.all(PostHolder)]
    fatima = desk.person("fatima.rahimi").id
    assert sorted(role for person_id, role in held if person_id == fatima) == ["communications", "registry"]
    assert [role for _, role in held].count("communications") == 3


def test_in_which_language_somebody_is_written_to(desk: Desk) -> None:
    desk.set_up()
    desk.people("namn;e-post;språk", "Ny Person;ny.person@;Engelska", "An Nan;an.nan@;")
    assert (desk.person("ny.person").language, desk.person("an.nan").language) == ("en", "sv")
    assert counts(desk.people("namn;e-post;språk", "Ny Person;ny.person@;")) == (0, 0, 1), "their own choice"
    report = desk.people("namn;e-post;språk", "Ny Person;ny.person@;danska")
    assert "Skriv svenska eller engelska" in says(report)["C2"]
    assert desk.people("namn;e-post;språk", "Ny Person;ny.person@;sv").applied
    assert desk.person("ny.person").language == "sv"


def test_nobody_is_removed_for_not_being_in_a_file(desk: Desk) -> None:
    desk.set_up()
    desk.people("namn;e-post", "Ny Person;ny.person@")
    assert desk.count(Person) == 27
    assert all(person.left_on is None or person.left_on > date(2026, 12, 1) for person in desk.all(Person))


def test_somebody_known_from_an_application_gets_a_unit(desk: Desk) -> None:
    with work(desk.engine, NOW) as session:
        assert desk.municipality.id is not None
        session.add(Person(municipality_id=desk.municipality.id, name="Amina", email=f"amina.warsame{D}"))
    _, people = desk.organisation(sample("units.csv"), sample("people.csv"))
    assert counts(people) == (25, 1, 0)
    assert desk.person("amina.warsame").unit_id == desk.unit("BIB").id


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
