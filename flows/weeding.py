"""Weeding and erasure."""

from datetime import date, datetime

from prefect import flow

from acts import weeding as acts
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="weeding", flow_run_name=called("Gallring"), persist_result=False)
@plainly
async def weeding(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Gallring.** Frågar efter gallring i kontona när riktlinjens tillfällen kommer.

    Raderar också det som Kanalvakt självt inte längre behöver om människor: gamla länkar, brev, texter i
    ärenden och personliga uppgifter i loggen. Loggens kedja håller ändå, och säger enligt vilken regel.
    """
    return await go(acts.ASK, acts.ERASE, as_of=as_of, only=municipalities)
