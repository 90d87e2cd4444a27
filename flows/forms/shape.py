"""What every form does: reads what was filled in, has the act done once, and tells what came of it."""

from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec

from anyio import to_thread
from prefect import Flow, flow, runtime
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from acts import by_form
from acts.by_form import Filled, FormAct, Standing
from flows.desk_markdown import escaped
from flows.forms import FORM_FLOW
from flows.forms.reading import read, sheet_of
from flows.plainly import plainly
from flows.suspension import suspend
from lifecycle.refusals import Refused
from runtime.clock import now
from runtime.database import installation_engine as engine
from runtime.settings import settings

P = ParamSpec("P")
Form = Callable[P, Coroutine[Any, Any, State[Any]]]

NOT_DONE = "Inte utfört"
SEE_RESULT = "Det gick inte, och inget är ändrat. Varför står i körningens resultat (Artifacts)."
_COUNTS_AND_DAYS = ("days", "first", "last", "latest", "length", "limit", "minutes", "size")
_OF_NOBODY = frozenset((*_COUNTS_AND_DAYS, "candidates", "domains", "field", "fields", "slugs"))
"""Values of a refusal that never name a person; one with any other is told in the result alone."""


def form(title: str) -> Callable[[Form[P]], Flow[P, Coroutine[Any, Any, State[Any]]]]:
    """A flow that is one form; its runs are called by its title, whatever was filled in.

    What was filled in is read here and not by Prefect, which refuses in English and quotes it.
    """
    drawn = flow(name=FORM_FLOW, flow_run_name=title, persist_result=False, validate_parameters=False)
    return lambda doing: drawn(plainly(_read_first(doing)))


def _read_first(doing: Form[P]) -> Form[P]:
    sheet = sheet_of(doing)

    @wraps(doing)
    async def done(*given: P.args, **named: P.kwargs) -> State[Any]:
        try:
            filled = read(sheet, signature(doing).bind_partial(*given, **named).arguments)
        except Refused as refused:
            return await _refused(refused)
        return await doing(**filled)  # type: ignore[call-arg]

    return done


async def carry_out(acting: str, municipality: str, act: FormAct) -> State[Any]:
    """Do what was filled in; wait, where it must be, until the one who acts has confirmed it.

    The database is the truth: whatever is done to the run here decides nothing, and a run that is resumed
    before the confirmation waits on.
    """
    run_id = str(runtime.flow_run.id)
    try:
        filled = Filled(run_id, acting, municipality)
        standing = await to_thread.run_sync(by_form.fill_in, engine(), filled, act, now())
    except Refused as refused:
        return await _refused(refused)
    while standing.waits:
        await _tell(standing)
        await suspend(standing.name, still_waiting=lambda: by_form.still_waits(engine(), run_id, now()))
        standing = by_form.standing_of(engine(), run_id, now()) or standing
    await _tell(standing)
    await to_thread.run_sync(by_form.end, engine(), run_id, now())
    get_run_logger().info(standing.name)
    return Completed(name=standing.name)


async def _tell(standing: Standing) -> None:
    """What may name people is told in an artifact of the run, and nowhere else in Prefect."""
    if standing.lines:
        await _write(standing.name, standing.lines, standing.portal_path)


async def _write(heading: str, lines: Sequence[str], path: str = "") -> None:
    shown = "\n".join(f"- {escaped(one)}" for one in lines)
    link = f"\n\n[Öppna portalen]({settings().portal_url}{path})" if path else ""
    await acreate_markdown_artifact(f"## {heading}\n\n{shown}{link}", description=heading)


async def _refused(refused: Refused) -> State[Any]:
    says = refused.says()
    message = says if _OF_NOBODY.issuperset(refused.values) else SEE_RESULT
    await _write(NOT_DONE, says.splitlines())
    get_run_logger().error(message)
    return Failed(name=NOT_DONE, message=message)
