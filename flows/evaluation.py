"""The evaluations."""

from datetime import date, datetime

from prefect import flow

from acts import evaluating
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="evaluation", flow_run_name=called("Utvärdering"), persist_result=False)
@plainly
async def evaluation(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Utvärdering.** Frågar efter de utvärderingar som det är dags för, med periodens uppgifter ifyllda.

    Hur ofta säger riktlinjen, eller kommunens inställning där riktlinjen inte anger något. En utvärdering som
    ingen svarar på påminns om, och får till sist kommunens förvalda utgång, märkt som obesvarad.
    """
    return await go(evaluating.EVALUATE, as_of=as_of, only=municipalities)
