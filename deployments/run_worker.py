"""The warm worker's process: its settings are looked at first, before all that it needs is loaded."""

import asyncio
import sys

from runtime.plain_logs import keep_logs_plain, write_log_in_utc
from runtime.starting import (
    WillNotStart,
    keep_what_is_loaded,
    look_seldom_for_garbage,
    settings_to_start_with,
)


def demand_safe() -> None:
    """Nothing is carried with settings that it must not be carried with. Raises WillNotStart."""
    if settings_to_start_with().demonstration:
        return
    from deployments.prefect_door import demand_locked, demand_password

    demand_password()
    demand_locked()


def work() -> None:
    """Work until told to stop, or until Prefect is found open. Raises WillNotStart, or a group of it."""
    from deployments.at_work import run_worker
    from migrations import demand_this_version
    from runtime.database import installation_engine

    demand_this_version(installation_engine())
    keep_what_is_loaded()
    look_seldom_for_garbage()
    write_log_in_utc()
    asyncio.run(run_worker())


def main() -> None:
    """Entry point of `python -m deployments.run_worker`."""
    keep_logs_plain()
    try:
        demand_safe()
        work()
    except* WillNotStart as why:
        sys.exit(" ".join(dict.fromkeys(map(str, leaves(why)))))


def leaves(group: BaseException) -> list[BaseException]:
    """The errors that a group is made of."""
    if not isinstance(group, BaseExceptionGroup):
        return [group]
    return [leaf for one in group.exceptions for leaf in leaves(one)]


if __name__ == "__main__":
    main()
