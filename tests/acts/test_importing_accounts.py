"""Accounts that exist already: what is taken over, what is refused, and what a file may not undo."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from acts.importing import import_accounts
from acts.spreadsheets import read_table
from acts.work import work
from lifecycle import changes, closing, process
from lifecycle.events import By
from lifecycle.idle import idles_of
from lifecycle.law import law_in_force
from lifecycle.plans import sent_plan
from lifecycle.register import read_entries
from lifecycle.roles import NO_BARS, find_holders
from lifecycle.sights import Known
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Municipality,
    Person,
)
from policies.keys import Role
from tests.acts.desk import NOW, D, Desk, counts, sample, says


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


def test_a_watch_that_nobody_was_asked_for_before_the_import_is_not_missed(desk: Desk) -> None:
    """The account was opened in 2013, and Kanalvakt has known of it since today."""
    desk.set_up()
    desk.run(import_accounts, sample("accounts.csv"))
    with Session(desk.engine) as session:
        law = law_in_force(session, desk.municipality.id or 0, NOW)
        rule = law.policy.rules.inactivity
        assert rule is not None
        account = session.get_one(Account, desk.account("exempelbybibliotek").id)
        idles = {one.cause: one for one in idles_of(law, account, rule, Known(), law.day_of(NOW))}
    assert idles["watch"].since_on == law.day_of(NOW)
    assert idles["watch"].due_on > law.day_of(NOW) + timedelta(days=60)


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
        [entry] = read_entries(session, law, NOW.date(), [account.id or 0])
        assert entry.unit == "Biblioteket"
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


def test_an_address_by_which_nobody_finds_the_account_is_told(desk: Desk) -> None:
    desk.set_up()
    report = desk.accounts(
        "namn;plattform;adress;enhet",
        "A;Facebook;https://www.facebook.com/share/1AbC/;BIB",
        "B;Instagram;https://bit.ly/abc;BIB",
    )
    assert all("säger inte vilket konto det är" in says(report)[cell] for cell in ("C2", "C3"))


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


def test_a_podcast_may_be_on_any_platform(desk: Desk) -> None:
    desk.set_up()
    assert desk.accounts("namn;plattform;adress;enhet", "P;Podd;https://www.youtube.com/c/podd;BIB").applied


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
