"""Does it work? The worker's sign of life, the rounds of yesterday and today, and the rules in force."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlmodel import Session, col

from acts.heartbeats import WORKER as WORKER_PART
from acts.heartbeats import silent_parts
from acts.round_list import ROUNDS
from acts.rounds import Round
from cli.doctor.findings import Finding, fault, ok, warning
from lifecycle.law import Law, law_in_force
from lifecycle.rounds import is_done
from lifecycle.statement import message_address
from models import Heartbeat, Municipality, PolicyVersion, PostHolder
from policies.faults import faults_in_files
from policies.keys import Role
from policies.loading import MUNICIPALITIES, content_of, known_names, load_policy, sha256_of
from policies.naming import role_name
from policies.source import NotLoadable

WORKER, ROUNDS_PART, RULES, PEOPLE, ZONES = "Arbetaren", "Ronderna", "Reglerna", "Uppdragen", "Tidszonen"
ACCESSIBILITY = "Tillgängligheten"
PARTS_OF_IT = "Delarna"
USUAL_ZONE = "Europe/Stockholm"
SILENT_MINUTES = 3
"""It says that it lives twice a minute."""
LATE_MINUTES = 150
"""The schedules of the night's rounds begin within so long of their hour."""
ANSWERING = (Role.COMMUNICATIONS, Role.COMMUNICATIONS_DIRECTOR)
"""Without them, questions that fall to nobody else come to nobody at all."""


def worker(session: Session, now: datetime) -> Iterator[Finding]:
    """When it last said that it lives."""
    beat = session.get(Heartbeat, "worker")
    start = "Starta den: systemctl start kanalvakt-worker. Loggen: journalctl -u kanalvakt-worker"
    if beat is None:
        yield fault(WORKER, "har aldrig varit igång mot den här databasen.", start)
        return
    minutes = (now - beat.at).total_seconds() / 60
    if minutes > SILENT_MINUTES:
        yield fault(WORKER, f"har inte hörts av sedan {beat.at:%Y-%m-%d %H:%M} UTC.", start)
    else:
        yield ok(WORKER, f"gav livstecken för {max(0, round(minutes * 60))} sekunder sedan.")


def loops(session: Session, now: datetime) -> Iterator[Finding]:
    """What the worker and the portal do all the time."""
    for one in silent_parts(session, now):
        if one.part != WORKER_PART:
            yield fault(
                PARTS_OF_IT,
                f"{one.says} har inte hörts av sedan {one.since:%Y-%m-%d %H:%M} UTC.",
                "Läs loggen (journalctl -u kanalvakt-worker -u kanalvakt-portal) och starta om den tysta.",
            )


def municipalities(session: Session) -> list[Municipality]:
    return list(session.execute(select(Municipality).order_by(col(Municipality.slug))).scalars())


def in_time(session: Session) -> list[Municipality]:
    """Those whose days can be told: of the others nothing can be said until that is mended."""
    return [one for one in municipalities(session) if _is_zone(one.time_zone)]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def rounds(session: Session, now: datetime) -> Iterator[Finding]:
    """Every round whose hour has come since yesterday, and that nobody has gone."""
    missed: dict[str, list[str]] = {}
    for one in in_time(session):
        law = law_in_force(session, one.id or 0, now)
        for name, on in _missed(session, law, now, _since(session, one)):
            missed.setdefault(f"{name} {on}", []).append(one.slug)
    for what, slugs in missed.items():
        does = (
            "Se i Prefect varför (Runs, med felets text). När det är rättat går ronden igen vid nästa timme, "
            "eller kör den med dagen som as_of: docs/how-to/when-a-flow-fails.md"
        )
        yield fault(ROUNDS_PART, f"{what} har inte gått för {', '.join(slugs)}.", does)
    if not missed:
        yield ok(ROUNDS_PART, "alla ronder har gått sedan i går.")


def _since(session: Session, municipality: Municipality) -> datetime:
    """When the municipality was added, with its first rules."""
    rows = select(col(PolicyVersion.loaded_at)).where(col(PolicyVersion.municipality_id) == municipality.id)
    since: datetime = min(session.execute(rows).scalars())
    return since


def _missed(session: Session, law: Law, now: datetime, since: datetime) -> Iterator[tuple[str, date]]:
    today = law.day_of(now)
    for one in ROUNDS.values():
        for day in (today - timedelta(days=1), today):
            if (
                not one.repeats
                and _was_due(one, law, day, now, since)
                and not is_done(session, law, one.name, day)
            ):
                yield one.name, day


def _was_due(one: Round, law: Law, day: date, now: datetime, since: datetime) -> bool:
    at = law.calendar.at(day, one.hour(law))
    return since < at and at + timedelta(minutes=LATE_MINUTES) < now and one.when(law, at) == day


