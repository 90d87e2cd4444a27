"""Whether anything waits for a worker: one question for all, since it is asked several times a second."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, Executable, exists, select

from acts.by_form import ANSWERED
from acts.waking import PATIENCE, has_news, is_due
from models.asking import built_once
from notifications.delivery import claimable
from runtime.database import reading


class Waits(StrEnum):
    """What a worker has to see to at once."""

    ACCOUNTS = "accounts"
    FORMS = "forms"
    LETTERS = "letters"


def what_waits(engine: Engine, now: datetime) -> Collection[Waits]:
    """What somebody is to see to; it is claimed by whoever comes first, so there may be nothing left then."""
    with reading(engine) as session:
        found = session.execute(*_anything(now, now - PATIENCE, now + PATIENCE)).one()
    return [one for one, waits in zip(Waits, found, strict=True) if waits]


@built_once
def _anything(now: datetime, claimed_before: datetime, set_back_after: datetime) -> Executable:
    news = has_news(claimed_before, set_back_after)
    by_clock = is_due(now, claimed_before, set_back_after)
    return select(
        exists().where(news) | exists().where(by_clock), ANSWERED.exists(), exists().where(claimable(now))
    )
