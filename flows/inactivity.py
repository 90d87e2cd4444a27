"""Accounts that are not kept up."""

from datetime import date, datetime

from prefect import flow

from acts import inactivity as idle
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="inactivity", flow_run_name=called("Inaktivitet"), persist_result=False)
@plainly
async def inactivity(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Inaktivitet.** Hittar varje dag konton utan inlägg eller bevakning, enligt riktlinjen.

    Först sägs det till i god tid, sedan ställs frågan om kontot ska vara kvar, vila eller avslutas. Svarar
    ingen gäller det som riktlinjen säger. Ett konto som inte har gått att läsa räknas aldrig som tyst.
    """
    return await go(idle.SETTLE, idle.END, as_of=as_of, only=municipalities)
