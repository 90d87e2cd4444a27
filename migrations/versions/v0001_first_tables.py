"""First tables."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy import Text  # alembic writes the type inside a JSONB variant without its module
from sqlalchemy.dialects import postgresql

from models.audit import append_only_ddl

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "heartbeat",
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "municipality",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column(
            "mail_domains",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("sender_address", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("registry_address", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=True),
        sa.Column("notice_address", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=True),
        sa.Column("shown_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("colour", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("logotype", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipality")),
        sa.UniqueConstraint("slug", name=op.f("uq_municipality_slug")),
    )
    op.create_table(
        "run_lease",
        sa.Column("flow_run_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("worker", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("flow_run_id", name=op.f("pk_run_lease")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("via", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column(
            "clauses",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("detail_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("previous", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_audit_event_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("municipality_id", "number", name=op.f("uq_audit_event_municipality_id_number")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_audit_event_at", ["municipality_id", "at"], unique=False)
        batch_op.create_index("ix_audit_event_kind", ["municipality_id", "kind"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_audit_head_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "desk_sheet",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("artifact_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_desk_sheet_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "name", name=op.f("pk_desk_sheet")),
    )
    op.create_table(
        "logotype",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_logotype_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logotype")),
        sa.UniqueConstraint("municipality_id", "sha256", name=op.f("uq_logotype_municipality_id_sha256")),
    )
    op.create_table(
        "notice_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("encrypted", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("masked", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("retired_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_notice_target_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_target")),
    )
    with op.batch_alter_table("notice_target", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notice_target_municipality_id"), ["municipality_id"], unique=False
        )

    op.create_table(
        "round_done",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("round", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("round_on", sa.Date(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_round_done_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_done")),
        sa.UniqueConstraint(
            "municipality_id", "round", "round_on", name=op.f("uq_round_done_municipality_id_round_round_on")
        ),
    )
    op.create_table(
        "staff_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("refused", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_staff_reading_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_reading")),
        sa.UniqueConstraint(
            "municipality_id",
            "sha256",
            "read_on",
            name=op.f("uq_staff_reading_municipality_id_sha256_read_on"),
        ),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "unit",
                "operation",
                "department",
                "municipality",
                name="unitlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("line_manager_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_manager_id"],
            ["person.id"],
            name=op.f("fk_unit_line_manager_id_person"),
            use_alter=dialect != "sqlite",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_unit_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("municipality_id", "code", name=op.f("uq_unit_municipality_id_code")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "audit_detail",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("weeded_on", sa.Date(), nullable=True),
        sa.Column("weeded_by_rule", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_detail_event_id_audit_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_detail")),
    )
    with op.batch_alter_table("audit_detail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_detail_kept",
            ["event_id"],
            unique=False,
            sqlite_where=sa.text("weeded_on IS NULL"),
            postgresql_where=sa.text("weeded_on IS NULL"),
        )

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_person_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["person.id"], name=op.f("fk_person_substitute_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("municipality_id", "email", name=op.f("uq_person_municipality_id_email")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name=op.f("fk_absence_entered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_absence_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["person.id"], name=op.f("fk_absence_substitute_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_person_id"), ["person_id"], unique=False)

    op.create_table(
        "crisis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("began_by_id", sa.Integer(), nullable=True),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["began_by_id"], ["person.id"], name=op.f("fk_crisis_began_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_crisis_ended_by_id_person")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_crisis_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crisis")),
    )
    with op.batch_alter_table("crisis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crisis_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "letter_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("notice", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("introduction", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("closing", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_letter_wording_municipality_id_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_letter_wording_written_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_wording")),
    )
    with op.batch_alter_table("letter_wording", schema=None) as batch_op:
        batch_op.create_index(
            "ix_letter_wording_latest", ["municipality_id", "notice", "language", "id"], unique=False
        )

    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("policy", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "content",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("loaded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_policy_version_approved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_policy_version_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint(
            "municipality_id", "sha256", name=op.f("uq_policy_version_municipality_id_sha256")
        ),
    )
    with op.batch_alter_table("policy_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_policy_version_municipality_id"), ["municipality_id"], unique=False
        )

    op.create_table(
        "post_holder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_post_holder_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_holder_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holder")),
        sa.UniqueConstraint(
            "municipality_id", "role", "person_id", name=op.f("uq_post_holder_municipality_id_role_person_id")
        ),
    )
    with op.batch_alter_table("post_holder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_holder_municipality_id"), ["municipality_id"], unique=False)

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

    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column(
            "account_class",
            sa.Enum(
                "common",
                "unit",
                "project",
                "campaign",
                "leader",
                name="accountclass",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("platform", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("address_key", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("target_group", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "deciding",
                "changes_asked",
                "setting_up",
                "active",
                "closing",
                "closed",
                "declined",
                "withdrawn",
                "lapsed",
                name="accountstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("applicant_id", sa.Integer(), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("platform_was_new", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_warned_on", sa.Date(), nullable=True),
        sa.Column("end_asked_on", sa.Date(), nullable=True),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closing_reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("closing_asked_by_id", sa.Integer(), nullable=True),
        sa.Column("closing_asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closing_refused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("log_in_kept_at", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("red_reason", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("duties_from_on", sa.Date(), nullable=True),
        sa.Column("rests_from_on", sa.Date(), nullable=True),
        sa.Column("rests_until_on", sa.Date(), nullable=True),
        sa.Column("rest_ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("kept_until_on", sa.Date(), nullable=True),
        sa.Column("watched_on", sa.Date(), nullable=True),
        sa.Column("missed_days", sa.Integer(), nullable=False),
        sa.Column("missed_rungs", sa.Integer(), nullable=False),
        sa.Column("posted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("news", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("woken_news", sa.Integer(), nullable=False),
        sa.Column("woken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("wake_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("run_number", sa.Integer(), nullable=False),
        sa.Column("run_seed", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("flow_run_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("waits_for", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(["applicant_id"], ["person.id"], name=op.f("fk_account_applicant_id_person")),
        sa.ForeignKeyConstraint(
            ["closing_asked_by_id"], ["person.id"], name=op.f("fk_account_closing_asked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_account_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_version.id"],
            name=op.f("fk_account_policy_version_id_policy_version"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_applicant_id"), ["applicant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(
            "ix_account_news",
            ["news"],
            unique=False,
            sqlite_where=sa.text("news > seen"),
            postgresql_where=sa.text("news > seen"),
        )
        batch_op.create_index(batch_op.f("ix_account_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_account_wake_at", ["wake_at"], unique=False)
        batch_op.create_index(
            "uq_account_living_address",
            ["municipality_id", "address_key"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('deciding', 'changes_asked', 'setting_up', 'active', 'closing') AND address_key IS NOT NULL"
            ),
            postgresql_where=sa.text(
                "state IN ('deciding', 'changes_asked', 'setting_up', 'active', 'closing') AND address_key IS NOT NULL"
            ),
        )

    op.create_table(
        "account_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column(
            "clauses",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("modality", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="casestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("noticed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("post_address", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column(
            "outcomes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("late_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("weeded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_case_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_account_case_municipality_id_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["person.id"], name=op.f("fk_account_case_opened_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_case")),
    )
    with op.batch_alter_table("account_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_case_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_account_case_municipality_id"), ["municipality_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_account_case_state"), ["state"], unique=False)

    op.create_table(
        "account_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "responsible",
                "administrator",
                "substitute",
                "guest",
                name="accountrolekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_role_id", sa.Integer(), nullable=True),
        sa.Column("assigned_by_id", sa.Integer(), nullable=True),
        sa.Column("assigned_on", sa.Date(), nullable=True),
        sa.Column("wanted_from_on", sa.Date(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("refused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acknowledged", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column(
            "editions",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_account_role_asked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["person.id"], name=op.f("fk_account_role_assigned_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["ends_role_id"], ["account_role.id"], name=op.f("fk_account_role_ends_role_id_account_role")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_role_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
    )
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_role_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_role_person_id"), ["person_id"], unique=False)

    op.create_table(
        "account_source",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column(
            "cursor",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("not_before_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("problem", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("says", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("problem_since_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("gone_looks", sa.Integer(), nullable=False),
        sa.Column("gone_since_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_source_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_source")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_attachment_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_account_id"), ["account_id"], unique=False)

    op.create_table(
        "exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("duty", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_exemption_account_id_account")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_exemption_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemption")),
    )
    with op.batch_alter_table("exemption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exemption_account_id"), ["account_id"], unique=False)

    op.create_table(
        "former_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("address_key", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("platform_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_former_address_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_former_address_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_address")),
    )
    with op.batch_alter_table("former_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_address_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_former_address_address_key"), ["address_key"], unique=False)

    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ok",
                "empty",
                "gone",
                "private",
                "auth_expired",
                "no_permission",
                "rate_limited",
                "unreachable",
                "malformed",
                name="sightstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("checked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("latest_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("latest_url", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("says", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_observation_account_id_account")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_observation_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index("ix_observation_account", ["account_id", "checked_at"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "answers",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_plan_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("account_id", "version", name=op.f("uq_plan_account_id_version")),
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_account_id"), ["account_id"], unique=False)

    op.create_table(
        "watch_month",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("month_on", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("explained", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_watch_month_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_month")),
        sa.UniqueConstraint("account_id", "month_on", name=op.f("uq_watch_month_account_id_month_on")),
    )
    with op.batch_alter_table("watch_month", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_watch_month_account_id"), ["account_id"], unique=False)

    op.create_table(
        "case_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_case_evidence_added_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["account_case.id"], name=op.f("fk_case_evidence_case_id_account_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_evidence")),
    )
    with op.batch_alter_table("case_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_evidence_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_watcher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_case_watcher_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["account_case.id"], name=op.f("fk_case_watcher_case_id_account_case")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_watcher_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_watcher")),
    )
    with op.batch_alter_table("case_watcher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_watcher_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_watcher_case_id"), ["case_id"], unique=False)

    op.create_table(
        "user_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column(
            "process",
            sa.Enum(
                "opening",
                "setting_up",
                "administrator_change",
                "guest",
                "closing",
                "closing_items",
                "duties",
                "case",
                "acts",
                name="process",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "decide",
                "consult",
                "inform",
                "revise_plan",
                "confirm_item",
                "acknowledge",
                "watch",
                "tell_posts",
                "post",
                "warn",
                "review",
                "evaluate",
                "take_snapshot",
                "weed",
                "review_guideline",
                "renew",
                "approve_policy",
                "look_into",
                "handle",
                "confirm_act",
                "inventory",
                name="taskkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("once_key", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("account_role_id", sa.Integer(), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column(
            "clauses",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("modality", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "done",
                "no_answer",
                "withdrawn",
                "taken_back",
                "missed",
                name="taskstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("advised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("next_reminder_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("escalated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "approve",
                "decline",
                "ask_for_changes",
                "answered",
                "confirmed",
                "told",
                "skipped",
                "keep",
                "continue",
                "change",
                "rest",
                "close",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column(
            "details",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("followed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_user_task_account_id_account")),
        sa.ForeignKeyConstraint(
            ["account_role_id"], ["account_role.id"], name=op.f("fk_user_task_account_role_id_account_role")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_user_task_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["account_case.id"], name=op.f("fk_user_task_case_id_account_case")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_user_task_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of_id"], ["person.id"], name=op.f("fk_user_task_on_behalf_of_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
        sa.UniqueConstraint("once_key", name=op.f("uq_user_task_once_key")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_task_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_user_task_kind", ["municipality_id", "kind", "due_at"], unique=False)
        batch_op.create_index(
            "ix_user_task_open",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_user_task_open_kinds",
            ["municipality_id", "kind"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_user_task_place", ["account_id", "process", "step"], unique=False)
        batch_op.create_index(
            "ix_user_task_unfinished",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text(
                "(state = 'open' OR followed_at IS NULL AND (state = 'taken_back' OR state IN ('done', 'no_answer') AND process = 'duties' AND kind IN ('evaluate', 'inventory', 'post', 'renew', 'review', 'tell_posts')))"
            ),
            postgresql_where=sa.text(
                "(state = 'open' OR followed_at IS NULL AND (state = 'taken_back' OR state IN ('done', 'no_answer') AND process = 'duties' AND kind IN ('evaluate', 'inventory', 'post', 'renew', 'review', 'tell_posts')))"
            ),
        )

    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("recommends", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column(
            "answers",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("by_default", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_evaluation_account_id_account")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_evaluation_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_account_id"), ["account_id"], unique=False)

    op.create_table(
        "form_run",
        sa.Column("flow_run_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("woken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_form_run_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_form_run_task_id_user_task")),
        sa.PrimaryKeyConstraint("flow_run_id", name=op.f("pk_form_run")),
    )
    with op.batch_alter_table("form_run", schema=None) as batch_op:
        batch_op.create_index(
            "ix_form_run_waits",
            ["at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "decide",
                "consult",
                "confirm_act",
                "upload",
                "digest",
                "morning",
                "draft",
                "confirm_address",
                "my_page",
                "calendar",
                name="linkkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("minted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("dead_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("dead_why", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_link_account_id_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_link_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_link_person_id_person")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_link_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_link_token_sha256")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_task_id"), ["task_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("notice", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("dedupe_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column(
            "context",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("queued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                "bounced",
                "not_needed",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_message_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id_person")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_message_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_message_dedupe_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_message_due",
            ["not_before"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
        )
        batch_op.create_index(batch_op.f("ix_message_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_message_queued", ["municipality_id", "queued_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_task_id"), ["task_id"], unique=False)

    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "decision",
                "hand_out",
                "case",
                name="paperkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("once_key", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("event_number", sa.Integer(), nullable=True),
        sa.Column("matter", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("diary_number", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("numbered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_paper_account_id_account")),
        sa.ForeignKeyConstraint(["case_id"], ["account_case.id"], name=op.f("fk_paper_case_id_account_case")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_paper_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paper_person_id_person")),
        sa.ForeignKeyConstraint(["replaces_id"], ["paper.id"], name=op.f("fk_paper_replaces_id_paper")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_paper_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("municipality_id", "once_key", name=op.f("uq_paper_municipality_id_once_key")),
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_account_id"), ["account_id"], unique=False)

    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "captured",
                "uploaded",
                name="snapshotstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "planned",
                "major_change",
                "final",
                name="snapshotreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("browser", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column(
            "clauses",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.Column("original_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("original_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "faults",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("checked_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("left_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_snapshot_account_id_account")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_snapshot_by_id_person")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_snapshot_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
    )
    with op.batch_alter_table("snapshot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_snapshot_account_id"), ["account_id"], unique=False)

    op.create_table(
        "task_holder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.Column(
            "why", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["instead_of_id"], ["person.id"], name=op.f("fk_task_holder_instead_of_id_person")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_holder_person_id_person")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_task_holder_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_holder")),
        sa.UniqueConstraint("task_id", "person_id", name=op.f("uq_task_holder_task_id_person_id")),
    )
    with op.batch_alter_table("task_holder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_holder_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_holder_task_id"), ["task_id"], unique=False)

    op.create_table(
        "visitor_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("matter", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("contact", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("weeded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["account_case.id"], name=op.f("fk_visitor_report_case_id_account_case")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_visitor_report_municipality_id_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_visitor_report_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor_report")),
    )
    with op.batch_alter_table("visitor_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visitor_report_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_visitor_report_municipality_id"), ["municipality_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_visitor_report_task_id"), ["task_id"], unique=False)

    op.create_table(
        "watched_handle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "watched_as",
            sa.Enum(
                "own",
                "former",
                "closed",
                "look_alike",
                name="watchedas",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("address_key", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("tried_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("says", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("looked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("known", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("occupant", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("occupant_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("found_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("doubt", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("doubt_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("gone_looks", sa.Integer(), nullable=False),
        sa.Column("gone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_watched_handle_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_watched_handle_municipality_id_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_watched_handle_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_handle")),
        sa.UniqueConstraint(
            "account_id",
            "watched_as",
            "address_key",
            name=op.f("uq_watched_handle_account_id_watched_as_address_key"),
        ),
    )
    with op.batch_alter_table("watched_handle", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_watched_handle_municipality_id"), ["municipality_id"], unique=False
        )

    if dialect == "postgresql":
        # Units and people point at each other: this half waits until both tables are there.
        op.create_foreign_key(
            op.f("fk_unit_line_manager_id_person"), "unit", "person", ["line_manager_id"], ["id"]
        )
    # A later revision that copies audit_event (batch_alter_table on SQLite) has to do this again.
    for statement in append_only_ddl(dialect):
        op.execute(statement)


def downgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        op.drop_constraint(op.f("fk_unit_line_manager_id_person"), "unit", type_="foreignkey")
    with op.batch_alter_table("watched_handle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_watched_handle_municipality_id"))

    op.drop_table("watched_handle")
    with op.batch_alter_table("visitor_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visitor_report_task_id"))
        batch_op.drop_index(batch_op.f("ix_visitor_report_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_visitor_report_case_id"))

    op.drop_table("visitor_report")
    with op.batch_alter_table("task_holder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_holder_task_id"))
        batch_op.drop_index(batch_op.f("ix_task_holder_person_id"))

    op.drop_table("task_holder")
    with op.batch_alter_table("snapshot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snapshot_account_id"))

    op.drop_table("snapshot")
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_account_id"))

    op.drop_table("paper")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_task_id"))
        batch_op.drop_index("ix_message_queued")
        batch_op.drop_index(batch_op.f("ix_message_person_id"))
        batch_op.drop_index(
            "ix_message_due",
            sqlite_where=sa.text("state IN ('queued', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
        )
        batch_op.drop_index(batch_op.f("ix_message_account_id"))

    op.drop_table("message")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_task_id"))
        batch_op.drop_index(batch_op.f("ix_link_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_link_account_id"))

    op.drop_table("link")
    with op.batch_alter_table("form_run", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_form_run_waits",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("form_run")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_account_id"))

    op.drop_table("evaluation")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_user_task_unfinished",
            sqlite_where=sa.text(
                "(state = 'open' OR followed_at IS NULL AND (state = 'taken_back' OR state IN ('done', 'no_answer') AND process = 'duties' AND kind IN ('evaluate', 'inventory', 'post', 'renew', 'review', 'tell_posts')))"
            ),
            postgresql_where=sa.text(
                "(state = 'open' OR followed_at IS NULL AND (state = 'taken_back' OR state IN ('done', 'no_answer') AND process = 'duties' AND kind IN ('evaluate', 'inventory', 'post', 'renew', 'review', 'tell_posts')))"
            ),
        )
        batch_op.drop_index("ix_user_task_place")
        batch_op.drop_index(
            "ix_user_task_open_kinds",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_user_task_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_user_task_kind")
        batch_op.drop_index(batch_op.f("ix_user_task_case_id"))

    op.drop_table("user_task")
    with op.batch_alter_table("case_watcher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_watcher_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_watcher_account_id"))

    op.drop_table("case_watcher")
    with op.batch_alter_table("case_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_evidence_case_id"))

    op.drop_table("case_evidence")
    with op.batch_alter_table("watch_month", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_watch_month_account_id"))

    op.drop_table("watch_month")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_account_id"))

    op.drop_table("plan")
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.drop_index("ix_observation_account")

    op.drop_table("observation")
    with op.batch_alter_table("former_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_address_address_key"))
        batch_op.drop_index(batch_op.f("ix_former_address_account_id"))

    op.drop_table("former_address")
    with op.batch_alter_table("exemption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exemption_account_id"))

    op.drop_table("exemption")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_account_id"))

    op.drop_table("attachment")
    op.drop_table("account_source")
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_role_person_id"))
        batch_op.drop_index(batch_op.f("ix_account_role_account_id"))

    op.drop_table("account_role")
    with op.batch_alter_table("account_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_case_state"))
        batch_op.drop_index(batch_op.f("ix_account_case_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_account_case_account_id"))

    op.drop_table("account_case")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_account_living_address",
            sqlite_where=sa.text(
                "state IN ('deciding', 'changes_asked', 'setting_up', 'active', 'closing') AND address_key IS NOT NULL"
            ),
            postgresql_where=sa.text(
                "state IN ('deciding', 'changes_asked', 'setting_up', 'active', 'closing') AND address_key IS NOT NULL"
            ),
        )
        batch_op.drop_index("ix_account_wake_at")
        batch_op.drop_index(batch_op.f("ix_account_unit_id"))
        batch_op.drop_index(batch_op.f("ix_account_state"))
        batch_op.drop_index(
            "ix_account_news", sqlite_where=sa.text("news > seen"), postgresql_where=sa.text("news > seen")
        )
        batch_op.drop_index(batch_op.f("ix_account_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_account_applicant_id"))

    op.drop_table("account")
    with op.batch_alter_table("returned_mail", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_returned_mail_waits",
            sqlite_where=sa.text("followed_at IS NULL"),
            postgresql_where=sa.text("followed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_returned_mail_person_id"))

    op.drop_table("returned_mail")
    with op.batch_alter_table("post_holder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_holder_municipality_id"))

    op.drop_table("post_holder")
    with op.batch_alter_table("policy_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_version_municipality_id"))

    op.drop_table("policy_version")
    with op.batch_alter_table("letter_wording", schema=None) as batch_op:
        batch_op.drop_index("ix_letter_wording_latest")

    op.drop_table("letter_wording")
    with op.batch_alter_table("crisis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crisis_municipality_id"))

    op.drop_table("crisis")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_person_id"))
        batch_op.drop_index(batch_op.f("ix_absence_municipality_id"))

    op.drop_table("absence")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_unit_id"))
        batch_op.drop_index(batch_op.f("ix_person_municipality_id"))

    op.drop_table("person")
    with op.batch_alter_table("audit_detail", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_audit_detail_kept",
            sqlite_where=sa.text("weeded_on IS NULL"),
            postgresql_where=sa.text("weeded_on IS NULL"),
        )

    op.drop_table("audit_detail")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_parent_id"))
        batch_op.drop_index(batch_op.f("ix_unit_municipality_id"))

    op.drop_table("unit")
    op.drop_table("staff_reading")
    op.drop_table("round_done")
    with op.batch_alter_table("notice_target", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_target_municipality_id"))

    op.drop_table("notice_target")
    op.drop_table("logotype")
    op.drop_table("desk_sheet")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_kind")
        batch_op.drop_index("ix_audit_event_at")
        batch_op.drop_index(batch_op.f("ix_audit_event_account_id"))

    op.drop_table("audit_event")
    op.drop_table("run_lease")
    op.drop_table("municipality")
    op.drop_table("heartbeat")
    if on_postgres:
        op.execute("DROP FUNCTION kanalvakt_append_only()")
