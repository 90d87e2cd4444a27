"""What somebody holds, in words."""

from sqlmodel import Session

from languages.speaking import capital, day_words, said, swedish
from lifecycle.law import Law
from lifecycle.leaving import Held
from models import Absence, Account, AccountRole, Person, PostHolder, Unit, UserTask
from notifications.words import ROLES, account_words
from policies.keys import Role
from policies.naming import role_name


def held_words(session: Session, law: Law, held: Held) -> str:
    """E.g. "Administratör för Instagramkontot ”Biblioteket”"."""
    match held.row:
        case AccountRole():
            account = session.get_one(Account, held.row.account_id)
            return said(
                "%(role)s för %(account)s",
                role=capital(said(ROLES[held.row.kind])),
                account=account_words(account),
            )
        case Unit():
            return said("Chef för %(unit)s", unit=held.row.name)
        case PostHolder():
            return _post_words(law, Role(held.row.role))
        case UserTask():
            return _task_words(session, held.row)
        case Person():
            return said("Ersättare för %(name)s", name=held.row.name)
        case Absence():
            person = session.get_one(Person, held.row.person_id)
            return said(
                "Ersättare för %(name)s under frånvaron från %(day)s",
                name=person.name,
                day=day_words(held.row.from_on),
            )


def _post_words(law: Law, role: Role) -> str:
    if role in (Role.COMMUNICATIONS_DIRECTOR, Role.REGISTRY):
        return capital(role_name(law.policy, role))
    return said("Svarar för %(role)s", role=role_name(law.policy, role, "definite"))


def _task_words(session: Session, task: UserTask) -> str:
    account = session.get(Account, task.account_id) if task.account_id is not None else None
    label = swedish(task.label)
    if account is None:
        return said("Frågan ”%(label)s”", label=label)
    return said("Frågan ”%(label)s” om %(account)s", label=label, account=account_words(account))
