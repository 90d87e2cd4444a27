"""Finding entries of the register by words, also misspelt ones and without å, ä and ö.

Only what an entry makes public is read, so nothing else can be found or guessed at by searching.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import log

from lifecycle.register import Entry
from policies.keys import Platform
from policies.naming import PLATFORM_NAMES

_WORD = re.compile(r"[a-z0-9]+")
_OTHERS = str.maketrans("åäöéøæłđ", "aaoeoald")
_WORDS_ASKED = 8
_WORDS_OF_TEXT = 60
"""So many words of a purpose or a target group are known."""
_SHORTEST_MISSPELT = 3
_SHORTEST_WITHIN = 4
_LONGEST = 60
"""Letters of a word that is known."""
_CANDIDATES = 150
"""So many words are measured of those that share the most pairs of letters."""
_EXACT, _BEGINS, _WITHIN, _JOINED, _NEAR = 1.0, 0.85, 0.7, 0.95, 0.8
_NAME, _HANDLE, _UNIT, _PLATFORM, _ROLE, _TEXT = 3.0, 2.5, 1.5, 1.0, 0.6, 0.4

_ALSO_CALLED = {
    Platform.FACEBOOK: ["fb"],
    Platform.INSTAGRAM: ["insta", "ig"],
    Platform.X: ["twitter"],
    Platform.YOUTUBE: ["yt"],
}
"""What people call a platform in place of its name."""


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters without accents: of "Ängsvägens skola" angsvagens and skola."""
    folded = text.casefold().translate(_OTHERS)
    if not folded.isascii():
        split = unicodedata.normalize("NFKD", folded)
        folded = "".join(one for one in split if not unicodedata.combining(one))
    return _WORD.findall(folded)


def _words_of(entry: Entry) -> dict[str, float]:
    """Each word of an entry with the weight of its weightiest place."""
    found: dict[str, float] = {}
    for words, weight in _places(entry):
        for word in words:
            known = word[:_LONGEST]
            found[known] = max(weight, found.get(known, 0.0))
    found.pop("", None)
    return found


def _places(entry: Entry) -> Iterator[tuple[list[str], float]]:
    name = plain_words(entry.name)
    yield name, _NAME
    yield ["".join(name)], _NAME
    yield _handle_words(entry), _HANDLE
    yield plain_words(entry.unit or ""), _UNIT
    yield plain_words(f"{entry.platform.value} {PLATFORM_NAMES[entry.platform]}"), _PLATFORM
    yield _ALSO_CALLED.get(entry.platform, []), _PLATFORM
    yield plain_words(f"{entry.role or ''} {entry.person or ''}"), _ROLE
    yield plain_words(f"{entry.purpose or ''} {entry.target_group or ''}")[:_WORDS_OF_TEXT], _TEXT


def _handle_words(entry: Entry) -> list[str]:
    """The end of the address, in which the platform's own name for the account stands."""
    path = (entry.address or "").partition("://")[2].rstrip("/").split("/")[1:]
    return ["".join(plain_words(segment)) for segment in path[-2:] if segment]


