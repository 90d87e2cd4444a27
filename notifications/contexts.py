"""What each letter is told besides what it finds in the database: values of the event, mostly ids.

The keys are those of the event's facts and detail, with `by`, the person who acted. What the table does not
name is not kept in the outbox: never a token, and nothing that a task, an account or a person says already.
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict


class Nothing(TypedDict):
    """The account, the task and the recipient say it all."""


class AskedFor(TypedDict):
    """By whoever typed in the address, known or not."""

    language: NotRequired[str]
    """Of the page on which it was asked for: that of somebody who is not known yet."""


class DraftReminder(TypedDict):
    """Of a draft that nobody has touched."""

    erased_on: str
    """ISO date in the municipality's zone."""


class Answered(TypedDict):
    """What somebody decided about a plan."""

    by: int | None
    reason: str


class Reminder(TypedDict):
    """Of one open task."""

    number: int
    """Which reminder this is, from 1."""


class Checklist(TypedDict):
    """The lines open on the recipient's list."""

    lapses_on: NotRequired[str]
    """ISO date on which an approval lapses."""


class Approved(TypedDict):
    """An application that may be set up."""

    lapses_on: NotRequired[str]
    """ISO date on which the approval lapses."""


class ChecklistReminder(Reminder, Checklist):
    """Of the same lines."""


class GroupAsked(TypedDict):
    """To what a group shares: a question that its members have been asked, each by their own letter."""

    tasks: list[int]
    """The one question."""


class Escalated(TypedDict):
    """To the role the ladder names."""

    tasks: list[int]
    """What nobody has answered."""


class StandsRed(TypedDict):
    """To communications."""

    reason: str
    """The account's `red_reason` when it was queued."""


class NoLongerYours(TypedDict):
    """To those a task was taken from, the giver among them."""

    by: int | None
    to: int
    reason: NotRequired[str]


class Withdrawn(TypedDict):
    """By the applicant."""

    reason: NotRequired[str]


class ByCommunications(TypedDict):
    """What somebody at communications did, and why."""

    by: int | None
    reason: str


class RequestWithdrawn(ByCommunications):
    """A change that is no longer asked for, or without `role` the closure; the reason may be empty."""

    role: NotRequired[int]


class AddressChanged(TypedDict):
    """An account has another address than the former."""

    by: int | None
    former: str
    until_on: str
    """ISO date."""


UnitChanged = TypedDict("UnitChanged", {"by": int | None, "from": int | None})
"""An account belongs to another unit than the one it comes from."""


class Repaired(ByCommunications):
    """A repair of the step that the message's task was asked for."""

    what: str
    """reopen, skip, move or end."""


class TakenBack(TypedDict):
    """An answer that no longer holds, to everyone who had been told; the message's task had it."""

    by: int | None
    outcome: str
    """What had been answered."""


class Active(TypedDict):
    """To everyone concerned, on the day the account may be used."""

    duties: NotRequired[list[str]]
    """What must be done from now on, a sentence each."""


class OfRole(TypedDict):
    """A person's role in an account; a refusal's reason stands in the message's task."""

    role: int
    """The `AccountRole`: who, what and from when."""


class EndedRole(OfRole):
    """A role that has ended."""

    by: int | None
    """Who ended it; nobody when its time was out or another took it over."""


class SnapshotKept(TypedDict):
    """A picture of an account, to whom the rule sends it."""

    snapshots: list[int]
    """The one picture: it goes with the letter."""


class PaperForDiary(TypedDict):
    """A decision's paper, to the registry."""

    papers: list[int]
    """The one paper: it goes with the letter."""


class ChainDigest(TypedDict):
    """Where the audit log ended when it was verified."""

    events: int
    digest: str
    """Of the last event; empty for an empty log."""
    breaks: int
    """How many places did not hold."""


class Morning(TypedDict):
    """Everything that the clock asks of a person today: ids of accounts and tasks."""

    on: str
    """ISO date in the municipality's zone."""
    watch: NotRequired[list[int]]
    look: NotRequired[list[int]]
    asked: NotRequired[list[int]]
    reminded: NotRequired[list[int]]
    escalated: NotRequired[list[int]]
    late: NotRequired[list[int]]
    missed: NotRequired[list[int]]
    neglected: NotRequired[list[int]]
    rested: NotRequired[list[int]]
    lists: NotRequired[list[int]]
    informed: NotRequired[list[int]]


