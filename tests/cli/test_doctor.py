"""`kanalvakt doctor`: each examination on a part that is well and on one that is not."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session
from typer.testing import CliRunner, Result

from acts.heartbeats import DELIVERY, PARTS
from acts.round_list import ROUNDS
from acts.rounds import go_round
from cli.doctor import at_work, chosen, copies, machine, platforms, post, prefect_api, sign_in, stored
from cli.doctor.findings import Finding, examined
from cli.installation import demonstrations
from cli.main import app
from deployments.processes import free_port
from models import (
    Account,
    AccountState,
    Heartbeat,
    Message,
    MessageState,
    Observation,
    PolicyVersion,
    ReturnedAs,
    ReturnedMail,
    SightState,
)
from policies.loading import HERE, sha256_of
from runtime import clock
from runtime.database import make_engine, reading, writing
from runtime.settings import InstallationSettings, settings
from tests.browser.conftest import Site, serve
from tests.cli.conftest import ADD
from tests.identity_provider_fixture import RealProvider
from tests.notifications.certificates import certificate, tls
from tests.notifications.mail_server import PASSWORD, MailServerOnLoopback, signs_in

__all__ = ["certificate"]

Run = Callable[..., Result]
SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"


def levels(found: Iterable[Finding]) -> list[str]:
    return [one.level.value for one in found]


def worst(found: Iterable[Finding]) -> Finding:
    """The only one that is not well; it always says what to do."""
    [one] = [one for one in found if one.level.value != "ok"]
    assert one.do
    return one


def settings_with(**values: object) -> InstallationSettings:
    return InstallationSettings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with one municipality, to copy."""
    path = tmp_path_factory.mktemp("template") / "kanalvakt.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KANALVAKT_DATABASE_URL", f"sqlite:///{path}")
        settings.cache_clear()
        for words in (["migrate"], list(ADD)):
            assert CliRunner().invoke(app, words).exit_code == 0
        settings.cache_clear()
    return path


@pytest.fixture
def url(run: Run, template: Path, tmp_path: Path) -> str:
    shutil.copy(template, tmp_path / "kanalvakt.db")
    return f"sqlite:///{tmp_path}/kanalvakt.db"


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    with reading(make_engine(url)) as opened:
        yield opened


# ---------------------------------------------------------------- the whole command


