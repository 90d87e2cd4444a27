"""The access log never holds a token, nor a password in an address that somebody asks about."""

import logging
import re

_TOKEN = re.compile(r"(/l/|/kalender/)[^\s?#\"]+|(/inloggning/klar\?)[^\s#\"]+")
_LOG_IN = re.compile(r"((?:/|%2f){2})(?:(?!/|%2f|[\s?&#\"]).)+?(@|%40)", re.IGNORECASE)


class TokenRedaction(logging.Filter):
    """Writes /l/… instead of a link's address; so of a calendar's, and of what a sign-in brings back."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact in place; nothing is left out of the log."""
        if isinstance(record.args, tuple):
            record.args = tuple(redacted(one) if isinstance(one, str) else one for one in record.args)
        record.msg = redacted(record.msg) if isinstance(record.msg, str) else record.msg
        return True


def redacted(text: str) -> str:
    """The text with tokens and passwords taken away."""
    without_tokens = _TOKEN.sub(lambda found: f"{found.group(1) or found.group(2)}…", text)
    return _LOG_IN.sub(r"\1…\2", without_tokens)


def redact_access_log() -> None:
    """Put the redaction on uvicorn's loggers, once."""
    for name in ("uvicorn.access", "uvicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, TokenRedaction) for one in logger.filters):
            logger.addFilter(TokenRedaction())
