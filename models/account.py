"""The account itself, from first draft to closed, and who has which role in it."""

import secrets
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field, json_field


class AccountState(StrEnum):
    """Where an account is in its life. Allowed moves: `lifecycle.states`."""

    DRAFT = "draft"
    DECIDING = "deciding"
    CHANGES_ASKED = "changes_asked"
    SETTING_UP = "setting_up"
    ACTIVE = "active"
    CLOSING = "closing"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class AccountClass(StrEnum):
    """Whose account it is; rules may differ by class."""

    COMMON = "common"
    UNIT = "unit"
    PROJECT = "project"
    CAMPAIGN = "campaign"
    LEADER = "leader"


LIVING = (
    AccountState.DECIDING,
    AccountState.CHANGES_ASKED,
    AccountState.SETTING_UP,
    AccountState.ACTIVE,
    AccountState.CLOSING,
)
"""States in which an account holds its address against others."""

_LIVING_SQL = sa.text(
    "state IN ({}) AND address_key IS NOT NULL".format(", ".join(f"'{s.value}'" for s in LIVING))
)
_NEWS_SQL = sa.text("news > seen")


class Account(SQLModel, table=True):
    """One social-media account or the application for one."""

    __tablename__ = "account"
    __table_args__ = (
        sa.Index(
            "uq_account_living_address",
            "municipality_id",
            "address_key",
            unique=True,
            sqlite_where=_LIVING_SQL,
            postgresql_where=_LIVING_SQL,
        ),
        sa.Index("ix_account_news", "news", sqlite_where=_NEWS_SQL, postgresql_where=_NEWS_SQL),
        sa.Index("ix_account_wake_at", "wake_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    account_class: AccountClass = choice_field(AccountClass, AccountClass.UNIT)
    platform: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=120)
    """Display name or handle, as the public sees it."""
    address: str = Field(default="", max_length=300)
    address_key: str | None = Field(default=None, max_length=300)
    """The address without scheme, "www.", case and trailing slash, for comparing."""
    purpose: str = Field(default="", max_length=4000)
    target_group: str = Field(default="", max_length=1000)
    state: AccountState = choice_field(AccountState, AccountState.DRAFT, index=True)
    state_since: AwareDatetime
    policy_version_id: int = Field(foreign_key="policy_version.id")
    """The version an application ends under; the duties of an active account follow the version in force."""
    applicant_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    plan_version: int = 0
    """Version of the plan that is being decided or was decided; 0 before it was first sent."""
    platform_was_new: bool = False
    """Whether the municipality had no account on the platform when the plan was first sent."""
    ends_on: date | None = None
    """From this day the account is to be closed, as a project's or a campaign's is."""
    end_warned_on: date | None = None
    """The `ends_on` that its people have been warned of."""
    end_asked_on: date | None = None
    """The `ends_on` for which closing has been asked for."""
    approved_at: AwareDatetime | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    closing_reason: str = Field(default="", max_length=2000)
    closing_asked_by_id: int | None = Field(default=None, foreign_key="person.id")
    closing_asked_at: AwareDatetime | None = None
    closing_refused_at: AwareDatetime | None = None
    log_in_kept_at: str = Field(default="", max_length=300)
    """Where the log-in is deposited. Never the log-in itself."""
    red_reason: str = Field(default="", max_length=300)
    """Code of why the account stands red at communications; empty when it does not."""
    imported: bool = False

    duties_from_on: date | None = None
    """Before this day an account that was taken over is only asked about: no ladder, and no closing."""
    rests_from_on: date | None = None
    rests_until_on: date | None = None
    """First day on which a resting account is to be posted in again."""
    rest_ended_at: AwareDatetime | None = None
    """When the end of that rest was noticed; empty while it is planned or lasts."""
    kept_until_on: date | None = None
    """Until this day a review has let the account be, although little happens there."""
    watched_on: date | None = None
    """The last day somebody confirmed that they had looked."""
    missed_days: int = 0
    """Days in a row, up to now, on which nobody confirmed it."""
    missed_rungs: int = 0
    """Rungs of the ladder of missed days that have been told since somebody looked."""
    posted_at: AwareDatetime | None = None
    """The latest post that is known of."""
    seen_at: AwareDatetime | None = None
    """When the account's posts were last read, or told by a person; an attempt that failed does not count."""

    news: int = 0
    """Raised by everything that the account's run should look at."""
    seen: int = 0
    """The news that the last look saw, kept in the look's own transaction."""
    woken_news: int = 0
    woken_at: AwareDatetime | None = None
    """What the wake loop last woke a run for, and when: its claim."""
    wake_at: AwareDatetime | None = None
    """The next instant at which something of this account falls due."""
    run_number: int = 1
    """Counts this account's Prefect runs; part of a run's idempotency key."""
    run_seed: str = Field(default_factory=lambda: secrets.token_hex(4), max_length=8)
    """Tells this account's runs from those of another database that the same Prefect has known."""
    flow_run_id: str | None = Field(default=None, max_length=40)
    waits_for: str = Field(default="", max_length=120)
    """What the run list shows, e.g. "Väntar på chefens beslut"."""


class FormerAddress(SQLModel, table=True):
    """An address that was an account's: what somebody may still find it by."""

    __tablename__ = "former_address"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    address: str = Field(max_length=300)
    address_key: str = Field(max_length=300, index=True)
    until_on: date
    """Its last day as the account's, in the municipality's zone."""
    platform_id: str = Field(default="", max_length=120)
    """The platform's own id of the account that it led to, where that was known."""


class AccountRoleKind(StrEnum):
    """What a person is to an account."""

    RESPONSIBLE = "responsible"
    ADMINISTRATOR = "administrator"
    SUBSTITUTE = "substitute"
    GUEST = "guest"


class AccountRole(SQLModel, table=True):
    """One person's role in one account, from `since_on` until the day before `until_on`."""

    __tablename__ = "account_role"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: AccountRoleKind = choice_field(AccountRoleKind)
    asked_by_id: int | None = Field(default=None, foreign_key="person.id")
    asked_at: AwareDatetime
    ends_role_id: int | None = Field(default=None, foreign_key="account_role.id")
    """The role this one takes over from, when it was asked for as a change."""
    assigned_by_id: int | None = Field(default=None, foreign_key="person.id")
    assigned_on: date | None = None
    wanted_from_on: date | None = None
    """The day from which a guest is wanted."""
    since_on: date | None = None
    """Empty until the role has begun."""
    until_on: date | None = None
    refused_at: AwareDatetime | None = None
    """When the change was declined or a guest's time was over."""
    acknowledged_at: AwareDatetime | None = None
    acknowledged: str = Field(default="", max_length=1000)
    """The documents and editions acknowledged, as printed to the person."""
    editions: dict[str, str] = json_field(dict)
    """The same by the policy's name of each document; empty where only the words were taken over."""
