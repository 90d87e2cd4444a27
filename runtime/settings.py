"""The installation's settings, from the environment, a .env file or a folder of secrets."""

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

log = logging.getLogger("kanalvakt.settings")


class InstallationSettings(BaseSettings):
    """Everything one installation decides for itself. Environment names begin with KANALVAKT_."""

    model_config = SettingsConfigDict(
        env_prefix="KANALVAKT_",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,
        secrets_dir=os.environ.get("KANALVAKT_SECRETS_DIR") or None,
    )

    database_url: str = "sqlite:///kanalvakt.db"
    portal_url: str = "http://127.0.0.1:8080"
    """Public address of the portal, without a slash at the end; letters carry it."""
    mail_host: str = "127.0.0.1"
    mail_port: int = 25
    mail_security: Literal["off", "starttls", "ssl"] = "off"
    mail_user: str | None = None
    mail_password: SecretStr | None = None
    mail_sender: str = "kanalvakt@example.org"
    """From whom news of the installation itself comes; letters come from their municipality's address."""
    returned_mail_address: str = ""
    """Where mail that cannot be delivered comes back to (the envelope's sender of all letters); a star in it
    is replaced by the letter's number. Empty: to the municipality's own address."""
    returned_mail_host: str = ""
    """The server with that mailbox, read over IMAP; empty: it is not read."""
    returned_mail_port: int = 993
    returned_mail_security: Literal["off", "starttls", "ssl"] = "ssl"
    returned_mail_user: str | None = None
    returned_mail_password: SecretStr | None = None
    returned_mail_folder: str = "INBOX"
    returned_mail_files: Path | None = None
    """A folder into which the mail server writes each mail as a file instead (.eml)."""
    target_keys: SecretStr = SecretStr("")
    """Keys for the addresses of channels, newest first, with commas between."""
    target_schemes: str = "workflow,workflows,slack"
    target_hosts: str = "logic.azure.com,powerplatform.com,hooks.slack.com"
    cookie_key: SecretStr = SecretStr("")
    """At least 32 characters; signs nothing but the form protection of the portal's pages."""
    sign_in_issuer: str | None = None
    """The issuer of the organisation's sign-in (OpenID Connect); none: nobody signs in."""
    sign_in_client_id: str = ""
    sign_in_client_secret: SecretStr = SecretStr("")
    sign_in_claim: str = Field(default="email", min_length=1)
    """Which claim holds the work address."""
    sign_in_trusted: bool = False
    """The issuer is trusted for the address: "email_verified" is not asked for."""
    sign_in_acr: str = ""
    """Values of `acr`, with blanks between, of which a sign-in must have one; empty: any."""
    sign_in_amr: str = ""
    """Ways of `amr`, with blanks between, that a sign-in must have used, all of them; empty: any."""
    sign_in_hours: float = Field(default=10.0, gt=0, le=24)
    """How long a visit lasts that was begun by signing in: a working day."""
    demonstration: bool = False
    """Shows the demonstration mailbox and allows plain HTTP cookies."""
    clock_file: Path | None = None
    """Moves the clock: the file holds the seconds to add. Refused outside a demonstration."""
    mailbox_url: str | None = None
    prefect_url: str | None = None
    """Where people open Prefect's pages, without a slash at the end: the portal links to the desk there."""
    desk_municipalities: str = ""
    """Short names, with commas between, of those whose overviews stand in Prefect; empty: all."""
    desk_seconds: float = Field(default=60.0, gt=0)
    """How often a page of the desk is written at most, however much happens."""
    alarm_url: SecretStr = SecretStr("")
    """A webhook (Teams, Slack, or one that takes JSON) for alarms, past our own letters; empty: none."""
    metrics_token: SecretStr = SecretStr("")
    """What whoever reads /metrics has to know; empty: nobody reads it."""
    beat_seconds: float = Field(default=30.0, gt=0, le=60)
    """How often a part that lives says so."""
    worker_name: str = Field(default="", max_length=40)
    """What a worker is called where several work on one computer; empty: the computer's name."""
    desk_keep_days: int = Field(default=30, ge=1)
    """How long what people filled in and what it came to stays in Prefect."""
    data_folder: Path = Path("data")
    archive_folder: Path | None = None
    """Where snapshots are left for the archive, one folder below it for each municipality; none: nowhere."""
    secrets_dir: Path | None = None
    """The folder of secrets: one file for each, also the platforms' keys ("exempelby-facebook")."""
    staff_folder: Path | None = None
    """Where each municipality has a folder, by its slug, in which the newest file is its staff list."""
    policy_folder: Path | None = None
    """The municipality's own rule files, in guidelines/ and municipalities/; none: only the product's own."""
    backup_folder: Path | None = None
    """Where a copy of the database is put every night, and by `kanalvakt backup`; none: no copy is taken."""
    backup_keep: int = Field(default=30, ge=1)
    """How many copies stay there."""
    lease_seconds: float = Field(default=40.0, gt=0)
    """How long a worker that has fallen silent still counts as carrying its flow runs."""
    heal_seconds: float = Field(default=20.0, gt=0)
    """How often a worker looks for flow runs that a dead one has left."""
    heal_everything_seconds: float = Field(default=900.0, gt=0)
    """How often every account is looked over for whether it has its flow run, by one of the workers."""
    municipalities_a_run: int = Field(default=25, ge=1)
    """How many municipalities one run goes a round for; where there are more, others go it for the rest."""

    @model_validator(mode="after")
    def _one_mailbox(self) -> Self:
        if self.returned_mail_host and self.returned_mail_files is not None:
            raise ValueError(
                "Ange antingen KANALVAKT_RETURNED_MAIL_HOST eller KANALVAKT_RETURNED_MAIL_FILES, inte båda."
            )
        return self

    @model_validator(mode="after")
    def _real_time_is_not_moved(self) -> Self:
        if self.clock_file is not None and not self.demonstration:
            raise ValueError(
                "KANALVAKT_CLOCK_FILE flyttar klockan och får bara anges i en demonstration. Ta bort den."
            )
        return self


@lru_cache(maxsize=1)
def settings() -> InstallationSettings:
    """The settings of this process, read once."""
    chosen = InstallationSettings()
    if chosen.clock_file is not None:
        log.warning("Demonstration: klockan går som %s säger, inte som datorns.", chosen.clock_file)
    return chosen
