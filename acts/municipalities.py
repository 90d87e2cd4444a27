"""Adding a municipality with its policy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.faces import KEPT_TAGS
from acts.policies import adopt, wants_sign_in_without_provider
from lifecycle.events import By
from lifecycle.refusals import SAYS
from models import Municipality
from policies.loading import Content, policy_from_content
from runtime.database import reading
from runtime.settings import settings

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,59}")
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z0-9-]{2,}")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")


@dataclass(frozen=True)
class NewMunicipality:
    """What is known of a municipality before it is added."""

    slug: str
    name: str
    mail_domains: Sequence[str]
    sender_address: str
    registry_address: str | None = None
    notice_address: str | None = None
    time_zone: str = "Europe/Stockholm"

    def faults(self) -> list[str]:
        """What cannot be used, and how to write it."""
        faults = []
        if not _SLUG.fullmatch(self.slug):
            faults.append(f"Kortnamnet ”{self.slug}” går inte: skriv små bokstäver a–z, siffror och -.")
        if self.slug in KEPT_TAGS:
            faults.append(f"Kortnamnet ”{self.slug}” går inte: så märks körningar i Prefect. Välj ett annat.")
        if not self.name.strip() or len(self.name) > 120:
            faults.append("Skriv kommunens namn, högst 120 tecken.")
        for domain in self.mail_domains:
            if not _DOMAIN.fullmatch(domain):
                faults.append(f"”{domain}” är ingen e-postdomän. Skriv det som står efter @.")
        for address in (self.sender_address, self.registry_address, self.notice_address):
            if address is not None and not _ADDRESS.fullmatch(address):
                faults.append(f"”{address}” är ingen e-postadress. Skriv bara adressen.")
        if self.time_zone not in available_timezones():
            faults.append(f"”{self.time_zone}” är ingen tidszon. Skriv till exempel Europe/Stockholm.")
        return faults


class NotAdded(Exception):
    """The municipality cannot be added as described; nothing has changed."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(faults))


def add_municipality(
    session: Session, new: NewMunicipality, content: Content, by: By, now: datetime
) -> Municipality:
    """Add a municipality and adopt its policy. Raises NotAdded with everything that is wrong."""
    faults = new.faults()
    taken = session.execute(select(Municipality).where(col(Municipality.slug) == new.slug)).first()
    if taken is not None:
        faults.append(f"Kortnamnet {new.slug} används redan. Välj ett annat.")
    if wants_sign_in_without_provider(settings(), new.slug, policy_from_content(content)):
        faults.append(SAYS["provider_missing"])
    if faults:
        raise NotAdded(faults)
    municipality = Municipality(
        slug=new.slug,
        name=new.name.strip(),
        mail_domains=list(new.mail_domains),
        sender_address=new.sender_address,
        registry_address=new.registry_address,
        notice_address=new.notice_address,
        time_zone=new.time_zone,
    )
    session.add(municipality)
    session.flush()
    assert municipality.id is not None
    adopt(session, municipality.id, content, by, now)
    return municipality


def slugs(engine: Engine) -> dict[int, str]:
    """Every municipality's short name."""
    with reading(engine) as session:
        rows = session.execute(select(col(Municipality.id), col(Municipality.slug)))
        return {number: slug for number, slug in rows if number is not None}
