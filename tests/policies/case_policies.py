"""The policy a case speaks about: a file of the product, or one written in the case itself."""

import json
import tempfile
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from policies.form import read_as
from policies.loading import (
    GUIDELINES,
    HERE,
    MUNICIPALITIES,
    Content,
    content_of,
    load_policy,
    merged_source,
    refs_of,
)
from policies.policy import Policy
from policies.rules import Rules
from policies.settings import Settings
from policies.shape import model_inside, places_in
from policies.source import NotLoadable, Source

OWN_GROUND = {"decided_on": "2026-01-15", "number": "§ 12", "body": "Kommunstyrelsen"}
"""What a rule in a case's own policy rests on when the case names no clause."""
_FRAME: dict[str, Any] = {
    "policy": "egen",
    "name": "Exempelby kommun",
    "guidelines": [],
    "valid_from": "2026-01-01",
}


@cache
def written_file(name: str) -> dict[str, Any]:
    """A policy file's own words, as merged with the one it extends."""
    return merged_source(name, HERE).content


@lru_cache(maxsize=500)
def _completed(written: str) -> str:
    """A case's own policy with what every policy must have."""
    content = {**_FRAME, **json.loads(written)}
    for place in places_in(Policy, content):
        if "clauses" in place.model.model_fields and not {"clauses", "decision"} & set(place.content):
            place.content["decision"] = OWN_GROUND
    return json.dumps(content, ensure_ascii=False)


def written_policy(policy: str | dict[str, Any]) -> dict[str, Any]:
    """The policy as an officer would write it in a file. Give it away: the caller may change it."""
    if isinstance(policy, str):
        written: dict[str, Any] = json.loads(json.dumps(written_file(policy)))
        return written
    completed: dict[str, Any] = json.loads(_completed(json.dumps(policy, ensure_ascii=False)))
    return completed


def content_for(written: dict[str, Any]) -> Content:
    """What is stored of such a policy. Raises NotLoadable when `policies check` would refuse it."""
    return _content_for(json.dumps(written, ensure_ascii=False))


@lru_cache(maxsize=2000)
def _content_for(written: str) -> Content:
    content = json.loads(written)
    policy = _extended(content) if content.get("extends") else _alone(content)
    return _stored(policy)


def _alone(content: dict[str, Any]) -> Policy:
    found, faults = read_as(Source("case", content, {(): ("case", 1)}), Policy)
    if found is None or faults:
        raise NotLoadable(faults)
    return found


def _extended(content: dict[str, Any]) -> Policy:
    """Loaded from a folder of its own, as the product does, with the product's files beside it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / GUIDELINES).symlink_to(HERE / GUIDELINES)
        (folder / MUNICIPALITIES).mkdir()
        for path in (HERE / MUNICIPALITIES).glob("*.yaml"):
            (folder / MUNICIPALITIES / path.name).symlink_to(path)
        text, name = yaml.safe_dump(content, allow_unicode=True), content.get("policy", "egen")
        (folder / MUNICIPALITIES / f"{name}.yaml").write_text(text, "utf-8")
        return load_policy(name, folder)


_around: dict[tuple[str, ...], Content] = {}


def _stored(policy: Policy) -> Content:
    """As `content_of`, reading the guideline files once for the same clauses."""
    cited = (*refs_of(policy), *policy.guidelines)
    if cited not in _around:
        _around[cited] = content_of(policy)
    dumped = policy.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**_around[cited], "policy": dumped}


def with_changes(written: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A new version: what `changes` says of `rules` and `settings` in place of the old, key by key."""
    given = written_policy(changes)
    changed = {**written, **{key: one for key, one in given.items() if key in changes}}
    for section in ("rules", "settings"):
        changed[section] = {**written.get(section, {}), **given.get(section, {})}
    return changed


def inner_models() -> dict[str, type[Any]]:
    """The models of the schema's two halves by key, for those who walk them."""
    halves = {"rules": Rules, "settings": Settings}
    return {
        f"{half}.{key}": found
        for half, model in halves.items()
        for key, field in model.model_fields.items()
        if (found := model_inside(field.annotation))
    }