def test_an_installation_where_nothing_is_running(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = free_port()
    monkeypatch.setenv("KANALVAKT_MAIL_PORT", str(nobody))
    monkeypatch.setenv("KANALVAKT_PORTAL_URL", f"http://127.0.0.1:{nobody}")
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{nobody}/api")
    told = run("doctor", "--json")
    assert told.exit_code == 1
    found = json.loads(told.output)
    assert {"Databasen", "Portalen", "E-posten", "Prefect"} <= {
        one["part"] for one in found if one["level"] == "fel"
    }
    assert all(one["do"] for one in found if one["level"] != "ok")
    assert {one["level"] for one in found if one["part"] == "Handlingarna"} <= {"ok", "varning"}


def test_settings_that_cannot_be_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANALVAKT_MAIL_PORT", "tjugofem")
    told = run("doctor")
    assert told.exit_code == 1
    assert "FEL" in told.output and "1 fel" in told.output
    assert "KANALVAKT_MAIL_PORT går inte att använda: skriv ett heltal." in told.output
    other = run("migrate")
    assert other.exit_code == 1 and other.output.startswith("KANALVAKT_MAIL_PORT går inte att använda")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MAIL_SECURITY", "tls", "skriv 'off', 'starttls' eller 'ssl'."),
        ("DEMONSTRATION", "kanske", "skriv true eller false."),
        ("BEAT_SECONDS", "ofta", "skriv ett tal, med punkt före decimaler."),
        ("BEAT_SECONDS", "0", "skriv mer än 0."),
        ("SIGN_IN_HOURS", "30", "skriv högst 24."),
        ("BACKUP_KEEP", "0", "skriv minst 1."),
        ("SIGN_IN_CLAIM", "", "skriv något."),
        ("WORKER_NAME", "x" * 41, "skriv högst 40 tecken."),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_swedish(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"KANALVAKT_{name}", value)
    none, [one] = chosen.chosen_or_faults()
    assert none is None and one.says == f"KANALVAKT_{name} går inte att använda: {says}"


def test_a_setting_that_there_is_not(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANALVAKT_MAIL_HSOT", "smtp.example.org")
    monkeypatch.setenv("KANALVAKT_DATA", str(tmp_path))
    held, found = chosen.chosen_or_faults()
    assert held is not None and levels(found) == ["varning", "ok"]
    assert "KANALVAKT_MAIL_HSOT är ingen inställning" in found[0].says
    assert 'Menade du "KANALVAKT_MAIL_HOST"?' in found[0].do
    monkeypatch.delenv("KANALVAKT_MAIL_HSOT")
    (tmp_path / ".env").write_text("# KANALVAKT_X=1\nKANALVAKT_PORTAL_ULR=https://k.example.org\n")
    settings.cache_clear()
    assert "KANALVAKT_PORTAL_ULR är ingen" in worst(chosen.chosen_or_faults()[1]).says
    (tmp_path / "hemligheter").mkdir(mode=0o700)
    (tmp_path / "hemligheter" / "kanalvakt_mail_pasword").touch(mode=0o600)
    secret = worst(chosen.secrets(settings_with(secrets_dir=tmp_path / "hemligheter")))
    assert "kanalvakt_mail_pasword är ingen" in secret.says and "KANALVAKT_MAIL_PASSWORD" in secret.do


def test_settings_that_may_not_be_read(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"KANALVAKT_MAIL_USER=\xe5sa\n")
    none, found = chosen.chosen_or_faults()
    assert none is None and "kan inte läsas" in worst(found).says


def test_an_examination_that_breaks_is_told_and_hides_nothing() -> None:
    def breaks() -> Iterator[Finding]:
        raise RuntimeError("trasig")
        yield

    assert "trasig" in worst(examined("Något", breaks)).says


# ---------------------------------------------------------------- the database


def test_a_database_that_is_well(url: str) -> None:
    engine, found = stored.usable(url)
    assert engine is not None and levels(found) == ["ok"]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("nothing", "finns inte"),
        ("empty", "saknar tabeller"),
        ("older", "är av version gammal"),
        ("postgresql+psycopg://127.0.0.1:1/kanalvakt", "går inte att nå"),
        ("ingen adress", "ingen adress"),
        ("postgresql+psycopg://127.0.0.1:abc/kanalvakt", "ingen adress"),
        ("mysql://127.0.0.1/kanalvakt", "av slaget mysql"),
        ("damaged", "skadad eller ingen databas"),
        ("folder", "går inte att nå"),
    ],
)
def test_a_database_that_cannot_be_used(template: Path, tmp_path: Path, made: str, says: str) -> None:
    url = made if ":" in made or " " in made else f"sqlite:///{tmp_path}/{made}.db"
    if made == "empty":
        (tmp_path / "empty.db").touch()
    if made == "damaged":
        (tmp_path / "damaged.db").write_bytes(b"inte en databas" * 400)
    if made == "folder":
        (tmp_path / "folder.db").mkdir()
    if made == "older":
        (tmp_path / "older.db").write_bytes(template.read_bytes())
        with make_engine(url).begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'gammal'")
    engine, found = stored.usable(url)
    assert engine is None and says in worst(found).says
    assert ("docs/how-to/backup.md" in worst(found).do) == (made == "damaged")
    assert not (tmp_path / "nothing.db").exists()


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/k", "postgresql+psycopg://127.0.0.1:abc/k"])
def test_the_rest_is_examined_although_the_database_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", url)
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    settings.cache_clear()
    told = run("doctor", "--json")
    found = json.loads(told.output)
    assert [one["part"] for one in found if "kunde inte undersökas" in one["says"]] == []
    assert {"Databasen", "Portalen", "Prefect", "Klockan", "Disken"} <= {one["part"] for one in found}


def test_a_database_that_migrate_has_made_is_its_owners_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o022)
    try:
        assert run("migrate").exit_code == 0
    finally:
        os.umask(before)
    held = settings_with(database_url=f"sqlite:///{tmp_path}/kanalvakt.db")
    assert levels(chosen.files(held)) == ["ok"]
    (tmp_path / "kanalvakt.db").chmod(0o644)
    assert worst(chosen.files(held)).do == f"Kör: chmod go= {tmp_path}/kanalvakt.db"


