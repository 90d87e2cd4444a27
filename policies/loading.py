"""Policies and guidelines: from files, and from what is stored of a version."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from policies.form import validated
from policies.policy import Clause, Guideline, Policy
from policies.shape import rules_in
from policies.source import Fault, NotLoadable, Source, read_source
from policies.wording import nearest

HERE = Path(__file__).parent
GUIDELINES, MUNICIPALITIES = "guidelines", "municipalities"

Content = dict[str, Any]
"""What is stored of a version: {"policy": …, "clauses": {ref: …}, "guidelines": {name: …}} (`content_of`)."""

_KEPT = 1000
_policies: OrderedDict[str, Policy] = OrderedDict()
_policies_lock = Lock()


def names_in(folder: Path, kind: str) -> list[str]:
    """The names of the files of a kind (GUIDELINES or MUNICIPALITIES), sorted."""
    return sorted(path.stem for path in (folder / kind).glob("*.yaml"))


def known_names(folder: Path, kind: str) -> list[str]:
    """The files that a file of the folder may build on: its own, and the product's."""
    return sorted({*names_in(folder, kind), *names_in(HERE, kind)})


def load_policy(name: str, folder: Path = HERE) -> Policy:
    """The policy as merged with the one it extends.

    Raises NotLoadable with all faults of its files' form; `policies.faults` knows more faults.
    """
    return validated(merged_source(name, folder), Policy)


def load_guideline(name: str, folder: Path = HERE) -> Guideline:
    """Raises NotLoadable with all faults of the file's form."""
    return validated(named_source(GUIDELINES, name, folder), Guideline)


def guidelines_of(policy: Policy, folder: Path = HERE) -> list[Guideline]:
    """The guidelines whose clauses the policy accounts for."""
    return [load_guideline(name, folder) for name in policy.guidelines]


def named_source(kind: str, name: str, folder: Path) -> Source:
    """A file by its name, the folder's own before the product's.

    Raises NotLoadable, with the nearest name, when there is none.
    """
    file = f"{kind}/{name}.yaml"
    names = known_names(folder, kind)
    if name not in names:
        raise NotLoadable([Fault(file, 1, "", f"filen finns inte.{nearest(name, names)}")])
    owner = folder if name in names_in(folder, kind) else HERE
    return read_source(owner / kind / f"{name}.yaml", file)


def merged_source(name: str, folder: Path, below: tuple[str, ...] = ()) -> Source:
    """A policy's file on top of the one it extends; raises NotLoadable when that one cannot be had."""
    source = named_source(MUNICIPALITIES, name, folder)
    parent = source.content.get("extends")
    if not isinstance(parent, str):
        return source
    chain = (*below, name, parent)
    if parent in chain[:-1]:
        raise NotLoadable(
            [source.fault(("extends",), f"policyer bygger på varandra i ring: {' → '.join(chain)}")]
        )
    if parent not in (known := known_names(folder, MUNICIPALITIES)):
        near = nearest(parent, known)
        raise NotLoadable([source.fault(("extends",), f'policyn "{parent}" finns inte.{near}')])
    return _on_top(source, merged_source(parent, folder, chain[:-1]))


def _on_top(child: Source, parent: Source) -> Source:
    """A key that the child writes in rules or settings replaces the parent's whole key; so does `outside`."""
    merged = replace(child, content=dict(child.content), lines=dict(child.lines))
    merged.faults = [*child.faults, *parent.faults]
    for where in _inherited(child.content, parent.content):
        _inherit(where, merged, parent)
    return merged


def _inherited(child: Content, parent: Content) -> Iterator[tuple[str, ...]]:
    if "outside" in parent and "outside" not in child:
        yield ("outside",)
    for section in ("rules", "settings"):
        theirs, own = parent.get(section), child.get(section, {})
        if isinstance(theirs, dict) and isinstance(own, dict):
            yield from ((section, key) for key in theirs if key not in own)


def _inherit(where: tuple[str, ...], merged: Source, parent: Source) -> None:
    *section, key = where
    of, into = parent.content, merged.content
    for part in section:
        of, into[part] = of[part], dict(into.get(part, {}))
        into = into[part]
    into[key] = of[key]
    merged.lines |= {place: line for place, line in parent.lines.items() if place[: len(where)] == where}


def content_of(policy: Policy, folder: Path = HERE) -> Content:
    """What is stored of a version, enough to cite and show it without any file.

    "policy" is the merged policy with every default written out, so that a later version of the product
    changes nothing in it; "clauses" what it cites or leaves outside; "guidelines" their titles and editions.
    Raises NotLoadable when a clause is not to be found.
    """
    refs = refs_of(policy)
    cited = {ref.partition(":")[0] for ref in refs} | set(policy.guidelines)
    guidelines = [load_guideline(name, folder) for name in sorted(cited)]
    clauses = {f"{one.guideline}:{clause.id}": (one, clause) for one in guidelines for clause in one.clauses}
    if unknown := [ref for ref in refs if ref not in clauses]:
        raise NotLoadable([Fault(policy.policy, 1, ref, "punkten finns inte") for ref in unknown])
    return {
        "policy": policy.model_dump(mode="json", by_alias=True, exclude_none=True),
        "clauses": {ref: _clause_content(*clauses[ref]) for ref in refs},
        "guidelines": {one.guideline: _guideline_content(one) for one in guidelines},
    }


def refs_of(policy: Policy) -> list[str]:
    """The clauses that the policy's rules cite or that it leaves outside, each once, sorted."""
    cited = {ref for placed in rules_in(policy.rules) for ref in placed.rule.clauses}
    return sorted(cited | {one.clause for one in policy.outside})


def _clause_content(guideline: Guideline, clause: Clause) -> Content:
    said = clause.model_dump(mode="json", include={"cite", "title", "lines"}, exclude_none=True)
    return said | {"publisher": guideline.publisher}


def _guideline_content(guideline: Guideline) -> Content:
    return guideline.model_dump(mode="json", exclude={"clauses", "guideline"}, exclude_none=True)


def canonical(content: Content) -> str:
    """One text for the same content, in whatever order a database gives its keys back."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(content: Content) -> str:
    """Hexadecimal, 64 characters."""
    return sha256(canonical(content).encode()).hexdigest()


def policy_from_content(content: Content, digest: str | None = None) -> Policy:
    """The policy of a stored version, read once for each content.

    Give the version's own sha256 as `digest` to spare computing it; it is trusted.
    """
    digest = digest or sha256_of(content)
    with _policies_lock:
        if digest not in _policies:
            _policies[digest] = Policy.model_validate(content["policy"])
        _policies.move_to_end(digest)
        if len(_policies) > _KEPT:
            _policies.popitem(last=False)
        return _policies[digest]
