"""An account's rest, and its end."""

from datetime import date, timedelta
from typing import Any

from prefect.client.schemas.objects import State

from acts import resting
from acts.by_form import FormDesk, Told, account_place
from flows.forms.fields import ACCOUNT, ACTING, MUNICIPALITY, Line, asked
from flows.forms.shape import carry_out, form
from languages.speaking import capital
from notifications.words import account_words


@form("Låt konto vila")
async def rest(
    account: Line = ACCOUNT,
    from_on: date = asked("Första dag", "Den första dagen kontot vilar, i dag eller senare."),
    last_on: date = asked("Sista dag", "Den sista dagen kontot vilar."),
    acting: Line = ACTING,
    municipality: Line = MUNICIPALITY,
) -> State[Any]:
    """**Låt ett konto vila en tid.**

    Så länge frågas inte efter inlägg, och kontot räknas inte som övergivet. Bevakning, ärenden och
    bilder fortsätter. Kontots personer får veta det.
    """

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        resting.let_rest(
            desk.session,
            desk.now,
            account_id=found.id or 0,
            person_id=desk.person_id,
            from_on=from_on,
            until_on=last_on + timedelta(days=1),
            via=desk.by.via,
        )
        return Told(
            [f"{capital(account_words(found))} vilar från {from_on} till och med {last_on}."],
            place=account_place(found),
        )

    return await carry_out(acting, municipality, act)


@form("Avsluta vila")
async def end_rest(
    account: Line = ACCOUNT, acting: Line = ACTING, municipality: Line = MUNICIPALITY
) -> State[Any]:
    """**Avsluta ett kontos vila i dag.** Från och med nu frågas efter inlägg igen."""

    def act(desk: FormDesk) -> Told:
        found = desk.account(account)
        resting.wake(
            desk.session, desk.now, account_id=found.id or 0, person_id=desk.person_id, via=desk.by.via
        )
        return Told([f"{capital(account_words(found))} vilar inte längre."], place=account_place(found))

    return await carry_out(acting, municipality, act)