# ---------------------------------------------------------------- settings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve(tmp_path_factory.mktemp("portal"))


def test_a_portal_that_is_well(site: Site) -> None:
    shown = settings_with(portal_url=site.url, demonstration=True)
    assert levels(chosen.portal(shown)) == ["ok", "ok"]


def test_a_portal_that_only_this_machine_reaches(site: Site) -> None:
    assert worst(chosen.portal(settings_with(portal_url=site.url))).level.value == "varning"


@pytest.mark.parametrize(
    ("portal_url", "demonstration", "says"),
    [
        ("kanalvakt.example.org", False, "är ingen adress"),
        ("http://kanalvakt.invalid", False, "är inte krypterad"),
        ("https://kanalvakt.invalid/", False, "slutar inte med servernamnet"),
        ("https://kanalvakt.invalid", True, "demonstrationens inställningar är på"),
        ("https://kanalvakt.invalid", False, "svarar inte"),
    ],
)
def test_a_portal_that_is_not(portal_url: str, demonstration: bool, says: str) -> None:
    found = list(chosen.portal(settings_with(portal_url=portal_url, demonstration=demonstration)))
    assert [one for one in found if says in one.says and one.level.value == "fel" and one.do]


def test_something_else_answers_at_the_portals_address() -> None:
    with MailServerOnLoopback() as other:
        found = list(chosen.portal(settings_with(portal_url=f"http://127.0.0.1:{other.port}")))
    assert "fel" in levels(found)


@pytest.mark.parametrize(("key", "level"), [("", "fel"), ("kort", "fel"), ("x" * 32, "ok")])
def test_the_key_of_the_forms(key: str, level: str) -> None:
    assert levels(chosen.cookies(settings_with(cookie_key=key))) == [level]


def test_the_keys_of_the_channels(run: Run) -> None:
    key = run("target", "key").output.strip()
    assert levels(chosen.channels(settings_with(target_keys=key))) == ["ok"]
    assert "nyckel 2 av 2" in worst(chosen.channels(settings_with(target_keys=f"{key},fel"))).says


@pytest.mark.parametrize(
    ("address", "level"), [("", "varning"), ("teams", "fel"), ("https://larm.example.org/in", "ok")]
)
def test_where_alarms_go(address: str, level: str) -> None:
    assert levels(chosen.alarms(settings_with(alarm_url=address))) == [level]


def test_secrets_that_others_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "hemligheter"
    held = settings_with(secrets_dir=folder)
    assert "finns inte" in worst(chosen.secrets(held)).says
    folder.mkdir(mode=0o700)
    (folder / "exempelby-facebook").touch(mode=0o600)
    assert levels(chosen.secrets(held)) == ["ok"]
    (folder / "exempelby-facebook").chmod(0o644)
    assert "exempelby-facebook" in worst(chosen.secrets(held)).says


# ---------------------------------------------------------------- mail


def mail_settings(server: MailServerOnLoopback, **values: object) -> InstallationSettings:
    return settings_with(mail_port=server.port, **values)


def test_a_mail_server_is_tried_without_a_letter() -> None:
    with MailServerOnLoopback() as server:
        found = list(post.mail(mail_settings(server), ["a@example.org", "b@example.org"]))
        assert levels(found) == ["ok", "ok"] and server.behaviour.taken == []
        server.behaviour.mail = "550 not from you"
        assert (
            "tar inte emot brev från a@example.org"
            in worst(post.mail(mail_settings(server), ["a@example.org"])).says
        )


def test_a_mail_server_that_knows_no_encryption_or_nobody() -> None:
    with MailServerOnLoopback() as server:
        refused = worst(post.mail(mail_settings(server, mail_security="starttls"), []))
        assert "KANALVAKT_MAIL_SECURITY" in refused.do
        port = server.port
    gone = worst(post.mail(settings_with(mail_port=port), []))
    assert "går inte att nå" in gone.says and "KANALVAKT_MAIL_HOST" in gone.do


