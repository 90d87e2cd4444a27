"""Column kinds shared by all tables: checked enumerations, JSON and UTC instants."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def choice_field(kind: type[StrEnum], default: Any = ..., *, index: bool = False) -> Any:
    """A field that the database itself keeps within the values of `kind`."""
    column = sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        length=40,
        name=kind.__name__.lower(),
    )
    return Field(default=default, sa_type=column, index=index)


def json_field(factory: type[dict[str, Any]] | type[list[Any]]) -> Any:
    """A JSON value (JSONB on PostgreSQL). Replace it whole: a change inside it is not seen."""
    column = sa.JSON().with_variant(JSONB(), "postgresql")
    return Field(default_factory=factory, sa_type=column)
