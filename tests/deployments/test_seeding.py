"""The demonstration's invented municipality, whenever somebody tries it."""

from datetime import UTC, datetime

from sqlalchemy import Engine, func, select

from deployments.seeding import applications, seed
from models import Account, AccountState
from runtime.database import reading


def test_years_from_now(sqlite_engine: Engine) -> None:
    """Whoever has left by then is nobody that an application needs."""
    seed(sqlite_engine, "mall", datetime(2031, 3, 3, 9, tzinfo=UTC))
    with reading(sqlite_engine) as session:
        waiting = select(func.count()).where(Account.state == AccountState.DECIDING)  # type: ignore[arg-type]
        approved = select(func.count()).where(Account.state == AccountState.SETTING_UP)  # type: ignore[arg-type]
        assert session.execute(waiting).scalar_one() + session.execute(approved).scalar_one() == len(
            applications()
        )
