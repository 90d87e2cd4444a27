"""What the models have become since the last release."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy import Text  # alembic writes the type inside a JSONB variant without its module


from migrations import NoWayBack

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "returned_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("once_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "bounced",
                "failed_for_now",
                "delayed",
                "away",
                "answer",
                "automatic",
                "receipt",
                "other",
                name="returnedas",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("letter_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("says", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("followed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("weeded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_returned_mail_municipality_id_municipality"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_returned_mail_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_mail")),
        sa.UniqueConstraint("once_key", name=op.f("uq_returned_mail_once_key")),
    )
    with op.batch_alter_table("returned_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_returned_mail_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_returned_mail_waits",
            ["municipality_id"],
            unique=False,
            sqlite_where=sa.text("followed_at IS NULL"),
            postgresql_where=sa.text("followed_at IS NULL"),
        )

    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_link_linkkind"), type_="check")
        batch_op.add_column(sa.Column("signed_in", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_link_linkkind"),
            "kind IN ('decide', 'consult', 'confirm_act', 'digest', 'morning', 'draft', 'confirm_address', 'my_page', 'calendar')",
        )

    with op.batch_alter_table("task_holder", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    raise NoWayBack
