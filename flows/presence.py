"""Who is there today: those who leave, those who are away, accounts that rest or end."""

from datetime import date, datetime

from prefect import flow

from acts.round_list import PRESENCE
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="presence", flow_run_name=called("Närvaro"), persist_result=False)
@plainly
async def presence(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Närvaro.** Går på arbetsdagens morgon, före morgonbrevet, och ser vilka som är på plats.

    Det som bara den frånvarande har går till den som ersätter. Den som har slutat lämnar över det som var
    bestämt. Konton som har vilat börjar igen, och konton med slutdatum varnas om och avslutas. Konton som
    ingen är på plats för blir röda.
    """
    return await go(*PRESENCE, as_of=as_of, only=municipalities)
