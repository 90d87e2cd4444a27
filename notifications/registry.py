"""Every letter there is: its link, whom it may go to, who gets a reply, when it is not needed any more."""

from dataclasses import dataclass
from enum import StrEnum

from models import AccountState, LinkKind, TaskKind
from models import AccountState as S


class Goes(StrEnum):
    """Whom a letter may be addressed to."""

    PERSON = "person"
    """An employee, at their own address."""
    ADDRESS = "address"
    """Whoever reads an address that was typed in; what it says is the same whether the address is known."""
    ANYONE = "anyone"
    """An employee, or a shared mailbox. Never with a link that decides anything."""


class Reply(StrEnum):
    """Whose address a reply reaches; the communications unit's when there is no such person."""

    ASKER = "asker"
    """Who applied, asked for the change or the closure, or opened the case."""
    ANSWERER = "answerer"
    """Who gave the answer that the letter tells of."""
    COMMUNICATIONS = "communications"


class Need(StrEnum):
    """What must still be so when the letter is about to leave."""

    NOTHING = "nothing"
    ASKED = "asked"
    """The task is open and still asked of the recipient."""
    OPEN = "open"
    """One of the tasks it tells of is open."""
    ITEMS = "items"
    """The recipient has something open on the account's list."""
    RED = "red"
    """The account still stands red for that reason."""
    MORNING = "morning"
    """Something of what the morning tells is still so."""
    INVENTORY = "inventory"
    """The recipient has still to say whose some account is."""


class TaskLink(StrEnum):
    """A link whose kind is the task's."""

    OF_TASK = "of_task"


@dataclass(frozen=True)
class Notice:
    """One kind of letter."""

    purpose: str
    link: LinkKind | TaskLink | None = None
    goes: Goes = Goes.PERSON
    reply: Reply = Reply.COMMUNICATIONS
    need: Need = Need.NOTHING
    states: frozenset[AccountState] | None = None
    """States in which the account must still be; None when any will do."""
    by_clock: bool = False
    """Brought about by nobody's act: it leaves in working hours only, also when it has had to wait."""
    answers_mail: bool = False
    """Written because of somebody's mail: no machine is to answer it, or two would write for ever."""


_APPLYING = frozenset({S.DECIDING, S.CHANGES_ASKED, S.SETTING_UP})
_OF_TASK = TaskLink.OF_TASK
_ANYONE = Goes.ANYONE