class Away(TypedDict):
    """To who stands in, or to the person when somebody else entered it."""

    absence: int
    what: str
    """entered, changed or ended."""
    by: int | None


class StandsIn(TypedDict):
    """To who can answer for somebody who is away: the message's task, or the lines of the account's list."""

    away: list[int]


class TookOver(TypedDict):
    """To who takes over from somebody who left: pairs of what and to whom, by kind."""

    person: int
    taken: dict[str, list[Any]]
    by: int | None


class InCrisis(TypedDict):
    """To everybody who looks after an account, and what communications shares."""

    crisis: int
    what: str
    """begun or ended."""
    by: int | None


class Resting(TypedDict):
    """To the account's people and communications. ISO dates; `until` is the first day after."""

    by: int | None
    since: str
    until: str


class Ending(TypedDict):
    """To the account's people."""

    ends_on: str
    """ISO date."""


class Exempted(TypedDict):
    """To the account's people."""

    exemption: int
    by: int | None


class Inventory(TypedDict):
    """To whoever seems to answer for accounts that were taken over."""

    duties_from: str
    """ISO date from which the accounts are held to the rules."""


class CaseAlarm(TypedDict):
    """A case that communications must hear of at once; the message's task says which."""

    tasks: list[int]
    """The steps that are open."""


class OfReturned(TypedDict):
    """To communications, and to who is away: what came back by mail."""

    returned: int


CONTEXTS: dict[str, type] = {
    "confirm_address": AskedFor,
    "my_page": AskedFor,
    "draft_link": Nothing,
    "draft_reminder": DraftReminder,
    "draft_erased": Nothing,
    "plan_received": Nothing,
    "decision_asked": Nothing,
    "consultation_asked": Nothing,
    "group_asked": GroupAsked,
    "informed": Nothing,
    "changes_asked": Answered,
    "reminder": Reminder,
    "escalated": Escalated,
    "stands_red": StandsRed,
    "handed_over": Nothing,
    "no_longer_yours": NoLongerYours,
    "application_approved": Approved,
    "application_declined": Answered,
    "application_withdrawn": Withdrawn,
    "application_lapsed": Nothing,
    "application_ended": ByCommunications,
    "checklist": Checklist,
    "checklist_reminder": ChecklistReminder,
    "account_active": Active,
    "taken_back": TakenBack,
    "repaired": Repaired,
    "change_approved": OfRole,
    "change_refused": OfRole,
    "administrator_began": OfRole,
    "administrator_ended": EndedRole,
    "request_withdrawn": RequestWithdrawn,
    "address_changed": AddressChanged,
    "unit_changed": UnitChanged,
    "closing_refused": Nothing,
    "closing_begun": Nothing,
    "account_closed": Nothing,
    "snapshot_kept": SnapshotKept,
    "evaluation_told": Nothing,
    "guideline_change_wanted": Nothing,
    "policy_proposed": Nothing,
    "policy_decided": Nothing,
    "paper_for_diary": PaperForDiary,
    "chain_digest": ChainDigest,
    "morning": Morning,
    "absence": Away,
    "stands_in": StandsIn,
    "confirm_act": Nothing,
    "took_over": TookOver,
    "crisis": InCrisis,
    "rest_set": Resting,
    "end_nears": Ending,
    "exempted": Exempted,
    "inventory": Inventory,
    "case_asked": Nothing,
    "case_due": Nothing,
    "case_alarm": CaseAlarm,
    "fresh_link": Nothing,
    "letter_again": Nothing,
    "absence_suggested": OfReturned,
    "answer_by_mail": OfReturned,
    "answer_not_counted": Nothing,
}


def context_for(notice: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What of the given values the notice is told. Raises ValueError when one that it needs is missing."""
    kind: Any = CONTEXTS[notice]
    missing = sorted(kind.__required_keys__ - given.keys())
    if missing:
        raise ValueError(f"{notice} needs {', '.join(missing)} in its context")
    named = kind.__required_keys__ | kind.__optional_keys__
    return {key: given[key] for key in sorted(named & given.keys())}
