"""Telling what may be a password from what says where one is kept."""

import re

_LABELLED = re.compile(r"(l[öo]sen(ord)?|passw(or)?d|pwd|pin(-?kod)?)\s*[:=]\s*\S+", re.IGNORECASE)
_LOG_IN = re.compile(
    r"([/\\]{2})[^\s/?#]*@|^(?!mailto:|acct:)[^\s/?#:@]*:[^\s/?#]*@(?=[^\s/?#@]+\.)", re.IGNORECASE
)
_SIGNS = set("!#$%*=?^@~|<>{}[]§€")


def looks_like_secret(text: str, *, alone: bool = False) -> bool:
    """Whether a text seems to hold a password: one with its label, or `alone` a word that nobody speaks."""
    return bool(_LABELLED.search(text)) or (alone and _is_jumble(text.strip()))


def without_log_in(text: str) -> str:
    """A web address without the name and password that can stand before its host; other text as it is."""
    return _LOG_IN.sub(lambda found: found.group(1) or "", text)


def _is_jumble(word: str) -> bool:
    """One word of letters with signs, or digits among them, or a year after them; no address or path."""
    if len(word) < 6 or re.search(r"\s|://|\\|/|@[\w-]+\.", word) or not re.search(r"[^\W\d_]", word):
        return False
    return bool(_SIGNS & set(word)) or bool(re.search(r"[^\W\d_]\d{4,}|[^\W\d_]\d+[^\W\d_]", word))
