"""What alembic does not see between two schemas, and what it writes that a database with rows refuses."""

from enum import Enum
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy import Column, Engine, inspect

from migrations.schema import programs_of
from models import metadata

Checks = dict[str, str]


class Differences:
    """Adds to the operations that alembic found between a released database and the models."""

    def __init__(self, released: Engine, made: Engine) -> None:
        self.rebuilt: set[str] = set()
        """Tables that exist and are changed: on SQLite they are copied, and lose their triggers."""
        looked = inspect(released)
        self._tables = set(looked.get_table_names()) & set(metadata.tables)
        self._had = {name: _checks(released, name) for name in self._tables}
        self._has = {name: _checks(made, name) for name in self._tables}
        self._indexes_had, self._indexes_have = dict(programs_of(released)), dict(programs_of(made))

    def complete(self, upgrade: ops.UpgradeOps) -> None:
        """Work on a list of operations in place."""
        whole: list[Any] = []
        for one in upgrade.ops:
            if isinstance(one, ops.ModifyTableOps):
                whole += self._changed(one.table_name, one.ops)
            else:
                whole.append(one)
        told = {one.table_name for one in whole if isinstance(one, ops.ModifyTableOps)}
        for name in sorted(self._tables - told):
            whole += self._changed(name, [])
        upgrade.ops = whole
        self.rebuilt = {one.table_name for one in whole if isinstance(one, ops.ModifyTableOps)}

    def _changed(self, table: str, found: list[Any]) -> list[Any]:
        """A table's operations: its own, and afterwards those that give up what was only for old rows."""
        named = {one.index_name for one in found if isinstance(one, ops.CreateIndexOp | ops.DropIndexOp)}
        wide: list[Any] = [*self._dropped_checks(table)]
        narrow: list[Any] = []
        for one in found:
            wide += [_plain(one)] if isinstance(one, ops.AddColumnOp) else [one]
            narrow += _without_default(one) if isinstance(one, ops.AddColumnOp) else []
        wide += [*self._new_checks(table), *self._changed_indexes(table, named)]
        return [ops.ModifyTableOps(table, some) for some in (wide, narrow) if some]

    def _dropped_checks(self, table: str) -> list[Any]:
        had, has = self._had.get(table, {}), self._has.get(table, {})
        gone = [name for name in had if has.get(name) != had[name]]
        return [ops.DropConstraintOp(sa.sql.elements.conv(name), table, type_="check") for name in gone]

    def _new_checks(self, table: str) -> list[Any]:
        had, has = self._had.get(table, {}), self._has.get(table, {})
        new = [name for name in has if has[name] != had.get(name)]
        return [
            ops.CreateCheckConstraintOp(sa.sql.elements.conv(name), table, sa.text(has[name])) for name in new
        ]

    def _changed_indexes(self, table: str, named: set[Any]) -> list[Any]:
        """Partial indexes whose condition is another: alembic compares only columns."""
        changed = [
            one
            for one in sorted(metadata.tables[table].indexes, key=lambda one: str(one.name))
            if one.name not in named
            and str(one.name) in self._indexes_had
            and self._indexes_had[str(one.name)] != self._indexes_have[str(one.name)]
        ]
        made_anew: list[Any] = []
        for one in changed:
            made_anew += [ops.DropIndexOp(str(one.name), table), ops.CreateIndexOp.from_index(one)]
        return made_anew


def _checks(engine: Engine, table: str) -> Checks:
    found = inspect(engine).get_check_constraints(table)
    return {str(one["name"]): " ".join(one["sqltext"].split()) for one in found}


def _plain(adding: ops.AddColumnOp) -> ops.AddColumnOp:
    """The column as rows that are there can take it, without the check that alembic forgets on PostgreSQL."""
    column: Column[Any] = adding.column
    kind: Any = sa.String(column.type.length) if isinstance(column.type, sa.Enum) else column.type
    default: Any = column.server_default
    if _needs_default(column):
        default = sa.DefaultClause(default_of(column))
    plain: Column[Any] = Column(column.name, kind, default, nullable=column.nullable)
    return ops.AddColumnOp(adding.table_name, plain)


def _without_default(adding: ops.AddColumnOp) -> list[Any]:
    """The models have no default in the database where Python has it."""
    column = adding.column
    if not _needs_default(column):
        return []
    kind: Any = sa.String(column.type.length) if isinstance(column.type, sa.Enum) else column.type
    return [
        ops.AlterColumnOp(
            adding.table_name,
            str(column.name),
            existing_type=kind,
            existing_nullable=False,
            modify_server_default=None,
        )
    ]


def _needs_default(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def default_of(column: Column[Any]) -> Any:
    """What rows that are there get: Python's default. Raises SystemExit when there is none."""
    default: Any = getattr(column.default, "arg", None)
    if isinstance(column.type, sa.JSON):
        made = default(None) if callable(default) else default
        return "{}" if isinstance(made, dict) else "[]"
    if isinstance(default, bool):
        return "1" if default else "0"
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, str | int | float):
        return str(default)
    raise SystemExit(
        f"{column.name} is new, wanted in each row and has no default: let it be empty, or give it one."
    )