class WordIndex:
    """The words of many entries. Entries come and go one by one."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, float]] = {}
        """Word → account → weight."""
        self._words: dict[int, tuple[str, ...]] = {}
        self._by_pair: dict[tuple[str, int], set[str]] = {}
        """Pair of letters and length → the words of that length that have it."""

    def put(self, entry: Entry) -> None:
        """Know an entry as it is now."""
        self.drop(entry.account_id)
        words = _words_of(entry)
        self._words[entry.account_id] = tuple(words)
        for word, weight in words.items():
            if word not in self._places:
                self._places[word] = {}
                for pair in _pairs_of(word):
                    self._by_pair.setdefault((pair, len(word)), set()).add(word)
            self._places[word][entry.account_id] = weight

    def drop(self, account_id: int) -> None:
        """Forget an entry, and the words that no other has."""
        for word in self._words.pop(account_id, ()):
            places = self._places[word]
            del places[account_id]
            if not places:
                del self._places[word]
                for pair in _pairs_of(word):
                    self._by_pair[pair, len(word)].discard(word)

    def search(self, text: str) -> dict[int, float]:
        """The accounts that fit, and how well. Those that have more of the words fit better."""
        words = [word[:_LONGEST] for word in plain_words(text)[:_WORDS_ASKED]]
        scores: dict[int, float] = {}
        fits: Counter[int] = Counter()
        for word in words:
            for account_id, score in self._of_word(word).items():
                scores[account_id] = scores.get(account_id, 0.0) + score
                fits[account_id] += 1
        whole = {one: score * (fits[one] / len(words)) ** 2 for one, score in scores.items()}
        for account_id, score in self._of_word("".join(words)[:_LONGEST]).items() if len(words) > 1 else ():
            whole[account_id] = max(whole.get(account_id, 0.0), score * _JOINED * len(words))
        return whole

    def _of_word(self, asked: str) -> dict[int, float]:
        found: dict[int, float] = {}
        for word, likeness in self._like(asked).items():
            places = self._places[word]
            rare = likeness * (1.0 + log(len(self._words) / len(places)))
            for account_id, weight in places.items():
                score = weight * rare
                if score > found.get(account_id, 0.0):
                    found[account_id] = score
        return found

    def _like(self, asked: str) -> dict[str, float]:
        """Words that are the one asked for, have it in them, or could be it misspelt; with their likeness."""
        found = self._near(asked)
        for word in self._with(asked):
            likeness = _BEGINS if word.startswith(asked) else _WITHIN
            found[word] = max(found.get(word, 0.0), likeness)
        if asked in self._places:
            found[asked] = _EXACT
        return found

    def _with(self, asked: str) -> Iterator[str]:
        """Longer words that begin with it; also those that have it elsewhere, as Swedish joins words."""
        if len(asked) < 2:
            return
        pairs = _inner_pairs(asked) if len(asked) >= _SHORTEST_WITHIN else _inner_pairs(f"^{asked}")
        for length in range(len(asked) + 1, _LONGEST + 1):
            sets = sorted((self._by_pair.get((pair, length), _NONE) for pair in pairs), key=len)
            for word in set.intersection(*sets):
                if asked in word:
                    yield word

    def _near(self, asked: str) -> dict[str, float]:
        allowed = _faults_allowed(asked)
        shared: Counter[str] = Counter()
        for length in range(len(asked) - allowed, len(asked) + allowed + 1) if allowed else ():
            for pair in _pairs_of(asked):
                shared.update(self._by_pair.get((pair, length), _NONE))
        near: dict[str, float] = {}
        for word, _ in shared.most_common(_CANDIDATES):
            faults = _faults_between(asked, word, allowed)
            if faults <= allowed:
                near[word] = _NEAR * (1.0 - faults / (len(asked) + 1))
        return near


_NONE: set[str] = set()


def _pairs_of(word: str) -> set[str]:
    """Its pairs of letters, with its beginning and end."""
    return _inner_pairs(f"^{word}$")


def _inner_pairs(word: str) -> set[str]:
    return {one + other for one, other in pairwise(word)}


def _faults_allowed(word: str) -> int:
    """Missing, added, wrong and swapped letters that a word may have."""
    if len(word) < _SHORTEST_MISSPELT:
        return 0
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3


def _faults_between(one: str, other: str, most: int) -> int:
    """The fewest such faults that make one word of the other; more than `most` when there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for place, its in enumerate(other, start=1):
            best = min(above[place] + 1, line[place - 1] + 1, above[place - 1] + (letter != its))
            if row > 1 and place > 1 and letter == other[place - 2] and one[row - 2] == its:
                best = min(best, before[place - 2] + 1)
            line.append(best)
        if min(line) > most:
            return most + 1
        before, above = above, line
    return above[-1]