NOTICES: dict[str, Notice] = {
    "confirm_address": Notice("the way into an application", LinkKind.CONFIRM_ADDRESS, Goes.ADDRESS),
    "my_page": Notice("the way to one's own page", LinkKind.MY_PAGE, Goes.ADDRESS),
    "draft_link": Notice("the way back to one's application", LinkKind.DRAFT),
    "draft_reminder": Notice(
        "a draft will be erased", LinkKind.DRAFT, states=frozenset({S.DRAFT}), by_clock=True
    ),
    "draft_erased": Notice("a draft was erased", by_clock=True),
    "plan_received": Notice("the plan was received", LinkKind.DRAFT, states=_APPLYING),
    "decision_asked": Notice("decide", LinkKind.DECIDE, reply=Reply.ASKER, need=Need.ASKED),
    "consultation_asked": Notice("be consulted", LinkKind.CONSULT, reply=Reply.ASKER, need=Need.ASKED),
    "group_asked": Notice("a group is asked", goes=_ANYONE, reply=Reply.ASKER, need=Need.OPEN),
    "informed": Notice("a copy for information", goes=_ANYONE, reply=Reply.ASKER),
    "changes_asked": Notice(
        "change the plan", LinkKind.DRAFT, reply=Reply.ANSWERER, states=frozenset({S.CHANGES_ASKED})
    ),
    "reminder": Notice("an open task", _OF_TASK, reply=Reply.ASKER, need=Need.ASKED, by_clock=True),
    "escalated": Notice("nobody answers", goes=_ANYONE, reply=Reply.ASKER, need=Need.OPEN, by_clock=True),
    "stands_red": Notice("an account stands still", goes=_ANYONE, reply=Reply.ASKER, need=Need.RED),
    "handed_over": Notice("a task is yours now", _OF_TASK, reply=Reply.ASKER, need=Need.ASKED),
    "no_longer_yours": Notice("a task is no longer yours"),
    "application_approved": Notice(
        "the application was approved",
        LinkKind.DRAFT,
        reply=Reply.ANSWERER,
        states=frozenset({S.SETTING_UP, S.ACTIVE}),
    ),
    "application_declined": Notice(
        "the application was declined", reply=Reply.ANSWERER, states=frozenset({S.DECLINED})
    ),
    "application_withdrawn": Notice("the application was withdrawn", goes=_ANYONE, reply=Reply.ASKER),
    "application_lapsed": Notice(
        "an approval lapsed", goes=_ANYONE, states=frozenset({S.LAPSED}), by_clock=True
    ),
    "application_ended": Notice("communications ended an application", goes=_ANYONE),
    "checklist": Notice("what to confirm", LinkKind.DIGEST, need=Need.ITEMS),
    "checklist_reminder": Notice("what is left to confirm", LinkKind.DIGEST, need=Need.ITEMS, by_clock=True),
    "account_active": Notice("the account may be used", goes=_ANYONE, states=frozenset({S.ACTIVE})),
    "taken_back": Notice("an answer was taken back", goes=_ANYONE),
    "repaired": Notice("communications put something right", goes=_ANYONE),
    "change_approved": Notice("a change of administrators was approved", goes=_ANYONE),
    "change_refused": Notice("a change of administrators was refused", reply=Reply.ANSWERER),
    "administrator_began": Notice("contact details of someone new", goes=_ANYONE),
    "administrator_ended": Notice("someone is no longer there", goes=_ANYONE),
    "closing_refused": Notice("the account is kept", goes=_ANYONE, reply=Reply.ANSWERER),
    "address_changed": Notice("the account has a new address", goes=_ANYONE, reply=Reply.ANSWERER),
    "unit_changed": Notice("the account belongs to another unit", goes=_ANYONE, reply=Reply.ANSWERER),
    "request_withdrawn": Notice("what was asked for is not asked any more", reply=Reply.ANSWERER),
    "closing_begun": Notice("the account is being closed", goes=_ANYONE, reply=Reply.ASKER),
    "account_closed": Notice("the account is closed", goes=_ANYONE),
    "snapshot_kept": Notice("a picture for the archive", goes=_ANYONE),
    "evaluation_told": Notice("an account was evaluated", goes=_ANYONE, reply=Reply.ANSWERER),
    "guideline_change_wanted": Notice("a large change of the guideline is wanted", reply=Reply.ANSWERER),
    "policy_proposed": Notice("approve new rules", LinkKind.MORNING, need=Need.ASKED),
    "policy_decided": Notice("new rules were approved or not", goes=_ANYONE, reply=Reply.ANSWERER),
    "paper_for_diary": Notice("a decision for the diary", goes=_ANYONE),
    "chain_digest": Notice("where the audit log ends", goes=_ANYONE),
    "morning": Notice("what the day asks", LinkKind.MORNING, need=Need.MORNING, by_clock=True),
    "absence": Notice("somebody is away, and who stands in", reply=Reply.ANSWERER),
    "stands_in": Notice("a task of somebody who is away", _OF_TASK, reply=Reply.ASKER, need=Need.ASKED),
    "confirm_act": Notice("confirm what one has begun", LinkKind.CONFIRM_ACT, need=Need.ASKED),
    "took_over": Notice("what somebody who left held is now yours", reply=Reply.ANSWERER),
    "crisis": Notice("a crisis begins or is over", goes=_ANYONE, reply=Reply.ANSWERER),
    "rest_set": Notice("an account will rest", goes=_ANYONE, reply=Reply.ANSWERER),
    "end_nears": Notice("an account ends soon", states=frozenset({S.ACTIVE})),
    "exempted": Notice("an account is let off a duty", reply=Reply.ANSWERER),
    "inventory": Notice("are these accounts yours", LinkKind.MORNING, need=Need.INVENTORY),
    "case_asked": Notice("a case waits", LinkKind.MORNING, reply=Reply.ASKER, need=Need.ASKED),
    "case_due": Notice("a case's hours are running out, or have", LinkKind.MORNING, need=Need.ASKED),
    "case_alarm": Notice("communications hears of a case at once", goes=_ANYONE, need=Need.OPEN),
    "fresh_link": Notice("a new link for an old one", _OF_TASK, reply=Reply.ASKER, need=Need.ASKED),
    "letter_again": Notice("the same letter once more", _OF_TASK, reply=Reply.ASKER, need=Need.ASKED),
    "absence_suggested": Notice(
        "somebody seems to be away, and may say so", goes=_ANYONE, by_clock=True, answers_mail=True
    ),
    "answer_by_mail": Notice("somebody has answered by mail, which decides nothing", goes=_ANYONE),
    "answer_not_counted": Notice("one's answer by mail decides nothing", answers_mail=True),
}

TASK_LINKS: dict[TaskKind, LinkKind] = {
    TaskKind.DECIDE: LinkKind.DECIDE,
    TaskKind.CONSULT: LinkKind.CONSULT,
    TaskKind.REVISE_PLAN: LinkKind.DRAFT,
    TaskKind.CONFIRM_ITEM: LinkKind.DIGEST,
    TaskKind.ACKNOWLEDGE: LinkKind.DIGEST,
    TaskKind.CONFIRM_ACT: LinkKind.CONFIRM_ACT,
    TaskKind.TELL_POSTS: LinkKind.MORNING,
    TaskKind.POST: LinkKind.MORNING,
    TaskKind.REVIEW: LinkKind.MORNING,
    TaskKind.EVALUATE: LinkKind.MORNING,
    TaskKind.TAKE_SNAPSHOT: LinkKind.MORNING,
    TaskKind.WEED: LinkKind.MORNING,
    TaskKind.REVIEW_GUIDELINE: LinkKind.MORNING,
    TaskKind.LOOK_INTO: LinkKind.MORNING,
    TaskKind.HANDLE: LinkKind.MORNING,
    TaskKind.RENEW: LinkKind.MORNING,
    TaskKind.INVENTORY: LinkKind.MORNING,
    TaskKind.APPROVE_POLICY: LinkKind.MORNING,
}
"""The link by which a task is answered; a repair is done in the portal, behind sign-in."""
