"""Crisis, on and off."""

from typing import Any

from prefect.client.schemas.objects import State

from acts import crises
from acts.by_form import FormDesk, Told
from flows.forms.fields import ACTING, MUNICIPALITY, Line, Text, asked
from flows.forms.shape import carry_out, form


@form("Starta krisläge")
async def begin_crisis(
    message: Text = asked(
        "Meddelande",
        "Det administratörerna ska veta nu, högst 2 000 tecken. Skriv inget om enskilda.",
        "",
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Starta krisläge.**

    Alla som sköter ett konto får veta det genast, och bevakningen skärps som riktlinjen säger.
    """

    def act(desk: FormDesk) -> Told:
        crises.begin(desk.session, desk.now, by_id=desk.person_id, message=message, via=desk.by.via)
        return Told(["Krisläget har börjat, och administratörerna får veta det genast."])

    return await carry_out(acting, municipality, act)


@form("Avsluta krisläge")
async def end_crisis(acting: Line = ACTING, municipality: Line = MUNICIPALITY) -> State[Any]:
    """**Avsluta krisläget.** De som fick veta att det började får veta att det är slut."""

    def act(desk: FormDesk) -> Told:
        crises.end(desk.session, desk.now, by_id=desk.person_id, via=desk.by.via)
        return Told(["Krisläget är avslutat."])

    return await carry_out(acting, municipality, act)
