"""The access log never holds a token, nor what is asked for after a page's address."""

import logging

from runtime.plain_logs import redacted


class TokenRedaction(logging.Filter):
    """Writes /l/… instead of a link's address, and leaves out what follows a question mark."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact in place; nothing is left out of the log."""
        if isinstance(record.args, tuple):
            record.args = tuple(redacted(one) if isinstance(one, str) else one for one in record.args)
        record.msg = redacted(record.msg) if isinstance(record.msg, str) else record.msg
        return True


def redact_access_log() -> None:
    """Put the redaction on uvicorn's loggers, once."""
    for name in ("uvicorn.access", "uvicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, TokenRedaction) for one in logger.filters):
            logger.addFilter(TokenRedaction())
