"""What a person wrote in an answer: without the letter it quotes, and without any address to open.

The letter that is quoted holds a link that decides. It must reach nobody else, so no address of a page and
nothing that looks like a token is kept; and what is passed on in our name leads nowhere.
"""

import re

from connectors.mail_parts import Mail

MOST_WORDS = 3000
_QUOTE_BELOW = (
    re.compile(
        r"^\s*-{2,}\s*(Original Message|Ursprungligt meddelande|Vidarebefordrat meddelande"
        r"|Forwarded message|Originalmeddelande)\s*-{2,}",
        re.I,
    ),
    re.compile(r"^\s*_{10,}\s*$"),
    re.compile(r"^\s*\*?(Från|From|Von)\s*:\*?.{0,300}(Kanalvakt|@)", re.I),
)
"""All that follows is the letter that is answered."""
_QUOTE_OF = re.compile(r"^(?=.*(@|\d{4}|\d\d[:.]\d\d)).{0,240}\b(skrev|wrote|schrieb)\b.{0,120}:\s*$", re.I)
"""What is quoted follows, and perhaps an answer below it."""
_TWO_LINES = re.compile(
    r"^([ \t]*(?:Den|On)\b[^\n]{5,200})\n([^\n]{0,200}\b(?:skrev|wrote)\b[^\n]{0,120}:)[ \t]*$",
    re.M,
)
_ADDRESS = re.compile(
    r"(?:\w+://|www\.)\S+(?:\n>?[ \t]*[\w%=&./-]{20,}(?=\s|$))?|\b(?:[\w-]+\.)+[a-z]{2,}/\S*", re.I
)
_TOKEN = re.compile(r"(?:/l/|%2[fF]l%2[fF])[\w=-]+|[\w-]{30,}")
_SIGNATURE = re.compile(r"^-- ?$")


def written_in(mail: Mail) -> str:
    """The answer's own words; empty when there are none that can be read."""
    return clean(_without_quote(mail.text) or _without_quote(mail.html_text))


def clean(text: str) -> str:
    """Without addresses, tokens and control characters, and no longer than a letter can carry."""
    shown = "".join(one for one in text if one == "\n" or (one.isprintable() and one not in "\u202e\u202d"))
    shown = _TOKEN.sub("[…]", _ADDRESS.sub("[länk borttagen]", shown))
    lines = [" ".join(line.split()) for line in shown.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:MOST_WORDS]


def _without_quote(text: str) -> str:
    """Up to where the letter that is answered begins; without lines that are quoted, and the signature."""
    kept: list[str] = []
    for line in _TWO_LINES.sub(r"\1 \2", text).split("\n"):
        if any(one.search(line) for one in _QUOTE_BELOW):
            break
        if _QUOTE_OF.match(line) or _SIGNATURE.match(line):
            if any(one.strip() for one in kept):
                break
        elif not line.lstrip().startswith(">"):
            kept.append(line)
    return "\n".join(kept).strip()
