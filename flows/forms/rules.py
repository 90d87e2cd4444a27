"""New rules."""

from typing import Any

from prefect.client.schemas.objects import State

from acts.by_form import FormDesk, Told
from acts.confirmed_files import RULES, content_named, content_pasted, wanted_rules
from flows.forms.fields import ACTING, MUNICIPALITY, NOT_CHOSEN, Line, asked
from flows.forms.shape import carry_out, form
from flows.forms.words import ChosenSize
from lifecycle.guideline_review import Size
from lifecycle.refusals import Refused
from policies.loading import HERE
from runtime.settings import settings


@form("Föreslå nya regler")
async def propose_rules(
    size: ChosenSize = asked("Ändringens storlek", "Riktlinjen säger vem som godkänner vilken.", NOT_CHOSEN),
    name: Line = asked(
        "Regelfilens namn",
        "Namnet på en av kommunens egna regelfiler, eller en av dem som följer med Kanalvakt, utan .yaml.",
        "",
    ),
    text: str = asked(
        "Eller regelfilen", "Klistra in hela filen (YAML) om reglerna är egna. Lämna tomt annars.", ""
    ),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Föreslå nya regler för kommunen.**

    När du har bekräftat förslaget genom länken i ett brev frågas den som riktlinjen pekar ut. Inget
    ändras förrän den har godkänt, och reglerna gäller från sin egen dag.
    """

    def act(desk: FormDesk) -> Told:
        desk.demand_member()
        if bool(name.strip()) == bool(text.strip()):
            raise Refused("rules_missing")
        folder = settings().policy_folder or HERE
        content = content_pasted(text, folder) if text.strip() else content_named(name, folder)
        label, values = wanted_rules(content, Size[size.name])
        return desk.begin(RULES, label, "policy", values)

    return await carry_out(acting, municipality, act)
