"""How each kind of duty is shown and answered: one entry for each kind that has a page of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models import Account, TaskKind, UserTask
from web import posting_pages
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
    TaskKind.TELL_POSTS: DutyPage(
        "today/tell_posts.html", posting_pages.tell_posts, posting_pages.about_posts
    ),
    TaskKind.POST: DutyPage("today/post.html", posting_pages.answer_post, posting_pages.about_posts),
    TaskKind.WARN: DutyPage("today/warned.html", posting_pages.confirm_warned, posting_pages.about_silence),
    TaskKind.REVIEW: DutyPage("today/review.html", posting_pages.answer_review, posting_pages.about_silence),
    TaskKind.LOOK_INTO: DutyPage(
        "today/look_into.html", posting_pages.answer_looked_into, posting_pages.about_accounts
    ),
}
"""A kind that is not named here is not answered on a page of its own."""
