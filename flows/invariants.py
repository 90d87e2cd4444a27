"""The nightly check of what must always hold."""

from datetime import date, datetime

from prefect import flow

from acts import checking
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="invariants", flow_run_name=called("Kontroll av uppgifterna"), persist_result=False)
@plainly
async def invariants(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Kontroll av uppgifterna.** Prövar varje natt de villkor som alltid ska vara uppfyllda.

    Till exempel att varje fråga har någon som kan svara, att inget konto är godkänt utan beslut och att
    händelseloggen är hel. Inget ändras. Är något villkor inte uppfyllt misslyckas körningen och räknar upp
    vad det gäller: det är ett fel i Kanalvakt eller en ändring direkt i databasen, och en fråga för den som
    sköter systemet. `kanalvakt check` visar samma lista.
    """
    return await go(checking.CHECK, as_of=as_of, only=municipalities)
