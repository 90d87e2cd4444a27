"""Absences."""

from datetime import date, timedelta
from typing import Any

from prefect.client.schemas.objects import State

from acts import absences
from acts.by_form import FormDesk, Told
from flows.forms.fields import ACTING, MUNICIPALITY, NO_DAY, Line, MaybeDay, asked
from flows.forms.shape import carry_out, form


@form("Frånvaro")
async def absence(
    person: Line = asked("Den som är borta", "Personens arbetsadress. Lämna tomt om det är du själv.", ""),
    from_on: date = asked("Första dag", "Den första dagen personen är borta, i dag eller senare."),
    last_on: MaybeDay = asked("Sista dag", "Den sista dagen. Lämna tomt om den inte är känd.", NO_DAY),
    substitute: Line = asked(
        "Ersättare",
        "Arbetsadressen till den som svarar så länge. Lämna tomt om personens vanliga ersättare gör det.",
        "",
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Lägg in frånvaro.**

    Det som väntar på personen, och det som kommer, går också till ersättaren så länge frånvaron varar.
    Varför någon är borta ska inte skrivas någonstans.
    """

    def act(desk: FormDesk) -> Told:
        entered = absences.enter(
            desk.session,
            desk.now,
            by_id=desk.person_id,
            email=person,
            from_on=from_on,
            until_on=last_on + timedelta(days=1) if last_on else None,
            substitute_email=substitute,
            via=desk.by.via,
        )
        days = f"från {entered.from_on}" + (f" till och med {last_on}" if last_on else " tills vidare")
        return Told([f"Frånvaron är inlagd: {person or acting}, {days}."])

    return await carry_out(acting, municipality, act)