def test_a_mail_server_that_does_not_know_the_password(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    known: dict[str, object] = {"mail_security": "starttls", "mail_user": "kanalvakt@example.org"}
    with MailServerOnLoopback(tls(certificate), starttls=True, authenticator=signs_in) as server:
        right = mail_settings(server, mail_password=SecretStr(PASSWORD.decode()), **known)
        assert levels(post.mail(right, [])) == ["ok"]
        wrong = worst(post.mail(mail_settings(server, mail_password=SecretStr("fel"), **known), []))
        assert "KANALVAKT_MAIL_PASSWORD" in wrong.do


def test_letters_that_wait_and_letters_that_were_lost(url: str) -> None:
    engine, now = make_engine(url), clock.now()

    def letter(name: str, state: MessageState, minutes: int) -> None:
        at = now - timedelta(minutes=minutes)
        with writing(engine) as session:
            session.add(
                Message(
                    id=name,
                    municipality_id=1,
                    notice="digest",
                    dedupe_key=name,
                    email="anna@example.org",
                    queued_at=at,
                    not_before=at,
                    state=state,
                )
            )

    def found() -> list[Finding]:
        with reading(engine) as session:
            return list(post.outbox(session, now))

    letter("fresh", MessageState.QUEUED, 1)
    letter("sent", MessageState.SENT, 600)
    assert levels(found()) == ["ok"]
    letter("lost", MessageState.BOUNCED, 60)
    assert "1 brev kom inte fram" in worst(found()).says
    letter("stuck", MessageState.QUEUED, 60)
    assert levels(found()) == ["fel", "varning"]


# ---------------------------------------------------------------- at work


def test_the_workers_sign_of_life(url: str) -> None:
    engine, now = make_engine(url), datetime(2027, 3, 1, 9, tzinfo=UTC)

    def found(at: datetime | None) -> list[str]:
        with writing(engine) as session:
            if at is not None:
                session.merge(Heartbeat(part="worker", at=at))
        with reading(engine) as session:
            return levels(at_work.worker(session, now))

    assert found(None) == ["fel"]
    assert found(now - timedelta(minutes=10)) == ["fel"]
    assert found(now - timedelta(seconds=20)) == ["ok"]


def test_rounds_that_nobody_has_gone(url: str) -> None:
    engine = make_engine(url)
    now = (clock.now() + timedelta(days=2)).replace(hour=12)

    def found(at: datetime) -> list[Finding]:
        with reading(engine) as session:
            return list(at_work.rounds(session, at))

    assert levels(found(clock.now())) == ["ok"]
    missed = found(now)
    assert "fel" in levels(missed)
    assert any("invariants" in one.says and "exempelby" in one.says for one in missed)
    for day in (now.date() - timedelta(days=1), now.date()):
        for one in ROUNDS.values():
            go_round(engine, one, now, as_of=day)
    assert levels(found(now)) == ["ok"]


def test_rules_that_differ_from_their_file(url: str, tmp_path: Path) -> None:
    own = tmp_path / "regler"
    (own / "municipalities").mkdir(parents=True)
    (own / "guidelines").mkdir()

    def found() -> list[Finding]:
        with reading(make_engine(url)) as session:
            return list(at_work.rules(session, [HERE, own], clock.now()))

    assert set(levels(found())) == {"ok"}
    text = (HERE / "municipalities" / "mall.yaml").read_text()
    (own / "municipalities" / "mall.yaml").write_text(text.replace("at_most_days: 7", "at_most_days: 5"))
    assert "en annan lydelse av mall.yaml" in worst(found()).says
    (own / "municipalities" / "mall.yaml").write_text("policy: mall\nnonsense: 1\n")
    assert "fel" in levels(found())
    [beside] = [one for one in found() if one.level.value == "varning"]
    assert "följer mall.yaml, som inte kan läsas nu" in beside.says and "Peka ut" not in beside.do
    shutil.rmtree(own)
    nowhere = worst(found())
    assert nowhere.says == f"KANALVAKT_POLICY_FOLDER leder till {own}, som inte finns."


def test_nobody_to_answer(url: str, run: Run, session: Session) -> None:
    assert "kommunikation" in worst(at_work.people(session, clock.now())).says
    files = (SAMPLES / "units.csv", SAMPLES / "people.csv")
    assert run("import", "organisation", *files, "--municipality", "exempelby").exit_code == 0
    with reading(make_engine(url)) as later:
        assert levels(at_work.people(later, clock.now())) == ["ok"]


def test_a_sign_in_that_nobody_needs_and_one_that_is_missing(url: str) -> None:
    engine = make_engine(url)
    with reading(engine) as session:
        assert levels(sign_in.sign_in(session, settings_with(), clock.now())) == ["ok"]
    with writing(engine) as session:
        version = session.execute(select(PolicyVersion)).scalar_one()
        content = {
            **version.content,
            "policy": {**version.content["policy"], "settings": {"signing": "sign-in"}},
        }
        version.content, version.sha256 = content, sha256_of(content)
    with reading(engine) as session:
        one, *_ = sign_in.sign_in(session, settings_with(), clock.now())
        assert one.level.value == "fel" and "ingen kan svara" in one.says and one.do
        half = settings_with(sign_in_issuer="https://idp.example.org")
        one, *_ = sign_in.sign_in(session, half, clock.now())
        assert "client_id: saknas" in one.says and "client_secret: hemligheten saknas" in one.says
    engine.dispose()


def test_the_provider_of_sign_ins(url: str, provider: RealProvider) -> None:
    def found(**more: object) -> list[Finding]:
        engine = make_engine(url)
        with reading(engine) as session:
            told = list(sign_in.sign_in(session, settings_with(**provider.settings(**more)), clock.now()))
        engine.dispose()
        return told

    assert levels(found()) == ["ok"]
    for wrong, says in (
        ({"metadata": {"issuer": "https://login.example.org/{tenantid}"}}, "den kallar sig"),
        ({"metadata": {"token_endpoint": "http:token"}}, "token_endpoint saknas eller är inte krypterad"),
        ({"metadata": {"code_challenge_methods_supported": ["plain"]}}, "PKCE"),
        ({"metadata": {"id_token_signing_alg_values_supported": ["HS256"]}}, "signerar inte"),
        ({"jwks": False}, "ger inga nycklar"),
    ):
        provider.tell(usual=True, **wrong)
        assert says in worst(found()).says
    assert "svarar inte" in worst(found(sign_in_issuer="http://127.0.0.1:9")).says


def test_a_zone_that_is_unknown(url: str) -> None:
    engine = make_engine(url)
    with reading(engine) as session:
        assert levels(at_work.zones(session)) == ["ok"]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE municipality SET time_zone = 'Europe/Exempelby'")
    with reading(engine) as session:
        assert "Europe/Exempelby" in worst(at_work.zones(session)).says


def test_a_wrong_zone_is_told_first_and_with_what_mends_it(url: str, run: Run) -> None:
    with make_engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE municipality SET time_zone = 'Mars/Base'")
    found = json.loads(run("doctor", "--json").output)
    assert [one for one in found if "kunde inte undersökas" in one["says"]] == []
    [zone] = [one for one in found if one["part"] == "Tidszonen"]
    assert zone["level"] == "fel" and "Mars/Base, som ingen tidszon heter" in zone["says"]
    mending = "UPDATE municipality SET time_zone = 'Europe/Stockholm' WHERE slug = 'exempelby';"
    assert mending in zone["do"]
    with make_engine(url).begin() as connection:
        connection.exec_driver_sql(mending)
    with reading(make_engine(url)) as session:
        assert levels(at_work.zones(session)) == ["ok"]
    parts = [one["part"] for one in found]
    assert parts.index("Tidszonen") < parts.index("Arbetaren")


def test_a_municipality_that_nobody_can_write_to_about_accessibility(url: str) -> None:
    engine = make_engine(url)
    with reading(engine) as session:
        said = worst(at_work.accessibility(session, clock.now()))
        assert "ingen adress alls" in said.says and "accessibility_contact" in said.do
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE municipality SET notice_address = 'kommunikation@exempelby.se'")
    with reading(engine) as session:
        assert levels(at_work.accessibility(session, clock.now())) == ["ok"]


# ---------------------------------------------------------------- keys, folders, disk


def test_the_platforms_keys(url: str, tmp_path: Path) -> None:
    """REQUIREMENTS 8: connectors that need keys are told to be checked against documentation only."""
    engine, now = make_engine(url), clock.now()

    def found(has_secret: bool = False) -> Finding:
        with reading(engine) as session:
            [one] = platforms.keys(session, tmp_path, lambda name: has_secret)
            return one

    assert found().level.value == "ok"
    with writing(engine) as session:
        account = Account(
            municipality_id=1,
            policy_version_id=1,
            platform="facebook",
            name="Biblioteket",
            state=AccountState.ACTIVE,
            state_since=now,
        )
        session.add(account)
        session.flush()
        account_id = account.id or 0
    assert "exempelby-facebook saknas" in found().says
    (tmp_path / "exempelby-facebook").write_text("nyckel")
    assert "dokumentation" in found().says

    def looked(state: SightState, minutes: int) -> None:
        with writing(engine) as session:
            at = now + timedelta(minutes=minutes)
            session.add(Observation(account_id=account_id, state=state, checked_at=at, source="facebook"))

    looked(SightState.OK, 1)
    assert found().level.value == "ok" and "lästes senast" in found().says
    looked(SightState.AUTH_EXPIRED, 2)
    assert found().level.value == "varning" and "tas inte emot" in found().says


def test_folders_of_the_archive_and_the_staff(tmp_path: Path) -> None:
    archive, staff = tmp_path / "arkiv", tmp_path / "personal"
    held = settings_with(archive_folder=archive, staff_folder=staff)
    assert levels(machine.folders(held, ["exempelby"])) == ["fel", "fel"]
    archive.mkdir()
    staff.mkdir()
    assert levels(machine.folders(held, ["exempelby"])) == ["ok", "varning"]
    (staff / "exempelby").mkdir()
    assert "ingen CSV" in worst(machine.folders(held, ["exempelby"])).says
    (staff / "exempelby" / "lista.csv").write_text("namn;e-post\n")
    assert levels(machine.folders(held, ["exempelby"])) == ["ok", "ok"]
    archive.rmdir()
    archive.touch()
    assert "arkiv" in worst(machine.folders(held, ["exempelby"])).says


def test_a_clock_that_nobody_can_tell_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the doctor cannot know is a warning, not a pass."""
    program = tmp_path / "timedatectl"
    for says, alone, beside in (
        ("yes", ["ok"], ["ok"]),
        ("no", ["varning"], ["varning"]),
        ("", ["varning"], []),
    ):
        program.write_text(f"#!/bin/sh\necho {says}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        assert levels(machine.clock()) == alone
        assert levels(machine.clock(compared=True)) == beside
    monkeypatch.setenv("PATH", str(tmp_path / "inget"))
    assert "varken datorn eller Prefect" in worst(machine.clock()).says


def test_room_and_browser(tmp_path: Path) -> None:
    assert machine._room(tmp_path, 100_000_000_000).level.value == "ok"
    assert machine._room(tmp_path, 2_000_000_000).level.value == "varning"
    assert machine._room(tmp_path, 2_000_000).level.value == "fel"
    broken = tmp_path / "chromium"
    assert any("Chromium saknas" in one.says for one in machine.pictures(broken))
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert any("går inte att starta" in one.says for one in machine.pictures(broken))
    assert any("Chromium" in one.says and one.level.value == "ok" for one in machine.pictures())


def test_a_loop_that_has_fallen_silent(url: str, session: Session) -> None:
    later = clock.now() + timedelta(minutes=30)
    with writing(make_engine(url)) as writer:
        for part in set(PARTS) - {DELIVERY}:
            writer.merge(Heartbeat(part=part, at=later))
    assert "utskicket av brev har inte hörts av" in worst(at_work.loops(session, later)).says


# ---------------------------------------------------------------- returned mail


def test_mail_that_comes_back_and_is_read_nowhere_is_warned_of() -> None:
    assert worst(post.returned(settings_with())).level.value == "varning"


def test_a_mailbox_that_can_be_read_and_one_that_cannot(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text("Subject: Hej\n\nHej")
    address = {"returned_mail_address": "retur@example.org"}
    [found] = post.returned(settings_with(returned_mail_files=tmp_path, **address))
    assert found.level.value == "ok" and "1 brev väntar" in found.says
    assert (tmp_path / "a.eml").exists(), "it is only looked at"
    assert "avsändaradresser" in worst(post.returned(settings_with(returned_mail_files=tmp_path))).says
    gone = settings_with(returned_mail_files=tmp_path / "borta", **address)
    assert "RETURNED_MAIL_FILES" in worst(post.returned(gone)).do
    nobody = settings_with(returned_mail_host="127.0.0.1", returned_mail_port=free_port(), **address)
    assert "RETURNED_MAIL_HOST" in worst(post.returned(nobody)).do


def test_mail_of_strangers_is_counted(url: str, session: Session) -> None:
    now = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert list(post.strangers(session, now)) == []
    with writing(make_engine(url)) as written:
        row = ReturnedMail(once_key="a", kind=ReturnedAs.OTHER, read_at=now, followed_at=now)
        written.add(row)
    with reading(make_engine(url)) as opened:
        [found] = post.strangers(opened, now)
    assert found.level.value == "ok" and found.says.startswith("1 brev")


def test_two_mailboxes_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inte båda"):
        settings_with(returned_mail_files=tmp_path, returned_mail_host="imap.example.org")


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(("mode", "level"), [(0o600, "ok"), (0o640, "fel"), (0o604, "fel")])
def test_nobody_else_reaches_the_database_or_its_copies(tmp_path: Path, mode: int, level: str) -> None:
    database = tmp_path / "kanalvakt.db"
    for name in ("kanalvakt.db", "kanalvakt.db-wal", "kanalvakt-2027-03-01.db"):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "kanalvakt-2027-03-01.db").chmod(mode)
    [found] = chosen.files(settings_with(database_url=f"sqlite:///{database}"))
    assert found.level.value == level and ("kanalvakt-2027-03-01.db" in found.says) is (level == "fel")


def test_beside_a_demonstration_it_is_said_where_that_one_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert demonstrations(tmp_path) == ""
    (tmp_path / "mall").mkdir()
    (tmp_path / "mall" / "kanalvakt.db").touch()
    assert f"sqlite:///{tmp_path}/mall/kanalvakt.db" in demonstrations(tmp_path)
    monkeypatch.setattr(stored, "demonstrations", lambda: demonstrations(tmp_path))
    _, found = stored.usable(f"sqlite:///{tmp_path}/other.db")
    assert "Demonstrationen (make run)" in worst(found).do


@pytest.mark.parametrize("closed", ["kanalvakt.db", "kanalvakt.db-wal", "."])
def test_a_database_that_may_be_read_and_not_written(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    (tmp_path / "kanalvakt.db").write_bytes(template.read_bytes())
    url, refused = f"sqlite:///{tmp_path}/kanalvakt.db", tmp_path / closed
    with make_engine(url).connect() as connection:
        connection.exec_driver_sql("SELECT * FROM municipality")
        monkeypatch.setattr(os, "access", lambda path, _: Path(path) != refused)
        engine, found = stored.usable(url)
    assert engine is None and f"{refused} får inte skrivas" in worst(found).says
    assert worst(found).do == f"Kör: chown kanalvakt: {refused} && chmod u+rwX {refused}"


def test_a_folder_for_copies_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings_with(backup_folder=tmp_path / "not" / "made" / "yet")
    assert levels(copies.newest_copy(chosen, clock.now())) == ["varning"]
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)
    (said,) = copies.newest_copy(chosen, clock.now())
    assert said.level == "fel" and "får inte skriva i" in said.says and "install -d -o kanalvakt" in said.do


def test_what_is_to_be_run_in_prefect_is_a_program_that_there_is() -> None:
    """On a server it is on nobody's path, and it asks another Prefect without the settings."""

    def answer(asked: httpx2.Request) -> httpx2.Response:
        if asked.url.path.endswith("deployments/filter"):
            return httpx2.Response(200, json=[])
        return httpx2.Response(404)

    api = httpx2.Client(base_url="http://127.0.0.1:9/api/", transport=httpx2.MockTransport(answer))
    does = [
        one.do for one in prefect_api.prefect(api, clock.now()) if one.part in ("Arbetspoolen", "Scheman")
    ]
    assert len(does) == 2
    assert all(".venv/bin/prefect" in one and "docs/how-to/install.md" in one for one in does)
