"""The log of a process holds no token, no mail address, no query of an address, and no words of an error."""

import logging
import re
import sys
import time
from typing import Any

from models.plain_errors import chain_of, told_of

_TOKEN = re.compile(r"(/l/|/kalender/)[^\s?#\"]+")
_LOG_IN = re.compile(r"((?:/|%2f){2})(?:(?!/|%2f|[\s?&#\"]).)+?(@|%40)", re.IGNORECASE)
_QUERY = re.compile(r"(/[^\s?\"]*)\?[^\s\"]*")
_MAIL_ADDRESS = re.compile(r"[^\s<>\"'(:,;]+(?:@|%40)(?=[\w-]+\.[\w-])", re.IGNORECASE)


def redacted(text: str) -> str:
    """The text without tokens, passwords, whom an address of mail is of, and what is asked of a page."""
    without = _QUERY.sub(r"\1", _TOKEN.sub(r"\1…", text)) if "/" in text else text
    if "@" not in text and "%40" not in text:
        return without
    return _MAIL_ADDRESS.sub("…@", _LOG_IN.sub(r"\1…\2", without))


class PlainRecord(logging.LogRecord):
    """What is logged, whoever logs it: libraries too."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        error = _error_in(self.exc_info)
        self.exc_info, self.exc_text = None, chain_of(error) if error else None
        self.msg = _plain(self.msg)
        if isinstance(self.args, tuple):
            self.args = tuple(map(_plain, self.args))

    def getMessage(self) -> str:
        """The whole text, whatever it was put together from."""
        return redacted(super().getMessage())


def _error_in(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    found = sys.exc_info()[1] if exc_info is True else exc_info
    return found if isinstance(found, BaseException) else None


def _plain(one: Any) -> Any:
    if isinstance(one, BaseException):
        return told_of(one)
    return redacted(one) if isinstance(one, str) else one


_LINE, _TIME = "%(asctime)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"


def write_log_in_utc() -> None:
    """From now on each line of this process begins with its instant in UTC, in whatever zone.

    What asks others by HTTP tells only of what went wrong.
    """
    lines, said = logging.Formatter(_LINE, _TIME), logging.StreamHandler()
    lines.converter = time.gmtime
    said.setFormatter(lines)
    logging.basicConfig(level=logging.INFO, handlers=[said])
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_logs_plain() -> None:
    """From now on, in this process. What is told of an error is its kind and where it was."""
    logging.setLogRecordFactory(PlainRecord)
