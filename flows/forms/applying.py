"""Applying on somebody's behalf."""

from typing import Any

from prefect.client.schemas.objects import State

from acts import applying
from acts.by_form import FormDesk, Told
from flows.forms.fields import ACTING, MUNICIPALITY, NOT_CHOSEN, Line, Text, asked
from flows.forms.shape import carry_out, form
from flows.forms.words import ChosenPlatform
from lifecycle.events import By
from lifecycle.refusals import Refused


@form("Ansök åt någon")
async def apply_for(
    applicant: Line = asked("Den som söker", "Arbetsadressen till den som ska ha kontot."),
    applicant_name: Line = asked(
        "Namn på den som söker", "Behövs bara om personen inte finns i Kanalvakt än.", ""
    ),
    platform: ChosenPlatform = asked("Plattform", "Var kontot ska finnas.", NOT_CHOSEN),
    account_name: Line = asked("Kontots namn", "Vad kontot ska heta för dem som ser det."),
    unit: Line = asked("Enhet", "Namn eller kod på den enhet kontot ska höra till."),
    purpose: Text = asked("Syfte", "Vad kontot ska vara till för. Den som söker kan skriva om det.", ""),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Börja en ansökan åt någon.**

    Den som söker får ett brev med en länk till ansökan, fyller i det som är kvar och skickar in den
    själv.
    """

    def act(desk: FormDesk) -> Told:
        desk.demand_member()
        email, found = applicant.strip().lower(), desk.unit(unit)
        if not applying.address_is_allowed(desk.municipality, email):
            raise Refused("address_not_ours", domains=", ".join(desk.municipality.mail_domains))
        known = applying.find_person(desk.session, desk.municipality_id, email)
        if known is None and not applicant_name.strip():
            raise Refused("name_missing")
        if known is not None:
            desk.someone(email)
        by = By(desk.person_id, desk.by.via, known.id if known else None)
        account = applying.begin_draft(desk.session, desk.municipality, email, applicant_name, desk.now, by)
        answers = {
            "platform": platform.platform.value,
            "name": account_name,
            "unit": str(found.id),
            "account_class": "unit",
            "purpose": purpose,
        }
        applying.save_draft(desk.session, account, answers, desk.now)
        return Told([f"Ansökan är påbörjad. Ett brev med en länk till den har gått till {email}."])

    return await carry_out(acting, municipality, act)
