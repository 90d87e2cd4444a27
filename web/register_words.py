"""The Swedish words of the register's formats, and what its pages make of some of them."""

from languages.speaking import said
from lifecycle.register import COMMON, Entry

COLUMNS: dict[str, str] = {
    "name": "Namn",
    "platform": "Plattform",
    "standing": "Läge",
    "address": "Adress",
    "unit": "Enhet",
    "role": "Ansvarar",
    "person": "Ansvarig",
    "purpose": "Syfte",
    "target_group": "Målgrupp",
    "since": "Öppet sedan",
    "until": "Avslutat",
    "former": "Tidigare adresser",
}
"""Headings of the table file."""
OPEN, INVESTIGATED, CLOSED = "Öppet", "Öppet, men vi utreder om någon annan har det nu", "Avslutat"
FORMER = "{address} (till och med {until})"
FILE_NAME = "konton-{slug}.csv"
OFFICIAL_SAYS = {
    "is": "Ja, adressen hör till ett av våra konton.",
    "was": "Adressen hörde till ett av våra konton men gör det inte längre.",
    "unknown": "Adressen finns inte i förteckningen. Det säger bara att vi inte känner till den.",
}
OFFICIAL_LACKS = {
    "account": "Av den adressen går det inte att se vems kontot är. Klistra in adressen till kontot självt.",
    "platform": "Ett namn kan finnas på flera plattformar. Ange också plattformen, eller hela adressen.",
    "address": "Det går inte att läsa som en adress. Klistra in en adress, som den står i webbläsaren.",
}
OFFICIAL_DOUBTS = {
    "sender": "Adressen nämner vårt konto, men den säger inte vem som står bakom det den leder till. "
    "Öppna den och se efter att kontot är avsändare.",
    "takeover": "Adressen är registrerad som vår, men vi utreder om någon annan har den nu.",
}
"""Why an address that names an account of ours gets no yes."""


def standing_of(entry: Entry) -> str:
    """Whether an account is open, and whether it is ours for certain."""
    if not entry.is_open:
        return CLOSED
    return INVESTIGATED if entry.is_investigated else OPEN


def unit_word(unit: str) -> str:
    """A unit's name, or what stands for it, in the language spoken."""
    return said(COMMON) if unit == COMMON else unit
