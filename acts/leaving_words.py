"""What somebody holds, in words."""

from sqlmodel import Session

from lifecycle.law import Law
from lifecycle.leaving import Held
from models import Absence, Account, AccountRole, Person, PostHolder, Unit, UserTask
from notifications.words import ROLES, account_words, capital
from policies.keys import Role
from policies.naming import role_name


def held_words(session: Session, law: Law, held: Held) -> str:
    """E.g. "Administratör för Instagramkontot ”Biblioteket”"."""
    match held.row:
        case AccountRole():
            account = session.get_one(Account, held.row.account_id)
            return f"{capital(ROLES[held.row.kind])} för {account_words(account)}"
        case Unit():
            return f"Chef för {held.row.name}"
        case PostHolder():
            return _post_words(law, Role(held.row.role))
        case UserTask():
            return _task_words(session, held.row)
        case Person():
            return f"Ersättare för {held.row.name}"
        case Absence():
            person = session.get_one(Person, held.row.person_id)
            return f"Ersättare för {person.name} under frånvaron från {held.row.from_on.isoformat()}"


def _post_words(law: Law, role: Role) -> str:
    if role in (Role.COMMUNICATIONS_DIRECTOR, Role.REGISTRY):
        return capital(role_name(law.policy, role))
    return f"Svarar för {role_name(law.policy, role, 'definite')}"


def _task_words(session: Session, task: UserTask) -> str:
    account = session.get(Account, task.account_id) if task.account_id is not None else None
    return f"Frågan ”{task.label}”" + (f" om {account_words(account)}" if account else "")
