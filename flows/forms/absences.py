"""Absences."""

from datetime import date
from typing import Any

from prefect.client.schemas.objects import State

from acts.by_form import FormDesk, Told
from acts.confirmed_absences import ABSENCE, wanted_absence
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
    Det gäller när du har bekräftat det genom länken i ett brev, och personen får alltid veta det.
    Varför någon är borta ska inte skrivas någonstans.
    """

    def act(desk: FormDesk) -> Told:
        away = desk.someone(person) if person.strip() else desk.person
        stands_in = desk.someone(substitute) if substitute.strip() else None
        label, values = wanted_absence(away, from_on, last_on, stands_in, desk.on)
        return desk.begin(ABSENCE, label, f"person:{away.id}", values)

    return await carry_out(acting, municipality, act)
