"""The audit log: append-only, one hash chain per municipality; personal detail apart and weedable."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import json_field


class AuditHead(SQLModel, table=True):
    """Where a municipality's chain ends. Updating it first makes writers wait for each other."""

    __tablename__ = "audit_head"

    municipality_id: int = Field(primary_key=True, foreign_key="municipality.id")
    number: int = 0
    digest: str = Field(default="", max_length=64)


class AuditEvent(SQLModel, table=True):
    """One thing that happened: ids, codes, times and clause. Never changed, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "number"),
        sa.Index("ix_audit_event_kind", "municipality_id", "kind"),
        sa.Index("ix_audit_event_at", "municipality_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    number: int
    """Place in the municipality's chain, from 1."""
    at: AwareDatetime
    kind: str = Field(max_length=40)
    via: str = Field(max_length=20)
    """The path the act came by: link, portal, form, cli, import, public or engine."""
    account_id: int | None = Field(default=None, index=True)
    task_id: int | None = None
    actor_id: int | None = None
    on_behalf_of_id: int | None = None
    clauses: list[str] = json_field(list)
    facts: dict[str, Any] = json_field(dict)
    """Codes, ids, dates, old and new values. No name, address or free text of a person."""
    detail_digest: str = Field(default="", max_length=64)
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64)


_KEPT_SQL = sa.text("weeded_on IS NULL")


class AuditDetail(SQLModel, table=True):
    """What is personal about an event. May be weeded by rule; only its salted hash is in the chain."""

    __tablename__ = "audit_detail"
    __table_args__ = (
        sa.Index("ix_audit_detail_kept", "event_id", sqlite_where=_KEPT_SQL, postgresql_where=_KEPT_SQL),
    )

    event_id: int = Field(primary_key=True, foreign_key="audit_event.id")
    salt: str = Field(max_length=32)
    detail: dict[str, Any] | None = Field(
        default=None, sa_column=sa.Column(sa.JSON(none_as_null=True), nullable=True)
    )
    weeded_on: date | None = None
    weeded_by_rule: str = Field(default="", max_length=80)


def _refuse(table: str, verb: str, dialect: str) -> sa.DDL:
    name = f"{table}_no_{verb.lower()}"
    if dialect == "sqlite":
        text = (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    else:
        level = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        text = (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION kanalvakt_append_only()"
        )
    return sa.DDL(text)


POSTGRES_FUNCTION = sa.DDL(
    "CREATE OR REPLACE FUNCTION kanalvakt_append_only() RETURNS trigger AS "
    "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
)


def append_only_ddl(dialect: str) -> list[sa.DDL]:
    """Statements that make the database itself refuse changes to the audit log, for a migration.

    Revision 0001 carries them out as they are: another table that is to refuse needs a function of its own.
    """
    if dialect == "sqlite":
        return [_refuse("audit_event", verb, dialect) for verb in ("UPDATE", "DELETE")]
    return [POSTGRES_FUNCTION] + [
        _refuse("audit_event", verb, dialect) for verb in ("UPDATE", "DELETE", "TRUNCATE")
    ]
