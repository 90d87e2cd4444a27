"""Channels: allowed by the installation, encrypted at rest, shown masked, told by apprise."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from pytest_httpserver import HTTPServer
from requests import PreparedRequest, RequestException
from requests.adapters import HTTPAdapter
from sqlalchemy import Engine
from sqlmodel import Session

from models import Municipality, NoticeTarget
from notifications.letters import Letter
from notifications.post import RefusedForGood, TryLater
from notifications.targets import (
    ONE_HOST,
    PostRoom,
    TargetRefused,
    TargetRules,
    active_targets,
    add_target,
    address_of,
    channel_at,
)
from runtime.database import reading, writing

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
RULES = TargetRules(keys=[Fernet.generate_key().decode()], schemes=["json"], hosts=["localhost"])


class NoMail:
    """Mail is not what these letters go by."""

    def send(self, letter: Letter) -> None:
        raise AssertionError(f"{letter.to} went by mail")


def _municipality(session: Session) -> int:
    municipality = Municipality(slug="exempelby", name="Exempelby", sender_address="kanalvakt@example.org")
    session.add(municipality)
    session.flush()
    assert municipality.id is not None
    return municipality.id


def _letter(target: NoticeTarget) -> Letter:
    return Letter(
        message_id="1@example.org",
        sender="kanalvakt@example.org",
        sender_name="Kanalvakt",
        to=address_of(target.id),
        to_name="",
        reply_to=None,
        reply_to_name="",
        subject="Står still: Facebookkontot ”Badhuset”",
        text="Ingen kan svara på nästa steg.",
        html="",
        written_at=NOW,
    )


def _added(engine: Engine, url: str, rules: TargetRules = RULES) -> NoticeTarget:
    with writing(engine) as session:
        return add_target(session, rules, _municipality(session), "Kommunikation i Teams", url, NOW)


def _room(engine: Engine, rules: TargetRules = RULES) -> PostRoom:
    return PostRoom(NoMail(), rules, lambda: reading(engine))


def test_a_channel_gets_subject_and_text(engine: Engine, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/kanal", method="POST").respond_with_data("")
    target = _added(engine, f"json://localhost:{httpserver.port}/kanal")
    _room(engine).send(_letter(target))
    told = httpserver.log[0][0].get_json()
    assert told["title"] == "Står still: Facebookkontot ”Badhuset”"
    assert "Ingen kan svara" in told["message"]


def test_a_channel_that_does_not_answer_is_tried_later(engine: Engine, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/kanal").respond_with_data("", status=503)
    target = _added(engine, f"json://localhost:{httpserver.port}/kanal")
    with pytest.raises(TryLater):
        _room(engine).send(_letter(target))


@pytest.mark.parametrize("url", ["jsons://localhost/x", "json://annan.example.org/x", "file:///etc/x", "x"])
def test_other_schemes_and_hosts_are_refused(engine: Engine, url: str) -> None:
    with pytest.raises(TargetRefused, match=r"som börjar med|är inte tillåten"):
        _added(engine, url)


HOSTLESS = {
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#nyheter": "hooks.slack.com",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?mode=gov": "hooks.slack-gov.com",
    "slack://xoxb-1234-1234-abc124/#nyheter": "slack.com",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/123?mode=workflow": "hooks.slack.com",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?mode=trigger": "hooks.slack.com",
    "discord://123456789/abcdefghijklmnopqrstuvwxyz": "discord.com",
    "gchat://workspace/key/token": "chat.googleapis.com",
}
"""Addresses with a secret where others have a host, and where each goes, as the services themselves say."""


@pytest.mark.parametrize("url", HOSTLESS)
def test_a_service_with_one_host_is_allowed_by_that_host_and_goes_nowhere_else(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def send(self: HTTPAdapter, request: PreparedRequest, **_: Any) -> NoReturn:
        asked.append(urlsplit(str(request.url)).hostname or "")
        raise RequestException("no network")

    monkeypatch.setattr(HTTPAdapter, "send", send)
    scheme, host = url.partition(":")[0], HOSTLESS[url]
    assert not channel_at(replace(RULES, schemes=[scheme], hosts=[host]), url).notify("nytt", "Nyheter")
    assert set(asked) == {host}
    for others in (["example.org"], [url.split("/")[2].lower()], []):
        with pytest.raises(TargetRefused, match=f"{host} är inte tillåten"):
            channel_at(replace(RULES, schemes=[scheme], hosts=others), url)


def test_every_known_way_of_such_a_service_has_been_tried() -> None:
    ways = {(one.partition(":")[0], host) for one, host in HOSTLESS.items()}
    assert ways == {(scheme, host) for (scheme, _), host in ONE_HOST.items()}


SECRET = "TIiajkdnlazkcOXrIdevi7FQ"
_FLOW = "workflows/643e69f83c8944438d68119179a10a64/triggers/manual/paths/invoke"
_SIGNED = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SECRET}"
_POWER = "https://default1234.12.environment.api.powerplatform.com:443/powerautomate/automations/direct"
PASTED = (
    f"https://prod-31.westeurope.logic.azure.com:443/{_FLOW}?{_SIGNED}",
    f"{_POWER}/{_FLOW}?{_SIGNED.replace('2016-06-01', '1')}",
    f"https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/{SECRET}",
)
"""As Microsoft and Slack give an address to be copied."""


@pytest.mark.parametrize("url", PASTED)
def test_the_address_that_a_service_gives_is_pasted_as_it_is(
    engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def send(self: HTTPAdapter, request: PreparedRequest, **_: Any) -> NoReturn:
        asked.append(str(request.url))
        raise RequestException("no network")

    monkeypatch.setattr(HTTPAdapter, "send", send)
    hosts = ["logic.azure.com", "powerplatform.com", "hooks.slack.com"]
    rules = replace(RULES, schemes=["workflow", "slack"], hosts=hosts)
    target = _added(engine, f" {url}\n", rules)
    assert SECRET not in target.encrypted + target.masked
    with pytest.raises(TryLater):
        _room(engine, rules).send(_letter(target))
    wanted, [got] = urlsplit(url), [urlsplit(one) for one in set(asked)]
    assert (got.hostname, got.path) == (wanted.hostname, wanted.path)
    assert parse_qs(got.query) == parse_qs(wanted.query)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://example.org/kanal", "Klistra in adressen som tjänsten ger den"),
        (PASTED[0].replace("azure.com", "azure.com.example.org"), "är inte tillåten"),
        (f"{PASTED[0]}&verify=no", "verify=no"),
        (f"{PASTED[2]} {PASTED[0]}", "en adress i taget"),
    ],
)
def test_another_address_of_a_web_page_is_refused(engine: Engine, url: str, says: str) -> None:
    rules = replace(RULES, schemes=["workflow", "slack"], hosts=["logic.azure.com", "hooks.slack.com"])
    with pytest.raises(TargetRefused, match=says):
        _added(engine, url, rules)


@pytest.mark.parametrize("asked", ["?verify=no", "?verify=False", "?x=y&verify=0"])
@pytest.mark.parametrize(
    "url", ["jsons://localhost/kanal", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"]
)
def test_a_channel_whose_certificate_would_not_be_looked_at_is_refused(url: str, asked: str) -> None:
    rules = replace(RULES, schemes=["jsons", "slack"], hosts=["localhost", "hooks.slack.com"])
    assert channel_at(rules, url)
    with pytest.raises(TargetRefused, match="verify=no"):
        channel_at(rules, f"{url}{asked}")


def test_the_address_is_not_readable_in_the_database(engine: Engine) -> None:
    target = _added(engine, "json://anna:hemligt@localhost/kanal")
    assert "hemligt" not in target.encrypted + target.masked
    assert RULES.cipher().decrypt(target.encrypted.encode()) == b"json://anna:hemligt@localhost/kanal"


def test_a_new_key_still_reads_what_an_old_one_wrote(engine: Engine, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/kanal").respond_with_data("")
    target = _added(engine, f"json://localhost:{httpserver.port}/kanal")
    newer = TargetRules([Fernet.generate_key().decode(), *RULES.keys], RULES.schemes, RULES.hosts)
    _room(engine, newer).send(_letter(target))
    assert len(httpserver.log) == 1


def test_a_removed_channel_gets_nothing(engine: Engine) -> None:
    target = _added(engine, "json://localhost/kanal")
    with writing(engine) as session:
        found = session.get_one(NoticeTarget, target.id)
        found.retired_at = NOW
        session.add(found)
    with reading(engine) as session:
        assert active_targets(session, target.municipality_id) == []
    with pytest.raises(RefusedForGood):
        _room(engine).send(_letter(target))


def test_without_a_key_nothing_is_kept(engine: Engine) -> None:
    with pytest.raises(TargetRefused, match="KANALVAKT_TARGET_KEYS"):
        _added(engine, "json://localhost/x", TargetRules([], ["json"], ["localhost"]))
