"""Whether Prefect lets in only those who know its password: in it stand names and work addresses."""

import asyncio

import httpx2
from anyio import to_thread
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL

from runtime.starting import WillNotStart

LOOKS_EVERY_SECONDS = 60.0
ANSWER_SECONDS = 10.0
EXAMPLE = "byt-mig"
"""The password of an example: everybody knows it."""
SET_BOTH = (
    "Skriv samma användare:lösenord i PREFECT_API_AUTH_STRING och PREFECT_SERVER_API_AUTH_STRING "
    "(docs/how-to/install.md), och starta om Prefect och arbetaren."
)


def demand_password() -> None:
    """The worker knows a password, and a server that it is for. Raises WillNotStart."""
    _, _, password = str(PREFECT_API_AUTH_STRING.value() or "").partition(":")
    if not PREFECT_API_URL.value():
        raise WillNotStart("PREFECT_API_URL saknas. Skriv var Prefects server är, med /api sist.")
    if not password:
        raise WillNotStart(f"PREFECT_API_AUTH_STRING saknas: Prefect måste ha ett lösenord. {SET_BOTH}")
    if password == EXAMPLE:
        raise WillNotStart(f"PREFECT_API_AUTH_STRING har exemplets lösenord, som alla känner. {SET_BOTH}")


def demand_locked() -> None:
    """The server asks for a password, as far as can be seen: one that is away is asked again later."""
    url = str(PREFECT_API_URL.value())
    if is_open(url):
        raise WillNotStart(
            f"Prefect på {url} svarar utan lösenord: alla som når den kan läsa namn och arbetsadresser och "
            f"styra körningarna. {SET_BOTH}"
        )


def is_open(api_url: str) -> bool:
    """Whether a server answers somebody who says no password; no when there is none that answers."""
    try:
        answer = httpx2.get(f"{api_url.rstrip('/')}/admin/version", timeout=ANSWER_SECONDS, trust_env=False)
    except httpx2.HTTPError:
        return False
    return answer.status_code == 200


async def door_loop() -> None:
    """Now and then, also when the server has been away or was started anew. Raises WillNotStart."""
    while True:
        await to_thread.run_sync(demand_locked)
        await asyncio.sleep(LOOKS_EVERY_SECONDS)
