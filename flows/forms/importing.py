"""Importing pasted lines."""

from typing import Any

from prefect.client.schemas.objects import State

from acts.by_form import FormDesk, Told
from acts.confirmed_files import IMPORT, read_wanted, wanted_import
from flows.forms.fields import ACTING, MUNICIPALITY, NO_DAY, NOT_CHOSEN, Line, MaybeDay, asked
from flows.forms.shape import carry_out, form
from flows.forms.words import ChosenImport


@form("Läs in rader")
async def import_lines(
    what: ChosenImport = asked("Vad", "Vilket slag av rader det är.", NOT_CHOSEN),
    lines: str = asked(
        "Rader",
        "Klistra in raderna ur kalkylarket, med kolumnernas namn på första raden. Filer läses in i portalen, "
        "under Mina uppgifter.",
    ),
    duties_from: MaybeDay = asked(
        "Reglerna gäller från",
        "Bara för konton: den dag då reglerna gäller fullt ut för de nya. Lämna tomt för i dag.",
        NO_DAY,
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Läs in enheter, personer eller konton.**

    Raderna prövas genast. Är något fel ändras inget, och alla fel visas. Annars läses de in, alla på en
    gång, när du har bekräftat det genom länken i ett brev.
    """

    def act(desk: FormDesk) -> Told:
        desk.demand_member()
        table = read_wanted("inklistrade rader", lines.encode())
        label, values = wanted_import(what.name.lower(), table, duties_from or None)
        return desk.begin(IMPORT, label, f"import:{what.name.lower()}", values)

    return await carry_out(acting, municipality, act)
