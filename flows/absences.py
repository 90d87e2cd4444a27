"""Who is away today."""

from datetime import date, datetime

from prefect import flow

from acts import absences as acts
from flows.going_rounds import go


@flow(name="absences", persist_result=False)
async def absences(as_of: datetime | date | None = None) -> dict[str, int]:
    """**Frånvaro.** Ger det som bara den frånvarande har till den som ersätter, och säger till.

    Går på arbetsdagens morgon, före morgonbrevet. Länkar som redan är skickade gäller fortfarande för den som
    är borta. Konton som ingen är på plats för blir röda.
    """
    return await go(acts.COVER, as_of=as_of)
