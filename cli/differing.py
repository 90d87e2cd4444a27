"""The difference between two versions of the rules, as lines to read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from lifecycle.comparing import Foreseen, Meaning
from policies.comparing import Difference
from simulation import words
from simulation.forecasting import Coming


def difference_lines(found: Sequence[Difference]) -> Iterator[str]:
    """What the rules themselves say otherwise, under the heading of each kind."""
    if not found:
        yield "Reglerna säger samma sak."
        return
    kind = ""
    for one in found:
        if one.kind != kind:
            kind = one.kind
            yield from ("", f"## {kind}", "")
        yield f"- {one.what}: {one.name}" + (f" ({'; '.join(one.grounds)})" if one.grounds else "")
        yield from (f"    nu:    {line}" for line in one.before)
        yield from (f"    sedan: {line}" for line in one.after)


def meaning_lines(meaning: Meaning, on: date) -> Iterator[str]:
    """What that would mean for the accounts on a day."""
    yield from ("", f"## Vad det betyder den {on.isoformat()}", "")
    yield from _by_account("Plikter som tillkommer", meaning.new_duties)
    yield from _by_account("Plikter som utgår", meaning.gone_duties)
    yield from _listed("Uppgifter som öppnas", meaning.opened)
    yield from _listed("Uppgifter som inte längre ställs", meaning.withdrawn)
    yield from _listed("Genast för sent", meaning.late)
    if not any(vars(meaning).values()):
        yield "Ingenting ändras för de konton som finns."


def letter_lines(before: Sequence[Coming], after: Sequence[Coming], days: int) -> Iterator[str]:
    """How many letters more or fewer would come, of which kinds and to whom."""
    yield from ("", f"## Brev de närmaste {days} dagarna, om ingen svarar", "")
    yield f"- Sammanlagt: {len(before)} nu, {len(after)} sedan"
    kinds = [[words.notice(one.notice) for one in letters] for letters in (before, after)]
    people = [[one.to for one in letters] for letters in (before, after)]
    yield from _counted("Slag", *kinds)
    yield from _counted("Till", *people)


def _counted(title: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Only what differs."""
    was, becomes = Counter(before), Counter(after)
    for name in sorted({*was, *becomes}):
        if was[name] != becomes[name]:
            yield f"- {title} {name}: {was[name]} nu, {becomes[name]} sedan"


def _by_account(title: str, duties: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if duties:
        yield f"{title}:"
    for name, said in duties.items():
        yield f"- {name}"
        yield from (f"    {line}" for line in said)


def _listed(title: str, found: Sequence[Foreseen]) -> Iterator[str]:
    if found:
        yield f"{title}:"
    for one in found:
        since = f", sedan {one.due_on.isoformat()}" if one.due_on else ""
        yield f"- {one.subject}: {one.says}{since}"