def rules(session: Session, folders: list[Path], now: datetime) -> Iterator[Finding]:
    """The files, and that each municipality's rules in force are those that its file holds."""
    missing = [one for one in folders if not one.is_dir()]
    for folder in missing:
        says = f"KANALVAKT_POLICY_FOLDER leder till {folder}, som inte finns."
        yield fault(RULES, says, "Skapa mappen, eller rätta eller ta bort inställningen.")
    folders = [one for one in folders if one not in missing]
    for folder in folders:
        found = faults_in_files(folder)
        for one in found[:5]:
            yield fault(RULES, str(one), f"Rätta filen. Se alla fel: kanalvakt policies check {folder}")
        if not found:
            yield ok(RULES, f"inga fel i filerna i {folder}.")
    known = municipalities(session)
    if not known:
        yield warning(RULES, "det finns ingen kommun.", "Börja med: kanalvakt new-municipality")
    for municipality in in_time(session):
        yield _in_force(session, municipality, folders, now)


def _in_force(session: Session, municipality: Municipality, folders: list[Path], now: datetime) -> Finding:
    law = law_in_force(session, municipality.id or 0, now)
    name, file = law.policy.policy, f"{law.policy.policy}.yaml"
    stored = sha256_of(law.content)
    for folder in reversed(folders):
        try:
            same = sha256_of(content_of(load_policy(name, folder), folder)) == stored
        except NotLoadable:
            if name not in known_names(folder, MUNICIPALITIES):
                continue
            does = f"Rätta felen som sägs ovan. Se alla: kanalvakt policies check {folder}"
            return warning(RULES, f"{municipality.name} följer {file}, som inte kan läsas nu.", does)
        if same:
            return ok(RULES, f"{municipality.name} följer {file}, gällande från {law.policy.valid_from}.")
        does = f"Se skillnaden: kanalvakt policies compare nu {name} --municipality {municipality.slug}"
        return warning(RULES, f"{municipality.name} följer en annan lydelse av {file} än filen har nu.", does)
    does = "Peka ut mappen där filen ligger med KANALVAKT_POLICY_FOLDER."
    return warning(RULES, f"{municipality.name} följer {file}, som inte finns bland filerna.", does)


def zones(session: Session) -> Iterator[Finding]:
    """The municipalities' zones, by which days begin and end."""
    for one in municipalities(session):
        if _is_zone(one.time_zone):
            yield ok(ZONES, f"{one.name} räknar dagar i {one.time_zone}.")
        else:
            yield _wrong_zone(one)


def _wrong_zone(municipality: Municipality) -> Finding:
    """It cannot be counted in: the name is wrong, unless the machine knows no names at all."""
    says = f"{municipality.name} räknar dagar i {municipality.time_zone}, som ingen tidszon heter."
    if not _is_zone(USUAL_ZONE):
        return fault(ZONES, f"datorn känner inga tidszoner. {says}", "Kör: apt-get install tzdata")
    does = (
        f"Rätta den i databasen: UPDATE municipality SET time_zone = '{USUAL_ZONE}' "
        f"WHERE slug = '{municipality.slug}'; Starta sedan om tjänsterna."
    )
    return fault(ZONES, f"{says} Ingen rond går för den.", does)


def accessibility(session: Session, now: datetime) -> Iterator[Finding]:
    """Whether the statement of accessibility has an address to write to (lag 2018:1937; MDFFS 2019:2)."""
    for one in in_time(session):
        own = law_in_force(session, one.id or 0, now).policy.settings.accessibility_contact
        if message_address(own) or one.notice_address:
            yield ok(ACCESSIBILITY, f"{one.name} går att skriva till om tillgänglighet.")
        else:
            does = "Skriv en e-postadress eller en webbadress i accessibility_contact i kommunens regler."
            instead = "registraturens adress" if one.registry_address else "ingen adress alls"
            says = (
                f"{one.name} har ingen adress för frågor om tillgänglighet, och redogörelsen visar {instead}."
            )
            yield warning(ACCESSIBILITY, says, does)


def people(session: Session, now: datetime) -> Iterator[Finding]:
    """The posts that somebody must hold for questions to be answered."""
    for one in in_time(session):
        rows = select(col(PostHolder.role)).where(col(PostHolder.municipality_id) == one.id)
        held, law = set(session.execute(rows).scalars()), law_in_force(session, one.id or 0, now)
        empty = [role_name(law.policy, role) for role in ANSWERING if role.value not in held]
        if empty:
            does = f"Skriv dem i kolumnen roller och kör: kanalvakt import people … --municipality {one.slug}"
            yield warning(PEOPLE, f"{one.name} har ingen som är {' eller '.join(empty)}.", does)
        else:
            yield ok(PEOPLE, f"{one.name} har dem som frågorna ytterst går till.")
