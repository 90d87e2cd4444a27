"""Administrators and guests."""

from typing import Any

from prefect.client.schemas.objects import State

from acts.by_form import FormDesk, Told
from acts.confirmed_changes import ADD, END_ROLE, GUEST
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, NO_DAY, NOT_CHOSEN, Line, MaybeDay, asked
from flows.forms.shape import carry_out, form
from flows.forms.words import ChosenRoleChange, RoleChange, RoleWord
from languages.speaking import capital
from lifecycle.refusals import Refused
from models import Account, Person
from notifications.words import account_words


@form("Administratör eller gäst")
async def change_role(
    account: Line = ACCOUNT,
    what: ChosenRoleChange = asked(
        "Vad", "Lägg till någon, ta in en gäst för en tid, eller avsluta någons roll.", NOT_CHOSEN
    ),
    person: Line = asked("Vem", "Personens arbetsadress."),
    role: RoleWord = asked("Roll", "Vilken roll det gäller. En gäst behöver ingen.", RoleWord.ADMINISTRATOR),
    instead_of: Line = asked(
        "I stället för",
        "Arbetsadressen till den som lämnar samma roll när den nya börjar. Lämna tomt om ingen ersätts.",
        "",
    ),
    since: MaybeDay = asked("Gäst från", "Bara för en gäst: den första dagen.", NO_DAY),
    last: MaybeDay = asked("Gäst till och med", "Bara för en gäst: den sista dagen.", NO_DAY),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Ändra vem som sköter ett konto.**

    Det begärs i ditt namn när du har bekräftat det genom länken i ett brev. Därefter beslutar de som
    riktlinjen pekar ut, och den nya får sin checklista.
    """

    def act(desk: FormDesk) -> Told:
        found, who = desk.account(account), desk.someone(person)
        label = f"{capital(account_words(found))}: {what.value.lower()} – {who.name}"
        about = f"role:{found.id}:{who.id}"
        values: dict[str, Any] = {"account": found.id, "person": who.id}
        if what is RoleChange.END:
            values["role"] = desk.role_id(found, who, role.kind)
            return desk.begin(END_ROLE, label, about, values)
        if what is RoleChange.GUEST:
            if not since or not last:
                raise Refused("dates_wrong")
            values |= {"since": since.isoformat(), "last": last.isoformat()}
            return desk.begin(GUEST, label, about, values)
        values |= {"kind": role.kind.value, "instead_of": _replaced(desk, found)}
        return desk.begin(ADD, label, about, values)

    def _replaced(desk: FormDesk, found: Account) -> int | None:
        leaves: Person | None = desk.someone(instead_of) if instead_of.strip() else None
        return desk.role_id(found, leaves, role.kind) if leaves else None

    return await carry_out(acting, municipality, act)
