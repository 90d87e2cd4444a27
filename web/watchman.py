"""The portal's own look at the others: a worker that is dead cannot tell that it is.

It says that the portal lives, and sends an alarm past outbox, worker and Prefect when a part is silent.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from acts.alarms import Send, tell_of_silence
from acts.heartbeats import PORTAL, beat, silent_parts
from notifications.alarms import AlarmNotSent, send_alarm
from runtime.database import reading
from web.desk import Desk

LOOKS_IN_A_ROW = 4
"""So many looks have to find silence before it is told: a computer that slept hears its parts within two."""

log = logging.getLogger("kanalvakt.portal")


class Watchman:
    """Looks twice a minute, for as long as the portal lives."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], send: Send | None) -> None:
        self._engine, self._now, self._send = engine, now, send
        self._in_a_row = 0

    def look(self) -> None:
        """Say that the portal lives; tell of what is silent, when it has been so for some looks."""
        now = self._now()
        beat(self._engine, PORTAL, now)
        with reading(self._engine) as session:
            silent = silent_parts(session, now)
        self._in_a_row = self._in_a_row + 1 if silent else 0
        if self._send is not None and (not silent or self._in_a_row >= LOOKS_IN_A_ROW):
            tell_of_silence(self._engine, silent, now, self._send)

    def keep_looking(self, seconds: float) -> None:
        """For ever; a database that is away is looked for again, and an alarm is sent again."""
        while True:
            try:
                self.look()
            except (SQLAlchemyError, AlarmNotSent) as error:
                log.warning("Vakten: %s.", type(error).__name__)
            time.sleep(seconds)


def start_watchman(desk: Desk) -> None:
    """Look from now on, beside the pages, and end with them."""
    address = desk.settings.alarm_url.get_secret_value()
    watchman = Watchman(desk.engine, desk.now, partial(send_alarm, address) if address else None)
    looking = partial(watchman.keep_looking, desk.settings.beat_seconds)
    threading.Thread(target=looking, name="watchman", daemon=True).start()
