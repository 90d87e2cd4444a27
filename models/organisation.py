"""Who there is: the unit tree, the people, and who holds which post."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import choice_field


class UnitLevel(StrEnum):
    """How high in the tree a unit stands; `operation` and `department` have heads that policies name."""

    UNIT = "unit"
    OPERATION = "operation"
    DEPARTMENT = "department"
    MUNICIPALITY = "municipality"


class Unit(SQLModel, table=True):
    """A part of the organisation. `line_manager_id` is who leads it; empty means an empty chair."""

    __tablename__ = "unit"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    code: str = Field(max_length=40)
    name: str = Field(max_length=120)
    level: UnitLevel = choice_field(UnitLevel, UnitLevel.UNIT)
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    line_manager_id: int | None = Field(
        default=None, sa_column=sa.Column(sa.ForeignKey("person.id", use_alter=True), nullable=True)
    )


class Person(SQLModel, table=True):
    """An employee in their role. `substitute_id` answers when this person may not or cannot."""

    __tablename__ = "person"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "email"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    name: str = Field(max_length=120)
    email: str = Field(max_length=254)
    """Personal work address, lower case. A deciding link goes nowhere else."""
    title: str = Field(default="", max_length=120)
    language: str = Field(default="sv", max_length=5)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    substitute_id: int | None = Field(default=None, foreign_key="person.id")
    left_on: date | None = None
    """First day this person no longer works here, in the municipality's zone."""
    listed_on: date | None = None
    """The day of the last staff list that had this person."""


class PostHolder(SQLModel, table=True):
    """Who holds a post that policies name directly, such as communications director or unit."""

    __tablename__ = "post_holder"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "role", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    role: str = Field(max_length=40)
    """A role of the policy schema, e.g. "communications"."""
    person_id: int = Field(foreign_key="person.id")
