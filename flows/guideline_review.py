"""The review of the guideline."""

from datetime import date, datetime

from prefect import flow

from acts import guideline_review as reviewing
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="guideline_review", flow_run_name=called("Översyn av riktlinjen"), persist_result=False)
@plainly
async def guideline_review(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Översyn av riktlinjen.** Frågar den som ser över riktlinjen, så ofta som riktlinjen själv säger."""
    return await go(reviewing.REVIEW_GUIDELINE, as_of=as_of, only=municipalities)
