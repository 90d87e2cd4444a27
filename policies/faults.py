"""Every fault of every policy and guideline file at once, in words for the officer who writes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policies.form import read_as
from policies.keys import Rule
from policies.loading import (
    GUIDELINES,
    HERE,
    MUNICIPALITIES,
    known_names,
    merged_source,
    named_source,
    names_in,
)
from policies.policy import Guideline, Policy
from policies.shape import Where, places_in
from policies.source import Fault, NotLoadable, Source
from policies.wording import nearest

__all__ = ["Fault", "faults_in_files"]


def faults_in_files(folder: Path = HERE) -> list[Fault]:
    """All faults in `folder`/guidelines and `folder`/municipalities, by file and line; each once."""
    known = _known_clauses(folder)
    faults = {*_faults_of_folder(folder)}
    for name in names_in(folder, GUIDELINES):
        faults.update(_faults_of_guideline(named_source(GUIDELINES, name, folder), name))
    for name in names_in(folder, MUNICIPALITIES):
        faults.update(_faults_of_policy(name, folder, known))
    return sorted(faults)


def _faults_of_folder(folder: Path) -> Iterator[Fault]:
    for kind in (GUIDELINES, MUNICIPALITIES):
        if not (folder / kind).is_dir():
            yield Fault(kind, 1, "", f"mappen {kind} finns inte")
    for kind in (GUIDELINES, MUNICIPALITIES):
        for path in sorted((folder / kind).glob("*.[yY]*")):
            if path.suffix != ".yaml":
                yield Fault(f"{kind}/{path.name}", 1, "", "filen läses inte: låt namnet sluta på .yaml")


@dataclass(frozen=True)
class Known:
    """The clauses of each guideline file, with where and title; None for a file that cannot be read."""

    guidelines: dict[str, dict[str, str] | None]

    def wrong_with(self, ref: str) -> str:
        """What is wrong with a reference, or nothing."""
        guideline, _, clause = ref.partition(":")
        if guideline not in self.guidelines:
            return f'riktlinjen "{guideline}" finns inte.{nearest(guideline, self.guidelines)}'
        clauses = self.guidelines[guideline]
        if clauses is None or ref in clauses:
            return ""
        near = nearest(clause, [known.partition(":")[2] for known in clauses], f"{guideline}:")
        return f'punkten "{ref}" finns inte i guidelines/{guideline}.yaml.{near}'


def _known_clauses(folder: Path) -> Known:
    names = known_names(folder, GUIDELINES)
    return Known({name: _clauses_in(named_source(GUIDELINES, name, folder), name) for name in names})


def _clauses_in(source: Source, name: str) -> dict[str, str] | None:
    listed = source.content.get("clauses")
    if not isinstance(listed, list):
        return None
    clauses = [one for one in listed if isinstance(one, dict)]
    return {f"{name}:{one.get('id')}": f"{one.get('cite')}: {one.get('title')}" for one in clauses}


def _faults_of_guideline(source: Source, name: str) -> list[Fault]:
    _, faults = read_as(source, Guideline)
    return [*faults, *_misnamed(source, "guideline", name)]


def _misnamed(source: Source, key: str, name: str) -> Iterator[Fault]:
    inside = source.content.get(key)
    if isinstance(inside, str) and inside != name:
        yield source.fault((key,), f'filen heter {name}.yaml men {key} är "{inside}": skriv "{name}"')


def _faults_of_policy(name: str, folder: Path, known: Known) -> list[Fault]:
    try:
        source = merged_source(name, folder)
    except NotLoadable as not_loadable:
        alone = named_source(MUNICIPALITIES, name, folder)
        return [*not_loadable.faults, *_faults_inside(alone, name, known)]
    uncovered = _uncovered(source, known) if source.content else []
    return [*_faults_inside(source, name, known), *uncovered]


def _faults_inside(source: Source, name: str, known: Known) -> list[Fault]:
    _, faults = read_as(source, Policy)
    return [
        *faults,
        *_misnamed(source, "policy", name),
        *_missing_guidelines(source, known),
        *_unknown_clauses(source, known),
        *_contradictions(source),
    ]


def _missing_guidelines(source: Source, known: Known) -> Iterator[Fault]:
    for number, name in enumerate(_texts(source.content.get("guidelines"))):
        if name and name not in known.guidelines:
            near = nearest(name, known.guidelines)
            yield source.fault(("guidelines", number), f"filen guidelines/{name}.yaml finns inte.{near}")


def _unknown_clauses(source: Source, known: Known) -> Iterator[Fault]:
    for where, ref in [*_cited(source), *_outside(source)]:
        if ":" in ref and (says := known.wrong_with(ref)):
            yield source.fault(where, says)


def _contradictions(source: Source) -> Iterator[Fault]:
    outside = {ref: where for where, ref in _outside(source)}
    for where, ref in _cited(source):
        if ref in outside:
            file, line = source.lines[outside[ref]]
            says = f'punkten "{ref}" står också under outside ({file}, rad {line}): ta bort den på ett ställe'
            yield source.fault(where, says)


def _uncovered(source: Source, known: Known) -> Iterator[Fault]:
    accounted = {ref for _, ref in [*_cited(source), *_outside(source)]}
    for number, name in enumerate(_texts(source.content.get("guidelines"))):
        for ref, title in (known.guidelines.get(name) or {}).items():
            if ref not in accounted:
                says = f"punkten {ref} ({title}) är inte redovisad: ange den i en regel eller under outside"
                yield source.fault(("guidelines", number), says)


def _cited(source: Source) -> Iterator[tuple[Where, str]]:
    for place in places_in(Policy, source.content):
        if issubclass(place.model, Rule):
            for number, ref in enumerate(_texts(place.content.get("clauses"))):
                yield (*place.where, "clauses", number), ref


def _outside(source: Source) -> Iterator[tuple[Where, str]]:
    outside = source.content.get("outside")
    for number, one in enumerate(outside if isinstance(outside, list) else []):
        ref = one.get("clause") if isinstance(one, dict) else None
        if isinstance(ref, str):
            yield ("outside", number, "clause"), ref


def _texts(value: object) -> list[str]:
    return [one if isinstance(one, str) else "" for one in value] if isinstance(value, list) else []
