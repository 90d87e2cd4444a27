"""The whole register of a municipality: listed, searched, and asked whose an address is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Literal

from lifecycle.public_addresses import Lack, read_address
from lifecycle.register import Entry
from lifecycle.register_words import WordIndex
from policies.keys import Platform

Standing = Literal["open", "closed", "all"]
Doubt = Literal["", "takeover"]


@dataclass(frozen=True)
class Wanted:
    """Which entries somebody asks for."""

    text: str = ""
    platform: Platform | None = None
    unit: str = ""
    standing: Standing = "all"


@dataclass(frozen=True)
class Page:
    """Some of the entries that were found."""

    entries: Sequence[Entry]
    total: int
    number: int
    """From 1."""
    pages: int


@dataclass(frozen=True)
class Official:
    """Whether an address is one of the municipality's: it is, it was until a day, or nothing is known."""

    answer: Literal["is", "was", "unknown"]
    entry: Entry | None = None
    until: date | None = None
    """The last day on which it was, where it is known."""
    lacks: Lack = ""
    """Why it cannot be told from what was given, when it cannot be."""
    doubt: Doubt = ""
    """Why an address that is registered is no plain yes, and the answer therefore unknown."""


class Register:
    """The entries of one municipality. Not for several threads at once."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[int, Entry] = {}
        self._words = WordIndex()
        self._owners: dict[str, dict[int, date | None]] = {}
        """Key of an address → account → its last day there; None while it is its."""
        self._seen: _Overview | None = None
        for entry in entries:
            self._put(entry)

    def replace(self, account_ids: Iterable[int], entries: Iterable[Entry]) -> None:
        """Some accounts have changed: these are their entries now, where they still have one."""
        for account_id in account_ids:
            self._drop(account_id)
        for entry in entries:
            self._put(entry)

    def become(self, entries: Iterable[Entry]) -> None:
        """These are all there are. To know an entry takes longer than to compare it with what is known."""
        now = {entry.account_id: entry for entry in entries}
        gone = self._entries.keys() - now.keys()
        new = [entry for entry in now.values() if self._entries.get(entry.account_id) != entry]
        self.replace([*gone, *(entry.account_id for entry in new)], new)

    def _put(self, entry: Entry) -> None:
        self._seen = None
        self._entries[entry.account_id] = entry
        self._words.put(entry)
        for key, until in _addresses_of(entry):
            self._owners.setdefault(key, {})[entry.account_id] = until

    def _drop(self, account_id: int) -> None:
        entry = self._entries.pop(account_id, None)
        if entry is None:
            return
        self._seen = None
        self._words.drop(account_id)
        for key, _ in _addresses_of(entry):
            owners = self._owners.get(key, {})
            owners.pop(account_id, None)
            if not owners:
                self._owners.pop(key, None)

    def entry(self, account_id: int) -> Entry | None:
        """An account's entry, if it has one."""
        return self._entries.get(account_id)

    @property
    def listed(self) -> Sequence[Entry]:
        """All entries by platform and name, the open ones first."""
        return self._overview.listed

    @property
    def platforms(self) -> Sequence[Platform]:
        """Those on which there is an entry."""
        return self._overview.platforms

    @property
    def units(self) -> Sequence[str]:
        """Those that stand with an entry."""
        return self._overview.units

    @property
    def _overview(self) -> "_Overview":
        if self._seen is None:
            self._seen = _overview_of(self._entries.values())
        return self._seen

    def find(self, wanted: Wanted) -> Sequence[Entry]:
        """The entries that are asked for: the best first when words are, else in their usual order."""
        if wanted == Wanted():
            return self.listed
        if not wanted.text:
            return [entry for entry in self.listed if _is_wanted(entry, wanted)]
        fits = self._words.search(wanted.text)
        found = [entry for one in fits if _is_wanted(entry := self._entries[one], wanted)]
        return sorted(found, key=lambda one: (-round(fits[one.account_id], 6), _place(one)))

    def whose(self, text: str, platform: Platform | None = None) -> Official:
        """Whether an address, of an account or of a post, is one of the municipality's."""
        reading = read_address(text, platform)
        for key in reading.keys:
            if owners := self._owners.get(key):
                return self._official(owners)
        return Official("unknown", lacks=reading.lacks)

    def _official(self, owners: dict[int, date | None]) -> Official:
        """What is one's now goes before what was another's; of several, the last one."""
        account_id, until = max(owners.items(), key=lambda one: (one[1] is None, one[1] or date.min, one[0]))
        entry, last = self._entries[account_id], None if until == date.min else until
        if until is None and entry.is_investigated:
            return Official("unknown", entry, doubt="takeover")
        return Official("is" if until is None else "was", entry, last)


@dataclass(frozen=True)
class _Overview:
    listed: Sequence[Entry]
    platforms: Sequence[Platform]
    units: Sequence[str]


def _overview_of(entries: Iterable[Entry]) -> _Overview:
    listed = sorted(entries, key=_place)
    platforms = sorted({entry.platform for entry in listed}, key=list(Platform).index)
    units = sorted({entry.unit for entry in listed if entry.unit}, key=swedish_order)
    return _Overview(listed, platforms, units)


def page_of(found: Sequence[Entry], number: int, size: int) -> Page:
    """One page of what was found; the last one when there is none of that number."""
    pages = max(1, ceil(len(found) / size))
    number = min(max(number, 1), pages)
    return Page(found[(number - 1) * size : number * size], len(found), number, pages)


def _is_wanted(entry: Entry, wanted: Wanted) -> bool:
    return (
        (wanted.standing == "all" or entry.is_open == (wanted.standing == "open"))
        and (wanted.platform is None or entry.platform is wanted.platform)
        and (not wanted.unit or entry.unit == wanted.unit)
    )


def _addresses_of(entry: Entry) -> Iterator[tuple[str, date | None]]:
    """Keys of its public addresses, former ones first, so that a present one stands for the account."""
    for former in entry.former:
        yield from ((key, former.until) for key in read_address(former.address, entry.platform).keys[:1])
    ended = None if entry.is_open else entry.until or date.min
    if entry.address:
        yield from ((key, ended) for key in read_address(entry.address, entry.platform).keys[:1])


def swedish_order(text: str) -> tuple[str, str]:
    """å, ä and ö after z, whatever the case."""
    return text.casefold().translate(_AFTER_Z), text


_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


def _place(entry: Entry) -> tuple[bool, str, tuple[str, str], int]:
    return not entry.is_open, entry.platform.value, swedish_order(entry.name), entry.account_id
