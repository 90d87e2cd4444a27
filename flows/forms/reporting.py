"""Reporting what has happened on an account: begun here, written in the portal."""

from typing import Any

from prefect.client.schemas.objects import State

from acts import applying
from acts.by_form import FormDesk, Told
from acts.cases import demand_may_open
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, NOT_CHOSEN, Line, asked
from flows.forms.shape import carry_out, form
from flows.forms.words import ChosenCase
from lifecycle.states import Act, demand
from notifications.words import account_words


@form("Anmäl händelse")
async def report_case(
    account: Line = ACCOUNT,
    kind: ChosenCase = asked(
        "Vad har hänt", "Det närmaste slaget. Vad någon har skrivit hör bara hemma i portalen.", NOT_CHOSEN
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Anmäl något som har hänt på ett konto.**

    Du får ett brev med en länk till portalen, där händelsen
    beskrivs och underlaget sparas.
    """

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        demand_may_open(desk.session, found, desk.person, desk.on)
        demand(found, Act.OPEN_CASE)
        applying.ask_for_link(desk.session, desk.municipality, desk.person.email, "my_page", desk.now)
        return Told(
            [
                f"Ett brev med en länk till Mina uppgifter har gått till {desk.person.email}.",
                f"Gå där till I dag och Något har hänt, och välj {account_words(found)} och "
                f"”{kind.value}” eller det som ligger närmast.",
                "Ärendet öppnas när du har beskrivit det där.",
            ],
            place="idag/handelse",
        )

    return await carry_out(acting, municipality, act)
