"""Prefect, asked by its HTTP API: does it answer, and does it know all that is to run?"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import yaml

from cli.doctor.findings import Finding, fault, ok, warning

PREFECT, POOL, DEPLOYMENTS, CLOCK = "Prefect", "Arbetspoolen", "Scheman", "Klockan"
NO_CHOICE = "http://127.0.0.1:4200/api"
FILE = Path(__file__).resolve().parents[2] / "prefect.yaml"
ANSWER_SECONDS = 10
AWRY_SECONDS = 5.0
IN_ITS_FOLDER = "Kör i Kanalvakts mapp, så som steg 4 i docs/how-to/install.md: .venv/bin/prefect"
DEPLOY = f"{IN_ITS_FOLDER} --no-prompt deploy --all"


def client(environment: Mapping[str, str] = os.environ) -> httpx2.Client:
    """As Prefect's own client is told: PREFECT_API_URL and PREFECT_API_AUTH_STRING."""
    user, _, password = environment.get("PREFECT_API_AUTH_STRING", "").partition(":")
    url = environment.get("PREFECT_API_URL") or NO_CHOICE
    return httpx2.Client(
        base_url=url.rstrip("/") + "/", auth=(user, password) if user else None, timeout=ANSWER_SECONDS
    )


def prefect(api: httpx2.Client, now: datetime, *, demonstration: bool = False) -> Iterator[Finding]:
    """The server, the pool, and the deployments with their schedules."""
    where = str(api.base_url).rstrip("/")
    try:
        answer = api.post("deployments/filter", json={})
    except httpx2.HTTPError as error:
        does = "Starta den (systemctl start kanalvakt-prefect), eller rätta PREFECT_API_URL."
        yield fault(PREFECT, f"svarar inte på {where} ({type(error).__name__}).", does)
        return
    if answer.status_code in (401, 403):
        does = "Rätta PREFECT_API_AUTH_STRING: samma användare:lösenord som servern har."
        yield fault(PREFECT, f"{where} vill ha ett annat lösenord.", does)
        return
    if answer.status_code != 200:
        does = "Rätta PREFECT_API_URL (/api sist) och PREFECT_API_AUTH_STRING (bara a–z)."
        yield fault(PREFECT, f"{where} svarar {answer.status_code}.", does)
        return
    yield _locked(where, demonstration)
    yield from _same_time(answer.headers.get("date", ""), now)
    wanted = yaml.safe_load(FILE.read_text("utf-8"))
    for pool in sorted({str(one["work_pool"]["name"]) for one in wanted["deployments"]}):
        yield _pool(api, pool)
    yield from _deployments(wanted["deployments"], answer.json())


def _locked(where: str, demonstration: bool) -> Finding:
    """Whether it answers those who know its password, and nobody else."""
    try:
        is_open = httpx2.get(f"{where}/admin/version", timeout=ANSWER_SECONDS).status_code == 200
    except httpx2.HTTPError:
        is_open = False
    if is_open and not demonstration:
        does = (
            "Skriv samma användare:lösenord i PREFECT_SERVER_API_AUTH_STRING och PREFECT_API_AUTH_STRING och "
            "starta om Prefect och arbetaren. Arbetaren startar inte annars."
        )
        return fault(PREFECT, f"{where} svarar utan lösenord: alla som når den kan läsa och styra.", does)
    return ok(PREFECT, f"svarar på {where}{'' if is_open else ', bara med lösenord'}.")


def _same_time(date: str, now: datetime) -> Iterator[Finding]:
    """What Prefect starts and what we count go by two clocks."""
    if not date:
        return
    awry = abs((parsedate_to_datetime(date) - now).total_seconds())
    if awry > AWRY_SECONDS:
        does = "Slå på tidssynkronisering på båda datorerna: timedatectl set-ntp true"
        yield fault(CLOCK, f"går {awry:.0f} sekunder från Prefects.", does)
    else:
        yield ok(CLOCK, "går som Prefects.")


def _pool(api: httpx2.Client, name: str) -> Finding:
    answer = api.get(f"work_pools/{name}")
    if answer.status_code == 404:
        does = f"{IN_ITS_FOLDER} work-pool create {name} --type warm"
        return fault(POOL, f"{name} finns inte.", does)
    if answer.json()["is_paused"]:
        return fault(POOL, f"{name} är pausad: inget körs.", f"{IN_ITS_FOLDER} work-pool resume {name}")
    workers = api.post(f"work_pools/{name}/workers/filter", json={}).json()
    if not any(one["status"] == "ONLINE" for one in workers):
        does = "Starta arbetaren: systemctl start kanalvakt-worker"
        return fault(POOL, f"{name} finns, men ingen arbetare hämtar något ur den.", does)
    return ok(POOL, f"{name} finns, och en arbetare hämtar ur den.")


def _deployments(wanted: list[dict[str, Any]], there: list[dict[str, Any]]) -> Iterator[Finding]:
    by_name = {one["name"]: one for one in there}
    missing = [one["name"] for one in wanted if one["name"] not in by_name]
    if missing:
        yield fault(DEPLOYMENTS, f"{', '.join(missing)} finns inte i Prefect.", DEPLOY)
    resting = [one["name"] for one in wanted if one["name"] in by_name and _rests(one, by_name[one["name"]])]
    if resting:
        does = f"Slå på dem i Prefect under Deployments, eller gör om dem. {DEPLOY}"
        yield fault(DEPLOYMENTS, f"{', '.join(resting)} går inte av sig själva: schemat är av.", does)
    known = {one["name"] for one in wanted}
    left = [one["name"] for one in there if one["name"] not in known and _ours(one)]
    if left:
        yield warning(
            DEPLOYMENTS,
            f"{', '.join(left)} finns kvar från en äldre version.",
            "Ta bort dem i Prefect under Deployments.",
        )
    if not missing and not resting:
        yield ok(DEPLOYMENTS, f"{len(wanted)} uppgifter finns i Prefect, och deras scheman är på.")


def _ours(deployment: dict[str, Any]) -> bool:
    return str(deployment.get("entrypoint")).startswith("flows.")


def _rests(wanted: dict[str, Any], there: dict[str, Any]) -> bool:
    """Whether a schedule that should be on is not, or all of it is paused."""
    active = {one.get("slug") for one in there["schedules"] if one["active"]}
    slugs = {one["slug"] for one in wanted.get("schedules", []) if one.get("active", True)}
    return bool(slugs - active) or (bool(slugs) and bool(there["paused"]))


def has_secret(api: httpx2.Client, name: str) -> bool:
    """Whether Prefect keeps a Secret block of that name; no when it is away, which is told elsewhere."""
    try:
        return api.get(f"block_types/slug/secret/block_documents/name/{name}").status_code == 200
    except httpx2.HTTPError:
        return False
