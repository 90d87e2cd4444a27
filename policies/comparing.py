"""What a new version of a policy says that an old one does not: by kind of rule, in words, with grounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from policies.citing import citations
from policies.keys import Rule
from policies.loading import Content, policy_from_content
from policies.policy import Policy
from policies.rules import Rules
from policies.settings import Settings
from policies.shape import NAMING_KEYS, keys_of
from policies.showing import meaning_of, rule_as_lines, setting_as_text

SETTINGS = "Kommunens inställning"
GUIDELINES = "Riktlinjer"


@dataclass(frozen=True)
class Difference:
    """One thing that is new, gone or otherwise."""

    kind: str
    """The kind of rule, as `policies show` heads it."""
    name: str
    """What it is about."""
    before: list[str] = field(default_factory=list)
    """Empty for what is new."""
    after: list[str] = field(default_factory=list)
    """Empty for what is gone."""
    grounds: list[str] = field(default_factory=list)

    @property
    def what(self) -> str:
        """In a word."""
        return "Ändras" if self.before and self.after else "Tillkommer" if self.after else "Utgår"


@dataclass(frozen=True)
class _Version:
    policy: Policy
    content: Content

    def rules(self, key: str) -> list[Rule]:
        value = getattr(self.policy.rules, key)
        found = value if isinstance(value, list) else [value]
        return [one for one in found if isinstance(one, Rule)]

    def lines(self, rule: Rule) -> list[str]:
        return [line.strip().removeprefix("- ") for line in rule_as_lines(self.policy, self.content, rule)]

    def grounds(self, rule: Rule) -> list[str]:
        cited = (f"{one.publisher}, {one.cite}" for one in citations(self.content, rule))
        return list(dict.fromkeys(cited))


def differences(old: Content, new: Content) -> list[Difference]:
    """Everything that differs between two stored contents, but for clauses left outside, which nobody does.

    A reordering alone is no difference.
    """
    before, after = (_Version(policy_from_content(one), one) for one in (old, new))
    return [*_of_guidelines(before, after), *_of_rules(before, after), *_of_settings(before, after)]


# ---------------------------------------------------------------- rules


def _of_rules(before: _Version, after: _Version) -> Iterator[Difference]:
    for key, rule_field in keys_of(Rules).items():
        kind = meaning_of(rule_field)
        for old, new in _pairs(before.rules(key), after.rules(key)):
            yield from _difference(kind, before, old, after, new)


def _difference(
    kind: str, before: _Version, old: Rule | None, after: _Version, new: Rule | None
) -> Iterator[Difference]:
    was, becomes = before.lines(old) if old else [], after.lines(new) if new else []
    if was == becomes:
        return
    grounds = after.grounds(new) if new else before.grounds(old) if old else []
    if was and becomes:
        name = becomes[0]
        was, becomes = _only_in(was, becomes), _only_in(becomes, was)
        yield Difference(kind, name, was or ["(inget)"], becomes or ["(inget)"], grounds)
    else:
        yield Difference(kind, (was or becomes)[0], _details(was), _details(becomes), grounds)


def _details(lines: Sequence[str]) -> list[str]:
    """Of a rule that is new or gone: what its first line and its grounds do not say already."""
    return [line for line in lines[1:] if not line.startswith("Grund:")] or list(lines[:1])


def _only_in(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    return [line for line in lines if line not in others]


def _pairs(old: Sequence[Rule], new: Sequence[Rule]) -> list[tuple[Rule | None, Rule | None]]:
    """Each rule beside the one it has become: by its name, else by what it rests on, else alone."""
    left = [one for one in old if one not in new]
    pairs: list[tuple[Rule | None, Rule | None]] = []
    for one in (one for one in new if one not in old):
        earlier = next((other for other in left if _is_same(other, one)), None)
        if earlier is not None:
            left.remove(earlier)
        pairs.append((earlier, one))
    return [*pairs, *((one, None) for one in left)]


def _is_same(old: Rule, new: Rule) -> bool:
    names = [_name_of(one) for one in (old, new)]
    if any(names):
        return names[0] == names[1]
    return bool(set(old.clauses) & set(new.clauses)) or (not old.clauses and not new.clauses)


def _name_of(rule: Rule) -> str | None:
    return next((getattr(rule, key) for key in NAMING_KEYS if hasattr(rule, key)), None)


# ---------------------------------------------------------------- the rest


def _of_settings(before: _Version, after: _Version) -> Iterator[Difference]:
    for key, setting in keys_of(Settings).items():
        values = [getattr(one.policy.settings, key) for one in (before, after)]
        if values[0] != values[1]:
            was, becomes = (
                [setting_as_text(one.policy, key)] if value not in (None, [], {}) else []
                for one, value in zip((before, after), values, strict=True)
            )
            yield Difference(SETTINGS, meaning_of(setting), was, becomes)


def _of_guidelines(before: _Version, after: _Version) -> Iterator[Difference]:
    old, new = before.content["guidelines"], after.content["guidelines"]
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            was, becomes = _editions(old.get(name)), _editions(new.get(name))
            yield Difference(GUIDELINES, (new.get(name) or old[name])["title"], was, becomes)


def _editions(guideline: Content | None) -> list[str]:
    return [f"{guideline['publisher']}, {guideline['edition']}"] if guideline else []
