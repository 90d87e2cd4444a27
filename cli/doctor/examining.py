"""kanalvakt doctor"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

import httpx2
import typer
from sqlalchemy import Engine
from sqlmodel import Session

from cli.doctor import at_work, chosen, copies, machine, platforms, post, prefect_api, sign_in, stored
from cli.doctor.findings import Finding, Level, examined, warning
from policies.loading import HERE
from runtime import clock
from runtime.database import reading
from runtime.settings import InstallationSettings

_SHOWN = {Level.OK: "ok     ", Level.WARNING: "VARNING", Level.FAULT: "FEL    "}
_COLOURS = {Level.OK: typer.colors.GREEN, Level.WARNING: typer.colors.YELLOW, Level.FAULT: typer.colors.RED}
NOT_LOOKED_AT = "undersöktes inte, eftersom databasen inte går att använda."


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Skriv svaret som JSON, för övervakning.")] = False,
) -> None:
    """Undersök installationen: vad som är fel, och hur det rättas. Inget ändras och inget brev skickas."""
    found = list(everything())
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=2))
    else:
        _tell(found)
    if any(one.level is Level.FAULT for one in found):
        raise typer.Exit(1)


def _tell(found: list[Finding]) -> None:
    for one in found:
        typer.echo(f"{typer.style(_SHOWN[one.level], fg=_COLOURS[one.level])}  {one.part}: {one.says}")
        if one.do:
            typer.echo(f"         → {one.do}")
    count = {level: sum(one.level is level for one in found) for level in Level}
    typer.echo(
        f"\n{count[Level.FAULT]} fel, {_warnings(count[Level.WARNING])}, {count[Level.OK]} utan anmärkning."
    )


def _warnings(count: int) -> str:
    return f"{count} varning" if count == 1 else f"{count} varningar"


def everything() -> Iterator[Finding]:
    """All that is examined, in the order in which it is best mended."""
    settings, found = chosen.chosen_or_faults()
    yield from found
    if settings is None:
        return
    engine, found = stored.usable(settings.database_url)
    yield from found
    yield from _settings(settings)
    compared = False
    for one in _work(settings, engine):
        compared |= one.part == machine.CLOCK
        yield one
    yield from examined(machine.CLOCK, lambda: machine.clock(compared=compared))
    yield from examined("Handlingarna", lambda: machine.papers(clock.machine_now()))
    yield from examined("Bilderna", machine.pictures)
    yield from examined("Disken", lambda: machine.disk(settings))
    yield from examined(copies.COPIES, lambda: copies.newest_copy(settings, clock.now()))


def _work(settings: InstallationSettings, engine: Engine | None) -> Iterator[Finding]:
    with prefect_api.client() as api:
        if engine is None:
            yield warning("Arbetet", NOT_LOOKED_AT, "Rätta databasen och kör kanalvakt doctor igen.")
            yield from _without_database(settings, api)
        else:
            yield from _with_database(settings, engine, api)
            engine.dispose()


def _settings(settings: InstallationSettings) -> Iterator[Finding]:
    for part, look in (
        (chosen.SECRETS, chosen.secrets),
        (chosen.FILES, chosen.files),
        (chosen.COOKIES, chosen.cookies),
        (chosen.CHANNELS, chosen.channels),
        (chosen.ALARMS, chosen.alarms),
        (chosen.PORTAL, chosen.portal),
        (post.RETURNED, post.returned),
    ):
        yield from examined(part, lambda look=look: look(settings))  # type: ignore[misc]


def _without_database(settings: InstallationSettings, api: httpx2.Client) -> Iterator[Finding]:
    yield from examined(post.MAIL, lambda: post.mail(settings, []))
    yield from examined(
        prefect_api.PREFECT,
        lambda: prefect_api.prefect(api, clock.machine_now(), demonstration=settings.demonstration),
    )
    yield from examined(machine.ARCHIVE, lambda: machine.folders(settings, []))


def _with_database(settings: InstallationSettings, engine: Engine, api: httpx2.Client) -> Iterator[Finding]:
    now = clock.now()

    def asked(part: str, look: Callable[[Session], Iterable[Finding]]) -> Iterator[Finding]:
        with reading(engine) as session:
            yield from examined(part, lambda: look(session))

    folders = [HERE, *([settings.policy_folder] if settings.policy_folder else [])]
    yield from asked(at_work.ZONES, at_work.zones)
    yield from asked(post.MAIL, lambda session: post.mail(settings, post.senders(session)))
    yield from examined(
        prefect_api.PREFECT,
        lambda: prefect_api.prefect(api, clock.machine_now(), demonstration=settings.demonstration),
    )
    yield from asked(at_work.WORKER, lambda session: at_work.worker(session, now))
    yield from asked(at_work.PARTS_OF_IT, lambda session: at_work.loops(session, now))
    yield from asked(at_work.ROUNDS_PART, lambda session: at_work.rounds(session, now))
    yield from asked(post.OUTBOX, lambda session: post.outbox(session, now))
    yield from asked(post.RETURNED, lambda session: post.strangers(session, now))
    yield from asked(at_work.RULES, lambda session: at_work.rules(session, folders, now))
    yield from asked(at_work.PEOPLE, lambda session: at_work.people(session, now))
    yield from asked(at_work.ACCESSIBILITY, lambda session: at_work.accessibility(session, now))
    yield from asked(sign_in.SIGN_IN, lambda session: sign_in.sign_in(session, settings, now))
    yield from asked(
        platforms.KEYS,
        lambda session: platforms.keys(
            session, settings.secrets_dir, lambda name: prefect_api.has_secret(api, name)
        ),
    )
    yield from asked(
        machine.ARCHIVE,
        lambda session: machine.folders(settings, [one.slug for one in at_work.municipalities(session)]),
    )
