"""The staff list of the night."""

from datetime import date, datetime

from prefect import flow

from acts import staff_list as acts
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="staff_list", flow_run_name=called("Personallista"), persist_result=False)
@plainly
async def staff_list(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Personallista.** Läser varje natt den nyaste filen i kommunens mapp: nya, ändrade, flyttade.

    Den som saknas i listan blir en uppgift för kommunikationsenheten; ingen tas bort. En lista som inte går
    att läsa, eller som skulle ta bort för många, läses inte in alls, och körningen säger varför.
    """
    return await go(acts.READ, as_of=as_of, only=municipalities)
