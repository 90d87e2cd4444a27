"""What is confirmed anew."""

from datetime import date, datetime

from prefect import flow

from acts import renewals as renewing
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="renewals", flow_run_name=called("Bekräfta på nytt"), persist_result=False)
@plainly
async def renewals(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Bekräfta på nytt.** Frågar efter det i checklistan som ska bekräftas igen, och om nya utgåvor.

    Har riktlinjen eller ett annat dokument kommit i en ny utgåva kvitterar var och en som har kvitterat en
    tidigare: en gång, hur många konton man än sköter.
    """
    return await go(renewing.RENEW, as_of=as_of, only=municipalities)
