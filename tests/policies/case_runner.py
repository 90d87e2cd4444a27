"""Runs a rule case and says everything that differs from what it expects."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from lifecycle.refusals import Refused
from policies.source import NotLoadable
from tests.policies.case_format import Case, Seen
from tests.policies.case_sights import SIGHTS, Sight
from tests.policies.case_stage import Stage

_IN_ORDER = ("because", "case_outcomes")


def run(case: Case, written: dict[str, Any] | None = None) -> list[str]:
    """All differences, each with its step. `written` is another policy than the case's own.

    A policy that `policies check` refuses raises NotLoadable: then there is nothing to play.
    """
    return list(_differing(case, written))


def fails(case: Case, written: dict[str, Any]) -> bool:
    """Whether a case notices that its policy says something else; it is played no further than that."""
    return next(_differing(case, written), None) is not None


def _differing(case: Case, written: dict[str, Any] | None) -> Iterator[str]:
    try:
        yield from _played(case, written)
    except NotLoadable:
        raise
    except (Refused, AssertionError, LookupError, ValueError) as error:
        yield f"kan inte spelas: {type(error).__name__}: {error}"


def _played(case: Case, written: dict[str, Any] | None) -> Iterator[str]:
    stage = Stage(case, written)
    if case.then:
        yield from (f"i början: {one}" for one in differences(stage, case.then))
    for number, step in enumerate(case.steps, start=1):
        _turn_page(stage)
        stage.do(step)
        who = step.who or "tiden går"
        yield from (f"steg {number} ({who}): {one}" for one in differences(stage, step.then))


def _turn_page(stage: Stage) -> None:
    """What has been seen is not seen again."""
    with stage.glance() as session:
        sight = Sight(stage, session)
        for notice in ("", "morning"):
            stage.told |= {message.id for message in sight.new_messages(notice)}
    stage.turn_page()


def differences(stage: Stage, seen: Seen) -> list[str]:
    """Where what is seen differs from what must be; a refusal nobody expects is a difference too."""
    found = []
    with stage.glance() as session:
        sight = Sight(stage, session)
        for name in sorted({"refused", *seen.model_fields_set}):
            wanted = getattr(seen, name)
            wanted, shown = compared(wanted, name), compared(SIGHTS[name](sight, wanted), name)
            if wanted != shown:
                found.append(f"{name}: {_apart(wanted, shown)}")
    return found


def _apart(wanted: Any, shown: Any) -> str:
    """The two beside each other, without what they have in common."""
    if isinstance(wanted, dict) and isinstance(shown, dict):
        keys = [key for key in {**wanted, **shown} if wanted.get(key) != shown.get(key)]
        return "; ".join(f"{key}: {_apart(wanted.get(key), shown.get(key))}" for key in keys)
    return f"väntade {wanted}, såg {shown}"


def compared(value: Any, key: str = "") -> Any:
    """Plain values; names in any order, reasons in theirs."""
    if isinstance(value, BaseModel):
        return compared(value.model_dump(exclude_none=True))
    if isinstance(value, Mapping):
        return {str(name): compared(one, str(name)) for name, one in value.items()}
    if isinstance(value, list):
        plain = [compared(one) for one in value]
        return sorted(plain) if key not in _IN_ORDER and all(isinstance(one, str) for one in plain) else plain
    return value
