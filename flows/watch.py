"""The watch of the day."""

from datetime import date, datetime

from prefect import flow

from acts import watching
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="watch", flow_run_name=called("Bevakning"), persist_result=False)
@plainly
async def watch(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Bevakning.** Frågar varje morgon efter dagens bevakning och avslutar den på kvällen.

    En uppgift per konto och dag, ställd till alla som sköter kontot och är på plats. En dag som ingen har
    bekräftat räknas som missad. Ange `as_of` för att göra en annan dags runda; det som redan är gjort görs
    inte om.
    """
    return await go(watching.ASK, watching.END, watching.FOLD, as_of=as_of, only=municipalities)
