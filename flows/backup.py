"""The nightly copy of the installation's database."""

from anyio import to_thread
from prefect import flow
from prefect.logging import get_run_logger

from backups.nightly import take_tonights
from flows.plainly import plainly
from runtime.clock import now
from runtime.database import installation_engine
from runtime.settings import settings


@flow(name="backup", flow_run_name="Säkerhetskopia", persist_result=False)
@plainly
async def backup() -> str | None:
    """**Säkerhetskopia.** Tar varje natt en kopia av databasen och ser efter att den är hel.

    Den läggs i `KANALVAKT_BACKUP_FOLDER`; utan den inställningen görs ingenting. De äldsta kastas, så att
    `KANALVAKT_BACKUP_KEEP` finns kvar. Inställningar och hemligheter följer inte med. Misslyckas den larmar
    Prefect, och den försöker igen nästa timme. `kanalvakt restore` lägger tillbaka en kopia.
    """
    chosen = settings()
    if chosen.backup_folder is None:
        get_run_logger().info("Ingen mapp är vald: ingen kopia togs.")
        return None
    taken = await to_thread.run_sync(
        take_tonights, installation_engine(), chosen.backup_folder, chosen.backup_keep, now()
    )
    if taken is None:
        get_run_logger().info("Nattens kopia är redan tagen.")
        return None
    get_run_logger().info("Tog %s, %d byte.", taken.copy.name, taken.manifest.bytes)
    return taken.copy.name
