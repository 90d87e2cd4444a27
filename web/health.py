"""For whoever watches the installation: whether it is well, and its figures."""

from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from acts.heartbeats import beats, silent_parts
from acts.rounds import PART_OF_ROUND
from acts.silence import silent_round_names
from models import Message, MessageState
from web.desk import desk_of
from web.turning import not_found

router = APIRouter()


@router.get("/health")
def health(request: Request) -> Response:
    """Whether the database can be read, and what has been silent for too long; no municipality is named."""
    desk = desk_of(request)
    try:
        with desk.reads() as session:
            silent = sorted({one for one, _ in _silent(session, desk.now())})
    except SQLAlchemyError:
        return JSONResponse({"status": "failing", "database": "unreachable"}, status_code=503)
    answer = {"status": "silent" if silent else "ok", "database": "ok", "silent": silent}
    return JSONResponse(answer, status_code=503 if silent else 200)


def _silent(session: Session, now: datetime) -> Iterator[tuple[str, str]]:
    """Each part that is silent, with the municipality where it is a round of one."""
    yield from ((one.part, "") for one in silent_parts(session, now))
    for slug, rounds in silent_round_names(session, now).items():
        yield from ((f"{PART_OF_ROUND}{name}", slug) for name in rounds)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Signs of life, rounds and letters as Prometheus reads them, for whoever has the token."""
    desk = desk_of(request)
    token = desk.settings.metrics_token.get_secret_value()
    if not token:
        raise not_found()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not compare_digest(given.encode(), token.encode()):
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
    with desk.reads() as session:
        figures = _figures(session, desk.now())
    return Response(generate_latest(figures), media_type=CONTENT_TYPE_LATEST)


def _figures(session: Session, now: datetime) -> CollectorRegistry:
    figures = CollectorRegistry()
    heard = Gauge(
        "kanalvakt_heard_seconds", "Seconds since a part's last sign of life.", ["part"], registry=figures
    )
    for part, at in beats(session).items():
        heard.labels(part).set(max(0.0, (now - at).total_seconds()))
    silent = Gauge(
        "kanalvakt_silent", "1 for what has been silent too long.", ["part", "municipality"], registry=figures
    )
    for part, municipality in _silent(session, now):
        silent.labels(part, municipality).set(1)
    letters = Gauge("kanalvakt_letters", "Letters by state.", ["state"], registry=figures)
    for state, count in _letters(session).items():
        letters.labels(state.value).set(count)
    waiting = Gauge("kanalvakt_oldest_due_letter_seconds", "How late the oldest letter is.", registry=figures)
    waiting.set(_oldest_due(session, now))
    return figures


def _letters(session: Session) -> dict[MessageState, int]:
    rows = select(col(Message.state), func.count()).group_by(col(Message.state))
    counted = {state: count for state, count in session.execute(rows)}
    return {state: counted.get(state, 0) for state in MessageState}


def _oldest_due(session: Session, now: datetime) -> float:
    """Seconds; 0 when no letter is late."""
    oldest = select(func.min(col(Message.not_before))).where(col(Message.state) == MessageState.QUEUED)
    due: datetime | None = session.execute(oldest).scalar_one()
    return max(0.0, (now - due).total_seconds()) if due else 0.0
