"""What the accounts have published."""

from datetime import date, datetime

from prefect import flow

from acts import posting as posts
from acts.municipalities import slugs
from connectors.fetching import Fetcher
from connectors.observing import observe
from connectors.sights import AskPerson, Observation, Subject, Tokens
from flows.going_rounds import go
from flows.plainly import plainly
from flows.platform_keys import keys_of
from flows.sharing import called
from runtime.database import installation_engine
from runtime.settings import settings


@flow(name="posting", flow_run_name=called("Publicering"), persist_result=False)
@plainly
async def posting(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Publicering.** Ser efter två gånger i veckan vad som har publicerats i varje konto.

    Där riktlinjen kräver inlägg och det saknas får de som sköter kontot en uppgift. Kan ett konto inte läsas
    frågas de i stället: ett fel räknas aldrig som att inget har publicerats. Ange `as_of` för att göra en
    annan dags runda; då bedöms bara det som redan är sparat.
    """
    folder = settings().secrets_dir
    known = slugs(installation_engine()).items()
    asked = {number: slug for number, slug in known if municipalities is None or number in municipalities}
    keys = {number: await keys_of(slug, folder) for number, slug in asked.items()}
    with Fetcher() as fetcher:
        eyes = posts.looking(lambda number: _eyes(fetcher, keys[number]))
        return await go(eyes, as_of=as_of, only=municipalities)


def _eyes(fetcher: Fetcher, keys: Tokens) -> posts.Observer:
    def look(subject: Subject, since: datetime | None, now: datetime) -> Observation | AskPerson:
        return observe(subject, since, now, fetcher, keys)

    return look
