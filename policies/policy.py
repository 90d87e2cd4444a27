"""A policy file and a guideline file, whole."""

from datetime import date

from policies.keys import ClauseRef, Label, Slug, Strict, Text, key
from policies.rules import Outside, Rules
from policies.settings import Settings

SHOWN = "policies.showing:as_text"


class Clause(Strict):
    """One clause of a guideline, under a short title of our own."""

    id: str = key(
        "Punktens namn i filen", by="policies.citing:citation", pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60
    )
    cite: Label = key("Var i dokumentet", by="policies.citing:citation")
    lines: tuple[int, int] | None = key("Rader i källtexten", by=SHOWN, default=None)
    title: Label = key("Egen kort rubrik", by="policies.citing:citation")


class Guideline(Strict):
    """A published guideline: which edition, and all its clauses."""

    guideline: Slug = key("Filens namn", by="policies.citing:citation")
    title: Label = key("Dokumentets titel", by=SHOWN)
    publisher: Label = key("Vem som ger ut det", by="policies.citing:citation")
    edition: Label = key("Vilken utgåva", by=SHOWN)
    adopted_on: date | None = key("Antagen", by=SHOWN, default=None)
    revised_on: date | None = key("Reviderad", by=SHOWN, default=None)
    updated_on: date | None = key("Uppdaterad", by=SHOWN, default=None)
    decided_by: Label | None = key("Antagen av", by=SHOWN, default=None)
    decision_number: Label | None = key("Beslutets nummer", by=SHOWN, default=None)
    language: Slug = key("Språk", by=SHOWN, default="sv")
    clauses: list[Clause] = key(
        "Alla punkter", by="policies.coverage:account_for", min_length=1, max_length=300
    )


class Policy(Strict):
    """A municipality's rules, with citations, and its own settings."""

    policy: Slug = key("Filens namn", by="policies.loading:load_policy")
    name: Label = key("Vad policyn heter", by=SHOWN)
    guidelines: list[Slug] = key(
        "Riktlinjer vars punkter alla ska redovisas", by="policies.coverage:account_for", max_length=10
    )
    valid_from: date = key("Första dag policyn gäller", by="acts.policies:adopt")
    summary: Text | None = key("Kort om policyn", by=SHOWN, default=None)
    extends: Slug | None = key("Policy som denna bygger på", by="policies.loading:load_policy", default=None)
    rules: Rules = key("Vad punkterna säger", by="policies.loading:load_policy", default_factory=Rules)
    outside: list[Outside] = key(
        "Punkter utanför, och varför",
        by="policies.coverage:account_for",
        default_factory=list,
        max_length=200,
    )
    settings: Settings = key(
        "Kommunens inställningar", by="policies.loading:load_policy", default_factory=Settings
    )


__all__ = ["Clause", "ClauseRef", "Guideline", "Policy"]
