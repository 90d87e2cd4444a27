"""The inventory's letter."""

from datetime import date
from typing import Any

from prefect.client.schemas.objects import State

from acts import inventory
from acts.by_form import FormDesk, Told
from flows.forms.fields import ACTING, MUNICIPALITY, Line, asked
from flows.forms.shape import carry_out, form


@form("Skicka inventeringsbrev")
async def send_inventory(
    duties_from: date = asked(
        "Reglerna gäller från",
        "Den dag då reglerna gäller fullt ut för kontona. Till dess påminns ingen och inget konto avslutas.",
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Fråga vems de importerade kontona är.**

    Ett brev per ansvarig, med personens konton: mitt, inte mitt, avslutat. Ingen frågas två gånger om
    samma konto.
    """

    def act(desk: FormDesk) -> Told:
        desk.demand_member()
        count = inventory.begin(desk.session, desk.municipality, duties_from, desk.by, desk.now)
        said = f"{count} personer får ett brev." if count else "Alla konton har redan frågats om."
        return Told([said])

    return await carry_out(acting, municipality, act)
