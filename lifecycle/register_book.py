"""The whole register of a municipality: listed, searched, and asked whose an address is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Literal

from lifecycle.platform_addresses import key_by_id, keys_alike
from lifecycle.public_addresses import Lack, Reading, read_address
from lifecycle.register import Entry
from lifecycle.register_words import WordIndex
from policies.keys import Platform

Standing = Literal["open", "closed", "all"]
Doubt = Literal["", "sender", "takeover"]


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
    """Why an address that names an account is no plain yes, and the answer therefore unknown."""
    judged: str = ""
    """The address within the one given that the answer is about."""


_WHOLE_SITES = (Platform.BLOG, Platform.PODCAST)
"""What lies under the address of such a one is its own; elsewhere others may write below an account."""


@dataclass(frozen=True)
class Held:
    """An address that is or was an account's."""

    account_id: int
    key: str
    until: date | None
    """Its last day; None while it is the account's."""
    platform: Platform
    reading: Reading

    def covers(self, asked: Reading) -> bool:
        """Whether an address that has its key leads to it: of a web page the query may decide that too."""
        own = self.reading.asks
        if not self.reading.page or own is None:
            return not self.reading.page
        if self.platform not in _WHOLE_SITES:
            return (asked.page, asked.asks) == (self.reading.page, own)
        return not own or (asked.asks is not None and own.items() <= asked.asks.items())

    def is_certain(self, asked: Reading) -> bool:
        """Whether nobody else can stand behind what the address opens."""
        own = self.reading.asks
        is_loose = bool(own) and (asked.asks != own or asked.keys[0] != self.key)
        return not asked.is_post and not is_loose and self.key in asked.keys


class Register:
    """The entries of one municipality. Not for several threads at once."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[int, Entry] = {}
        self._words = WordIndex()
        self._held: dict[str, list[Held]] = {}
        """By the key of an address."""
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
        for held in _addresses_of(entry):
            self._held.setdefault(held.key, []).append(held)

    def _drop(self, account_id: int) -> None:
        entry = self._entries.pop(account_id, None)
        if entry is None:
            return
        self._seen = None
        self._words.drop(account_id)
        for key in {held.key for held in _addresses_of(entry)}:
            left = [held for held in self._held.pop(key, ()) if held.account_id != account_id]
            if left:
                self._held[key] = left

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
            if held := [one for one in self._held.get(key, ()) if one.covers(reading)]:
                return self._official(held, reading)
        alike = [key for one in reading.keys for key in keys_alike(one)]
        if held := [one for key in alike for one in self._held.get(key, ()) if one.until is None]:
            return self._official(held, reading)
        return Official("unknown", lacks=reading.lacks, judged=reading.judged)

    def _official(self, held: Sequence[Held], asked: Reading) -> Official:
        """What is one's now goes before what was another's; of several, the last one."""
        one = max(held, key=lambda one: (one.until is None, one.until or date.min, one.account_id))
        entry, last = self._entries[one.account_id], None if one.until == date.min else one.until
        if one.until is not None:
            return Official("was", entry, last, judged=asked.judged)
        doubt: Doubt = "takeover" if entry.is_investigated else "" if one.is_certain(asked) else "sender"
        return Official("unknown" if doubt else "is", entry, doubt=doubt, judged=asked.judged)


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


def _addresses_of(entry: Entry) -> Iterator[Held]:
    """Its public addresses, and what they are by the platform's own id of it."""
    ended = None if entry.is_open else entry.until or date.min
    dated: list[tuple[str, date | None]] = [(former.address, former.until) for former in entry.former]
    if entry.address:
        dated.append((entry.address, ended))
    for address, until in dated:
        reading = read_address(address, entry.platform)
        yield from (Held(entry.account_id, key, until, entry.platform, reading) for key in reading.keys[:1])
    if key := key_by_id(entry.platform, entry.known_as):
        yield Held(entry.account_id, key, ended, entry.platform, Reading((key,)))


def swedish_order(text: str) -> tuple[str, str]:
    """å, ä and ö after z, whatever the case."""
    return text.casefold().translate(_AFTER_Z), text


_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


def _place(entry: Entry) -> tuple[bool, str, tuple[str, str], int]:
    return not entry.is_open, entry.platform.value, swedish_order(entry.name), entry.account_id
