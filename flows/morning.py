"""The morning letter."""

from datetime import date, datetime

from prefect import flow

from acts import watching
from acts.round_list import PRESENCE
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called


@flow(name="morning", flow_run_name=called("Morgonbrev"), persist_result=False)
@plainly
async def morning(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Morgonbrev.** Ett brev per person och arbetsdag: dagens bevakning, nya uppgifter, påminnelser.

    Här klättrar också påminnelserna: det som ingen svarar på får till sist den veta som riktlinjen eller
    kommunens inställning pekar ut.
    """
    return await go(*PRESENCE, watching.ASK, watching.TELL, as_of=as_of, only=municipalities)
