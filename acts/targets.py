"""Channels that get a municipality's news: added and removed by whoever runs the installation."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.events import By, EventKind
from lifecycle.journal import record
from models import NoticeTarget
from notifications.targets import TargetRefused, TargetRules, active_targets, add_target
from runtime.settings import InstallationSettings

__all__ = ["TargetRefused", "active_targets", "add", "remove", "rules_of"]

CLI = By(None, "cli")


def rules_of(settings: InstallationSettings) -> TargetRules:
    """What the installation's settings allow."""
    return TargetRules(
        keys=_parts(settings.target_keys.get_secret_value()),
        schemes=_parts(settings.target_schemes),
        hosts=_parts(settings.target_hosts),
    )


def _parts(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def add(
    session: Session, rules: TargetRules, municipality_id: int, name: str, url: str, now: datetime
) -> NoticeTarget:
    """Add a channel. Raises TargetRefused."""
    target = add_target(session, rules, municipality_id, name, url, now)
    _record(session, target, "added", now)
    return target


def remove(session: Session, municipality_id: int, target_id: int, now: datetime) -> NoticeTarget | None:
    """Remove a channel of the municipality's own; None when it has no such channel."""
    mine = active_targets(session, municipality_id)
    found = next((one for one in mine if one.id == target_id), None)
    if found is not None:
        found.retired_at = now
        session.add(found)
        _record(session, found, "removed", now)
    return found


def _record(session: Session, target: NoticeTarget, what: str, now: datetime) -> None:
    facts = {"target": target.id, "what": what}
    record(
        session, EventKind.TARGET_CHANGED, now, municipality_id=target.municipality_id, by=CLI, facts=facts
    )
