"""Everything that leaves Kanalvakt, searched for what is another municipality's (REQUIREMENTS 4.11).

A place that holds nothing of its own has not been looked into: that counts as a fault as well.
"""

import io
import sqlite3
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import col

from acts.about_me import about, as_json
from acts.audit_pack import pack
from acts.handing_out import bundle
from acts.overview_pages import OVERVIEWS
from acts.records import period_of
from acts.yearly_report import as_workbook
from acts.yearly_tables import report_of
from backups import one_municipality
from lifecycle.law import law_in_force
from lifecycle.yearly_report import year_of
from models import Account, Municipality, Person
from runtime.database import reading
from tests.large.filling import Filled, marks_in
from tests.web.visitor import Visitor

REGISTER = ("/konton", "/konton.json", "/konton.csv", "/konton.atom")
BESIDE = ("", "/konton/inbaddad", "/processen")
"""What anybody may open of a municipality: its register in every form, and its other pages."""


@dataclass
class Apart:
    """How much has been looked into, and what did not belong where it was."""

    looked: Counter[str] = field(default_factory=Counter)
    strangers: list[str] = field(default_factory=list)

    def look(self, kind: str, where: str, own: str, text: str) -> None:
        """One place of a municipality's; `own` is its mark."""
        self.looked[kind] += 1
        found = marks_in(text)
        if found != {own}:
            others = ", ".join(sorted(found - {own})) or "nothing of its own"
            self.strangers.append(f"{kind}, {where} of {own}: {others}")

    # Letters

    def letters(self, mails: Iterable[tuple[str, EmailMessage]]) -> None:
        """By recipient, as the mail server got them: headers and every part, decoded."""
        for recipient, mail in mails:
            [own] = marks_in(recipient)
            self.look("letters", recipient, own, read_mail(mail))

    # The portal

    def public_pages(
        self, one: Filled, visitor: Visitor, paths: Sequence[str] = (*REGISTER, *BESIDE)
    ) -> None:
        """What nobody has to sign in for."""
        for path in paths:
            answer = visitor.open(f"/{one.slug}{path}")
            assert answer.status_code == 200, (one.slug, path, answer.status_code)
            self.look("public pages", path, one.mark, answer.text)

    def pages_of(self, one: Filled, visitor: Visitor, link: str) -> None:
        """Whoever has got a link: what it leads to."""
        self.look("people's pages", one.slug, one.mark, visitor.open(link).text)

    def desk_in_portal(self, one: Filled, visitor: Visitor, link: str, other: Filled) -> None:
        """Communications': own page, accounts, the eight overviews; and none of them of another."""
        visitor.open(link)
        if visitor.path.count("/") == 3:
            visitor.post("oppna")
        base = visitor.path
        for path in ("", "/konton", "/arenden", "/lamna-ut", *(f"/oversikt/{name}" for name in OVERVIEWS)):
            answer = visitor.open(f"{base}{path}")
            assert answer.status_code == 200, (base, path, answer.status_code)
            self.look("pages of the desk", path, one.mark, answer.text)
            elsewhere = visitor.open(f"{base.replace(one.slug, other.slug)}{path}")
            self.looked["doors to another"] += 1
            if elsewhere.status_code == 200 and visitor.path.startswith(f"/{other.slug}/mina/"):
                self.strangers.append(f"{one.slug} came in to {other.slug}{path}")

    # Prefect's desk

    def sheets(self, sheets: Mapping[str, str]) -> None:
        """The artifacts by key: kanalvakt-MUNICIPALITY-PAGE."""
        for key, text in sheets.items():
            self.look("sheets in Prefect", key, key.split("-")[1], f"{key} {text}")

    # Exports and copies

    def exports(self, engine: Engine, one: Filled, now: datetime) -> None:
        """What is handed out: an account's records, the audit pack, the yearly report, one's own copy."""
        with reading(engine) as session:
            municipality = session.get_one(Municipality, one.municipality_id)
            rows = select(Account).where(col(Account.municipality_id) == one.municipality_id)
            account = session.execute(rows.order_by(col(Account.id)).limit(1)).scalars().one()
            person = session.get_one(Person, one.administrators[0])
            period = period_of("", "")
            law = law_in_force(session, one.municipality_id, now)
            counted = report_of(session, law, municipality.name, year_of(law, now.year, now))
            made = {
                "records.zip": bundle(session, account, period, now).content,
                "audit.zip": pack(session, municipality, period, now, sample=2, word="urval").content,
                "year.xlsx": as_workbook(counted, now, municipality.time_zone),
                "person.json": as_json(about(session, person, now)),
            }
        for name, content in made.items():
            self.look("exports", f"{one.slug} {name}", one.mark, " ".join(read_file(name, content)))

    def copy(self, engine: Engine, one: Filled, folder: Path) -> None:
        """The backup of one municipality: every value of every row."""
        file = folder / f"{one.slug}.db"
        one_municipality.write(engine, file, one.slug)
        with sqlite3.connect(file) as database:
            text = "\n".join(database.iterdump())
        file.unlink()
        self.look("copies of one municipality", one.slug, one.mark, text)


def read_mail(mail: EmailMessage) -> str:
    """Everything that its reader may see."""
    headers = [f"{name}: {value}" for name, value in mail.items()]
    parts = [_content(part) for part in mail.walk() if not part.is_multipart()]
    return "\n".join([*headers, *parts])


def _content(part: Any) -> str:
    content = part.get_content()
    if isinstance(content, bytes):
        return " ".join(read_file(part.get_filename() or "", content))
    return str(content)


def read_file(name: str, content: bytes) -> Iterator[str]:
    """The words of a file, and of all files that it packs."""
    yield name
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for inside in packed.namelist():
                yield from read_file(inside, packed.read(inside))
    elif content.startswith(b"%PDF"):
        read = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
        yield read.stdout.decode()
    else:
        yield content.decode("utf-8", "replace")
