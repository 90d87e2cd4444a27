"""Somebody leaves."""

from datetime import date
from typing import Any

from prefect.client.schemas.objects import State

from acts import leaving
from acts.by_form import FormDesk, Told
from flows.forms.fields import ACTING, MUNICIPALITY, Line, asked
from flows.forms.shape import carry_out, form


@form("Någon slutar")
async def person_leaves(
    person: Line = asked("Den som slutar", "Personens arbetsadress."),
    last_on: date = asked("Sista arbetsdag", "Den sista dagen personen är i tjänst."),
    all_to: Line = asked(
        "Tar över",
        "Arbetsadressen till den som tar över allt personen har. Lämna tomt om ingen är utsedd: "
        "då frågas kommunikationsenheten. Ska flera dela på det finns det i portalen, under Mina uppgifter.",
        "",
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Någon slutar.**

    Allt personen har i Kanalvakt letas upp och flyttas i ett steg: roller, frågor, ersättarskap. Det
    gäller när du har bekräftat det genom länken i ett brev. Roller prövas som riktlinjen säger.
    """

    def act(desk: FormDesk) -> Told:
        leaves = desk.someone(person)
        task = leaving.ask(
            desk.session,
            desk.now,
            by_id=desk.person_id,
            person_id=leaves.id or 0,
            last_on=last_on,
            all_to=all_to,
            via=desk.by.via,
        )
        return desk.begun(task)

    return await carry_out(acting, municipality, act)
