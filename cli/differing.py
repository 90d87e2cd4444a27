"""The difference between two versions of the rules, as lines to read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from lifecycle.comparing import Foreseen, Meaning
from policies.comparing import Difference


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
