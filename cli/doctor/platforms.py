"""The platforms' keys: which are there, which are missed, and what reading with them has come to."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session, col

from cli.doctor.findings import Finding, ok, warning
from connectors.sights import key_name
from lifecycle.states import FINAL
from models import Account, Municipality, Observation, SightState
from policies.keys import Platform
from policies.naming import platform_name

KEYS = "Nycklarna"
HOW = "docs/how-to/connectors.md"
NEEDS: dict[Platform, tuple[str, ...]] = {
    Platform.FACEBOOK: ("facebook",),
    Platform.INSTAGRAM: ("instagram", "instagram_asker"),
    Platform.LINKEDIN: ("linkedin",),
}
"""Which keys each platform is read with; the others need none."""
UNTRIED = "läsningen är bara skriven efter plattformens dokumentation och är inte prövad här."
READ = (SightState.OK, SightState.EMPTY)

HasSecret = Callable[[str], bool]


def keys(session: Session, folder: Path | None, has_secret: HasSecret) -> Iterator[Finding]:
    """For each municipality and platform that is read with keys."""
    found = [
        finding
        for municipality in session.execute(select(Municipality).order_by(col(Municipality.slug))).scalars()
        for platform in NEEDS
        if (finding := _of(session, municipality, platform, folder, has_secret)) is not None
    ]
    yield from found or [ok(KEYS, "inget konto läses med nyckel.")]


def _of(
    session: Session,
    municipality: Municipality,
    platform: Platform,
    folder: Path | None,
    has_secret: HasSecret,
) -> Finding | None:
    count = _accounts(session, municipality, platform)
    names = [key_name(municipality.slug, name) for name in NEEDS[platform]]
    missing = [name for name in names if not _there(name, folder, has_secret)]
    label = f"{platform_name(platform)} i {municipality.name}"
    if len(missing) == len(names) and not count:
        return None
    if missing:
        says = f"{', '.join(missing)} saknas: konton på {label} ({count}) läses inte."
        return warning(
            KEYS,
            says,
            f"Lägg den bland hemligheterna eller som Secret i Prefect: {HOW}",
        )
    return _tried(label, *_looks(session, municipality, platform))


def _there(name: str, folder: Path | None, has_secret: HasSecret) -> bool:
    file = folder / name if folder else None
    in_file = file is not None and file.is_file() and bool(file.read_text("utf-8").strip())
    return in_file or has_secret(name)


def _accounts(session: Session, municipality: Municipality, platform: Platform) -> int:
    rows = select(func.count()).where(
        col(Account.municipality_id) == municipality.id,
        col(Account.platform) == platform.value,
        col(Account.state).not_in(FINAL),
    )
    return int(session.execute(rows).scalar_one())


def _looks(
    session: Session, municipality: Municipality, platform: Platform
) -> tuple[datetime | None, SightState | None]:
    """When a look last succeeded, and how the very last one ended."""
    rows = (
        select(col(Observation.checked_at), col(Observation.state))
        .join(Account, col(Account.id) == col(Observation.account_id))
        .where(
            col(Account.municipality_id) == municipality.id,
            col(Account.platform) == platform.value,
            col(Observation.source) == platform.value,
        )
        .order_by(col(Observation.checked_at).desc())
    )
    good = session.execute(rows.where(col(Observation.state).in_(READ)).limit(1)).first()
    last = session.execute(rows.limit(1)).first()
    return (good[0] if good else None), (last[1] if last else None)


def _tried(label: str, good: datetime | None, last: SightState | None) -> Finding:
    if last in (SightState.AUTH_EXPIRED, SightState.NO_PERMISSION):
        return warning(KEYS, f"nyckeln för {label} tas inte emot ({last}).", f"Byt den: {HOW}")
    if good is None:
        return warning(
            KEYS,
            f"{label}: nyckel finns, men {UNTRIED}",
            f"Jämför första svaret med kontots sida innan ni litar på det: {HOW}",
        )
    return ok(KEYS, f"{label}: nyckel finns, och ett konto lästes senast {good:%Y-%m-%d %H:%M} UTC.")
