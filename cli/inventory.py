"""kanalvakt inventory …"""

from typing import Annotated

import typer

from acts import inventory as acts
from acts.work import work
from cli.installation import Slug, database, day_of, municipality_of, stop
from cli.swedish import SwedishApp
from lifecycle.events import By
from lifecycle.inventory import gaps_of, inventory_answers, taken_over
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from models import Account, TaskState, UserTask
from runtime import clock
from runtime.database import reading

app = SwedishApp(help="Inventera konton som har tagits över: vems de är, och vad de saknar.")

_BY = By(None, "cli")
_STANDS = {"confirmed": "har en ansvarig", "decline": "oklart vems", "close": "uppges avslutat"}


@app.command()
def start(
    municipality: Slug,
    duties_from: Annotated[
        str,
        typer.Option(
            "--duties-from",
            help="Dag då reglerna börjar gälla fullt ut för kontona (ÅÅÅÅ-MM-DD).",
            metavar="DATUM",
            show_default=False,
        ),
    ],
) -> None:
    """Fråga de ansvariga om kontona är deras. Ett brev per person; ingen frågas två gånger om samma konto.

    Före den angivna dagen påminns ingen om det som saknas, och inget konto avslutas.
    """
    first, now = day_of(duties_from), clock.now()
    try:
        with database() as engine, work(engine, now) as session:
            count = acts.begin(session, municipality_of(session, municipality), first, _BY, now)
    except Refused as refused:
        raise stop(refused.says()) from None
    typer.echo(f"{count} personer får ett brev." if count else "Alla konton har redan frågats om.")


@app.command()
def show(municipality: Slug) -> None:
    """Visa var inventeringen står, konto för konto, och vad som saknas."""
    now = clock.now()
    with database() as engine, reading(engine) as session:
        law = law_in_force(session, municipality_of(session, municipality).id or 0, now)
        answers, accounts = inventory_answers(session, law), taken_over(session, law)
        for account in accounts:
            typer.echo(_line(account, answers.get(account.id or 0)))
            for gap in gaps_of(session, law, account, law.day_of(now)):
                typer.echo(f"  saknas: {gap.says}" + ("" if gap.must else " (bör)"))
    if not accounts:
        typer.echo("Inga konton har tagits över.")


def _line(account: Account, task: UserTask | None) -> str:
    if task is None:
        return f"{account.name} ({account.platform}): inte frågat"
    if task.state is TaskState.OPEN or task.outcome is None:
        return f"{account.name} ({account.platform}): väntar på svar"
    return f"{account.name} ({account.platform}): {_STANDS[task.outcome.value]}"
