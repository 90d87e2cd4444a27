"""How each kind of duty is shown and answered: one entry for each kind that has a page of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models import Account, TaskKind, UserTask
from web import duty_answers, evaluation_page, guideline_pages, look_into_page, posting_pages, renewal_page
from web.forms import Posted
from web.subjects import Subject

Values = Callable[[Session, Subject, UserTask, Account | None], Mapping[str, Any]]
"""What the template needs besides the task, its account and its clauses."""
Answer = Callable[[Session, Subject, UserTask, Posted], None]
"""The act; raises Refused, and then the page is shown again with what was posted."""


@dataclass(frozen=True)
class DutyPage:
    """One kind of duty in the portal."""

    template: str
    answer: Answer
    values: Values = lambda session, subject, task, account: {}


DUTY_PAGES: dict[TaskKind, DutyPage] = {
    TaskKind.WEED: DutyPage("today/weed.html", duty_answers.weed),
    TaskKind.TAKE_SNAPSHOT: DutyPage("today/take_snapshot.html", duty_answers.hand_in_snapshot),
    TaskKind.EVALUATE: DutyPage("today/evaluate.html", evaluation_page.answer, evaluation_page.values),
    TaskKind.RENEW: DutyPage("today/renew.html", renewal_page.answer, renewal_page.values),
    TaskKind.LOOK_INTO: DutyPage("today/look_into.html", look_into_page.answer, look_into_page.values),
    TaskKind.REVIEW_GUIDELINE: DutyPage(
        "today/review_guideline.html", guideline_pages.answer_review, guideline_pages.review_values
    ),
    TaskKind.APPROVE_POLICY: DutyPage(
        "today/approve_policy.html", guideline_pages.answer_proposal, guideline_pages.proposal_values
    ),
    TaskKind.TELL_POSTS: DutyPage(
        "today/tell_posts.html", posting_pages.tell_posts, posting_pages.about_posts
    ),
    TaskKind.POST: DutyPage("today/post.html", posting_pages.answer_post, posting_pages.about_posts),
    TaskKind.WARN: DutyPage("today/warned.html", posting_pages.confirm_warned, posting_pages.about_silence),
    TaskKind.REVIEW: DutyPage("today/review.html", posting_pages.answer_review, posting_pages.about_silence),
}
"""A kind that is not named here is not answered on a page of its own."""
