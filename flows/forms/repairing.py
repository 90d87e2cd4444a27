"""Repairs of an application."""

from typing import Any

from prefect.client.schemas.objects import State

from acts import confirmed_repairs
from acts.by_form import FormDesk, Told
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, NOT_CHOSEN, REASON, Line, Text, asked
from flows.forms.shape import carry_out, form
from flows.forms.words import ChosenRepair, RepairWord
from languages.speaking import capital
from lifecycle.refusals import Refused
from notifications.words import account_words

_ACTS = {
    RepairWord.REOPEN: confirmed_repairs.REOPEN,
    RepairWord.SKIP: confirmed_repairs.SKIP,
    RepairWord.ASK: confirmed_repairs.ASK,
    RepairWord.END_APPLICATION: confirmed_repairs.END,
    RepairWord.RESUME: confirmed_repairs.RESUME,
}
_WHOLE = (RepairWord.END_APPLICATION, RepairWord.RESUME)


@form("Rätta ärende")
async def repair(
    account: Line = ACCOUNT,
    what: ChosenRepair = asked(
        "Vad ska göras", "Det som står still eller har blivit fel i en ansökan.", NOT_CHOSEN
    ),
    step: Line = asked("Steg", "Vad steget heter. Behövs när det gäller ett steg i ärendet.", ""),
    to: Line = asked(
        "Till", "Arbetsadressen till den som ska svara. Behövs när steget ska ställas till någon.", ""
    ),
    reason: Text = REASON,
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Rätta ett ärende.**

    Kommunikationsenheten öppnar, hoppar över, flyttar eller avslutar, med skäl. Det sker när du har
    bekräftat det genom länken i ett brev, och aldrig av den som själv har sökt eller beslutat i
    ärendet.
    """

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        values: dict[str, Any] = {"account": found.id, "reason": reason.strip(), "step": "", "label": ""}
        if what not in _WHOLE:
            chosen = desk.step(found, step)
            values |= {"step": chosen.step, "label": chosen.label}
        if what is RepairWord.ASK:
            if not to.strip():
                raise Refused("receiver_missing")
            values["to"] = desk.someone(to).id
        label = f"{capital(account_words(found))}: {what.value.lower()}"
        return desk.begin(_ACTS[what], label, f"account:{found.id}", values)

    return await carry_out(acting, municipality, act)
