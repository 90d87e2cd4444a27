"""The command `prefect` for a server that is asked much, and on SQLite without its lock errors.

    python -P deployments/prefect_program.py server start

What follows its name is what `prefect` takes.
"""

import gc
from contextlib import AbstractAsyncContextManager

from prefect.cli import app
from prefect.server.database.configurations import AioSqliteConfiguration
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

SELDOM = (50_000, 20, 20)
"""What is made for an answer is gone after it: to look through it for garbage takes a tenth of its time."""

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
    gc.set_threshold(*SELDOM)
    setattr(AioSqliteConfiguration, "begin_transaction", begin_at_once)  # noqa: B010
    app()


if __name__ == "__main__":
    main()
