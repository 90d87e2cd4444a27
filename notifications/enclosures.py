"""Files that go with a letter: a paper for the diary, a snapshot for the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models import Account, Paper, Snapshot

MOST_BYTES = 15_000_000
"""What a mail server can be expected to take; a larger file stays where the letter says it is."""


@dataclass(frozen=True)
class Enclosure:
    """One file as it is mailed."""

    name: str
    media_type: str
    content: bytes


def enclosed(session: Session, told: Mapping[str, Any]) -> list[Enclosure]:
    """The files that a letter's context names, as far as a mail can carry them."""
    found = [_of_paper(session.get_one(Paper, one)) for one in told.get("papers", ())]
    found += [_of_snapshot(session, session.get_one(Snapshot, one)) for one in told.get("snapshots", ())]
    kept, room = list[Enclosure](), MOST_BYTES
    for one in found:
        if len(one.content) <= room:
            kept.append(one)
            room -= len(one.content)
    return kept


def _of_paper(paper: Paper) -> Enclosure:
    return Enclosure(paper.file_name, paper.media_type, paper.content)


def _of_snapshot(session: Session, snapshot: Snapshot) -> Enclosure:
    account = session.get_one(Account, snapshot.account_id)
    return Enclosure(snapshot_name(account, snapshot), "application/pdf", snapshot.content)


def snapshot_name(account: Account, snapshot: Snapshot) -> str:
    """What the file is called where people look for it, e.g. "2027-01-04 instagram Biblioteket.pdf"."""
    words = f"{snapshot.due_on.isoformat()} {account.platform} {account.name}"
    plain = "".join(one if one.isalnum() or one in " -_" else "-" for one in words)
    return f"{' '.join(plain.split())[:120]}.pdf"
