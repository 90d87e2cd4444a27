"""The models as a coming release may have them: everything that has ever been changed in a model, at once."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB

from models import TaskKind, metadata


class Mood(StrEnum):
    """A choice that no model has yet."""

    GLAD = "glad"
    SAD = "sad"


def _choice(members: list[str], name: str) -> sa.Enum:
    return sa.Enum(*members, native_enum=False, create_constraint=True, length=40, name=name)


MOODS, MATTERS = (sa.text(f"{what}") for what in ("mood = 'sad'", "matter <> ''"))
UNFINISHED = sa.text("state = 'open' OR kind = 'swim'")


def changed() -> MetaData:
    """A copy of today's tables, changed."""
    copy = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(copy)
    _widen_choices(copy.tables["user_task"])
    _grow(copy.tables["account"])
    copy.tables["audit_event"].append_column(Column("weather", sa.String(20), nullable=False, default=""))
    link = copy.tables["link"]
    link.append_column(Column("colour", sa.String(9), nullable=False, server_default="red"))
    messages = copy.tables["message"]
    messages.indexes.remove(next(one for one in messages.indexes if one.name == "ix_message_queued"))
    _new_table(copy)
    return copy


def _widen_choices(tasks: Table) -> None:
    """One kind more, and other ones in the condition of an index."""
    old = next(one for one in tasks.constraints if str(one.name).endswith("taskkind"))
    tasks.constraints.remove(old)
    wider = Column("kind", _choice([*(one.value for one in TaskKind), "swim"], "taskkind"), nullable=False)
    tasks.append_column(wider, replace_existing=True)
    index = next(one for one in tasks.indexes if one.name == "ix_user_task_unfinished")
    tasks.indexes.remove(index)
    sa.Index(
        "ix_user_task_unfinished",
        tasks.c.account_id,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    by_kind = next(one for one in tasks.indexes if one.name == "ix_user_task_kind")
    tasks.indexes.remove(by_kind)
    sa.Index("ix_user_task_kind", tasks.c.municipality_id, tasks.c.kind, tasks.c.due_at)


def _grow(accounts: Table) -> None:
    """Columns of each sort: with a default in Python, which rows that are there have not seen, or empty."""
    words: Any = sa.JSON().with_variant(JSONB(), "postgresql")
    for column in (
        Column("likes", sa.Integer, nullable=False, default=7),
        Column("is_merry", sa.Boolean, nullable=False, default=True),
        Column("songs", words, nullable=False, default=list),
        Column("mood", _choice([one.value for one in Mood], "mood"), nullable=False, default=Mood.GLAD),
        Column("friend_id", sa.Integer, sa.ForeignKey("person.id"), nullable=True, index=True),
        Column("seen_singing_on", sa.Date, nullable=True),
    ):
        accounts.append_column(column)


def _new_table(copy: MetaData) -> None:
    Table(
        "song",
        copy,
        Column("id", sa.Integer, primary_key=True),
        Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True),
        Column("mood", _choice([one.value for one in Mood], "mood"), nullable=False),
        Column("matter", sa.String(40), nullable=False, unique=True),
        sa.Index("ix_song_sad", "mood", sqlite_where=MOODS, postgresql_where=MOODS),
    )
