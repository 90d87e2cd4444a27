"""Whether the accounts' names and addresses are where they should be."""

from datetime import date, datetime

from prefect import flow

from acts import handles as acts
from connectors.fetching import Fetcher
from connectors.occupying import Occupant, who_has
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="handles", flow_run_name=called("Namn och adresser"), persist_result=False)
@plainly
async def handles(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Namn och adresser.** Ser efter några av dem varje dag, där plattformen svarar utan inloggning.

    Avslutade kontons och tidigare adresser ska inte bli någon annans, öppna kontons ska finnas kvar, och namn
    som liknar våra ska vara kända. Det som hittas blir en uppgift hos kommunikation. Ett fel räknas aldrig
    som ett fynd. För en annan dag än i dag ses inget efter.
    """
    with Fetcher() as fetcher:

        def find(platform: str, address: str, now: datetime) -> Occupant | None:
            return who_has(platform, address, now, fetcher)

        return await go(acts.looking(find), as_of=as_of, only=municipalities)
