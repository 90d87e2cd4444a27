"""A municipality's policy versions: the first one adopted, later ones proposed and approved."""

from datetime import datetime

from sqlmodel import Session

from lifecycle import policy_versions
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.identifying import SignedIn, wants_anybody_to_sign_in
from lifecycle.law import law_in_force
from lifecycle.plans import person_by_email
from lifecycle.policy_versions import store, take_effect, version_with
from lifecycle.refusals import Refused
from lifecycle.tasks import holders_of, read_anew
from lifecycle.working_days import local_day
from models import Municipality, Person, PolicyVersion, UserTask
from policies.loading import Content, policy_from_content
from policies.policy import Policy
from runtime.settings import InstallationSettings, settings
from runtime.sign_in import ProviderUnusable, provider_of


def adopt(session: Session, municipality_id: int, content: Content, by: By, now: datetime) -> PolicyVersion:
    """Store a policy as a version in force, approved by whoever installs. Known content changes nothing."""
    known = version_with(session, municipality_id, content)
    if known is not None and known.in_force_from is not None:
        return known
    version = known or store(session, municipality_id, content, now)
    zone = session.get_one(Municipality, municipality_id).time_zone
    first = len(policy_versions.versions_of(session, municipality_id)) == 1
    take_effect(session, version, local_day(now, zone), by, now, first=first)
    return version


def propose(
    session: Session, municipality_id: int, content: Content, size: Size, by: By, now: datetime
) -> UserTask:
    """Propose a new version to the one who decides about such a change.

    Refused `provider_missing` when it wants people to sign in and they have nowhere to.
    """
    slug = session.get_one(Municipality, municipality_id).slug
    if wants_sign_in_without_provider(settings(), slug, policy_from_content(content)):
        raise Refused("provider_missing")
    law = law_in_force(session, municipality_id, now)
    return policy_versions.propose(session, law, content, size, by, now)


def wants_sign_in_without_provider(settings: InstallationSettings, slug: str, policy: Policy) -> bool:
    """Whether rules want those who answer to sign in, in a municipality whose people cannot."""
    if not wants_anybody_to_sign_in(policy):
        return False
    try:
        return provider_of(settings, slug) is None
    except ProviderUnusable:
        return True


def proposer(session: Session, municipality: Municipality, email: str, now: datetime) -> int | None:
    """Who proposes, by work address. Refused `person_unknown` or `person_left`."""
    municipality_id, on = municipality.id or 0, local_day(now, municipality.time_zone)
    return person_by_email(session, municipality_id, email, on).id


def asked_about(session: Session, task: UserTask) -> list[str]:
    """The names of those who have been asked."""
    return [session.get_one(Person, one.person_id).name for one in holders_of(session, task.id)]


def decide(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    approve: bool,
    reason: str = "",
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Answer a proposal."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    session.get_one(Municipality, task.municipality_id, with_for_update=True)
    read_anew(session, task)
    law = law_in_force(session, task.municipality_id, now)
    policy_versions.decide(
        session, law, task, person, now, approve=approve, reason=reason, via=via, signed_in=signed_in
    )
