"""What the statement of accessibility says of this municipality (lag 2018:1937, 13 §; MDFFS 2019:2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lifecycle.law import Law
from models import Municipality

ASSESSED_ON = date(2026, 11, 27)
"""When the pages of this version were last assessed as the statement says; it is written anew with them."""


@dataclass(frozen=True)
class Statement:
    """The parts of the statement that are not the same for all."""

    contact: str
    """Whom to turn to, as it is written; empty where nobody has said."""
    write_to: str
    """A mail or web address by which a message comes there, as the law asks; empty where there is none."""
    assessed_on: date
    own_assessment: bool
    """Whether the municipality has made an assessment of its own."""
    shortcomings: Sequence[str]

    @property
    def updated_on(self) -> date:
        """The later of the municipality's own assessment and the product's."""
        return max(self.assessed_on, ASSESSED_ON)


_WRITES = re.compile(r"https?://[^\s<>\"',;()]*[^\s<>\"',;.()]|[^\s<>\"',;:]+@[^\s<>\"',;]*[^\s<>\"',;.]")


def message_address(text: str | None) -> str:
    """The first mail or web address in what somebody has written."""
    found = _WRITES.search(text or "")
    return found.group() if found else ""


def statement_of(law: Law, municipality: Municipality) -> Statement:
    """What the municipality has said in its settings, and the product's own where it has not."""
    settings = law.policy.settings
    own, mailbox = settings.accessibility_contact, municipality.notice_address
    return Statement(
        contact=own or mailbox or municipality.registry_address or "",
        write_to=message_address(own) or mailbox or municipality.registry_address or "",
        assessed_on=settings.accessibility_assessed_on or ASSESSED_ON,
        own_assessment=settings.accessibility_assessed_on is not None,
        shortcomings=settings.accessibility_shortcomings,
    )
