"""`prefect server start` on SQLite, without its lock errors; run as a program by `prefect_server`."""

import sys
from contextlib import AbstractAsyncContextManager

from prefect.cli import app
from prefect.server.database.configurations import AioSqliteConfiguration
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

_begin_transaction = AioSqliteConfiguration.begin_transaction


def begin_at_once(
    self: AioSqliteConfiguration, session: AsyncSession, with_for_update: bool = False
) -> AbstractAsyncContextManager[AsyncSessionTransaction]:
    """Take the write lock when the transaction begins, and wait for it there.

    Prefect begins some of its transactions by reading; when another writes in between, SQLite refuses at
    once ("database is locked"), the server logs a page, and Prefect's client sleeps for two seconds.
    """
    return _begin_transaction(self, session, with_for_update=True)


def main() -> None:
    setattr(AioSqliteConfiguration, "begin_transaction", begin_at_once)  # noqa: B010
    sys.argv = ["prefect", "server", "start"]
    app()


if __name__ == "__main__":
    main()
