"""Two places without tables, on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of two places without tables: two files, or two schemas of one PostgreSQL database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/migrated.db", f"sqlite:///{tmp_path}/made.db"
        return
    server = make_url(request.getfixturevalue("postgres_session_url"))
    administrator = create_engine(server, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        for name in ("migrated", "made"):
            connection.execute(text(f"CREATE SCHEMA {name}"))
        yield _in_schema(server, "migrated"), _in_schema(server, "made")
        for name in ("migrated", "made"):
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    administrator.dispose()


def _in_schema(server: URL, name: str) -> str:
    chosen = server.update_query_dict({"options": f"-csearch_path={name}"})
    return chosen.render_as_string(hide_password=False)
