"""The keys by which platforms are read: from Prefect's Secret blocks, or from files beside the others."""

from dataclasses import fields
from pathlib import Path

from prefect.client.orchestration import PrefectClient, get_client
from prefect.exceptions import ObjectNotFound

from connectors.sights import Tokens, key_name


async def keys_of(slug: str, folder: Path | None) -> Tokens:
    """A municipality's keys. A file goes before a block of the same name; what is in neither it has not."""
    async with get_client() as client:
        found = {one.name: await _key(client, key_name(slug, one.name), folder) for one in fields(Tokens)}
    return Tokens(**found)


async def _key(client: PrefectClient, name: str, folder: Path | None) -> str | None:
    file = folder / name if folder else None
    if file is not None and file.is_file():
        return file.read_text("utf-8").strip() or None
    try:
        block = await client.read_block_document_by_name(name, "secret")
    except ObjectNotFound:
        return None
    return str(block.data.get("value") or "").strip() or None
