"""An account's address, its unit, and that it has changed much."""

from typing import Any

from prefect.client.schemas.objects import State

from acts import caring, documenting
from acts.by_form import FormDesk, Told, account_place
from acts.confirmed_changes import MOVE
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, Line, asked
from flows.forms.shape import carry_out, form
from languages.speaking import capital
from notifications.words import account_words


@form("Ny adress")
async def new_address(
    account: Line = ACCOUNT,
    address: Line = asked("Ny adress", "Den nya adressen, som den står i webbläsaren."),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Ge ett konto en ny adress.**

    Den gamla står kvar i förteckningen som en adress som var kommunens till och med i dag.
    """

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        caring.change_address(
            desk.session,
            desk.now,
            account_id=found.id or 0,
            person_id=desk.person_id,
            address=address,
            via=desk.by.via,
        )
        return Told(
            [f"{capital(account_words(found))} har nu adressen {address}."], place=account_place(found)
        )

    return await carry_out(acting, municipality, act)


@form("Flytta konto till annan enhet")
async def move_to_unit(
    account: Line = ACCOUNT,
    unit: Line = asked("Ny enhet", "Enhetens namn eller kod."),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Flytta ett konto till en annan enhet.**

    Det ändrar vilka chefer som frågas, och sker när du har bekräftat det genom länken i ett brev.
    """

    def act(desk: FormDesk) -> Told:
        found, to = desk.account(account), desk.unit(unit)
        label = f"{capital(account_words(found))} flyttas till {to.name}"
        return desk.begin(MOVE, label, f"account:{found.id}", {"account": found.id, "unit": to.id})

    return await carry_out(acting, municipality, act)


@form("Stor förändring")
async def major_change(
    account: Line = ACCOUNT, acting: Line = ACTING, municipality: Line = MUNICIPALITY
) -> State[Any]:
    """**Ett konto har ändrats mycket.** Där riktlinjen vill det sparas en bild av kontot som det är nu."""

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        documenting.tell_major_change(
            desk.session, desk.now, account_id=found.id or 0, person_id=desk.person_id, via=desk.by.via
        )
        return Told(
            [f"{capital(account_words(found))}: förändringen är antecknad, och en bild ska sparas."],
            place=account_place(found),
        )

    return await carry_out(acting, municipality, act)
