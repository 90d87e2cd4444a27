"""Where the platforms' keys are read from, and the round as a flow of a real Prefect."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.blocks.system import Secret
from pydantic import SecretStr
from sqlalchemy import Engine, select

from connectors.sights import Tokens, key_name
from deployments.prefect_server import PrefectServer
from flows.inactivity import inactivity
from flows.platform_keys import keys_of
from flows.posting import posting
from models import AccountSource, RoundDone
from runtime.database import installation_engine, reading
from runtime.settings import settings
from tests.web.world import World


@pytest.fixture
def installed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[Engine, Path]]:
    """An empty installation of this process, with a folder of secrets."""
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("KANALVAKT_SECRETS_DIR", str(tmp_path))
    settings.cache_clear()
    installation_engine.cache_clear()
    yield installation_engine(), tmp_path
    installation_engine().dispose()
    settings.cache_clear()
    installation_engine.cache_clear()


def test_names_that_a_block_and_a_file_may_have() -> None:
    assert key_name("exempelby", "instagram_asker") == "exempelby-instagram-asker"


def test_a_file_goes_before_a_block_and_what_is_in_neither_is_not_there(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    async def stored() -> Tokens:
        for platform, value in (("facebook", "ur-blocket"), ("linkedin", " ur-blocket \n")):
            await Secret(value=SecretStr(value)).save(key_name("exempelby", platform), overwrite=True)
        (tmp_path / "exempelby-facebook").write_text("ur-filen\n", encoding="utf-8")
        return await keys_of("exempelby", tmp_path)

    keys = asyncio.run(stored())
    assert (keys.facebook, keys.linkedin) == ("ur-filen", "ur-blocket")
    assert (keys.instagram, keys.instagram_asker) == (None, None)
    assert "ur-filen" not in repr(keys) and "ur-blocket" not in repr(keys)
    assert asyncio.run(keys_of("annanby", tmp_path)) == Tokens()


def test_the_rounds_are_gone_as_flows(
    prefect_server: PrefectServer, installed: tuple[Engine, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a platform that no connector reads, so that nothing leaves this machine."""
    engine, _ = installed
    world = World(engine)
    account_id = world.active(platform="snapchat", address="https://www.snapchat.com/add/exempelby")
    monkeypatch.setattr("flows.going_rounds.now", lambda: world.now)
    assert asyncio.run(posting()) == {"posting": 1}
    assert asyncio.run(posting()) == {"posting": 0}
    assert asyncio.run(inactivity()) == {"inactivity": 0, "inactivity_end": 0}
    with reading(engine) as session:
        assert session.get_one(AccountSource, account_id).problem == "connector"
        done = set(session.execute(select(RoundDone.round)).scalars())  # type: ignore[call-overload]
    assert done == {"posting", "inactivity", "inactivity_end"}
