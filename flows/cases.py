"""The hours of cases."""

from datetime import date, datetime

from prefect import flow

from acts import cases as acts_cases
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="cases", flow_run_name=called("Ärenden"), persist_result=False)
@plainly
async def cases(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Ärenden.** Går igenom alla öppna ärenden varje timme och ser efter om någon tid rinner ut.

    Påminner den som är på plats före fristen, larmar när en frist i klocktimmar har gått ut, låter en
    rådfrågan som ingen svarar på gå vidare och avslutar bevakningen av inlägg i gemensamma kanaler.
    """
    return await go(acts_cases.HOURS, as_of=as_of, only=municipalities)
