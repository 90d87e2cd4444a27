"""A register of many accounts with Swedish names, and what people write who look for one of them."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import product
from random import Random

from sqlalchemy import Engine, insert
from sqlmodel import Session

from acts.work import work
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from models import Account, AccountState, Unit

KINDS = (
    *("Förskolan {}", "{}skolan", "Biblioteket {}", "Fritidsgården {}", "Äldreboendet {}", "{}badet"),
    *("Kulturhuset {}", "Familjecentralen {}", "Museet i {}", "Träffpunkt {}", "Musikskolan {}", "{}hallen"),
    *("Hemtjänsten {}", "Ungdomsmottagningen {}", "Konsthallen {}", "Naturskolan {}", "Lekparken {}"),
)
BEGINNINGS = (
    *("Björk", "Ek", "Gran", "Tall", "Lind", "Ask", "Rönn", "Hassel", "Älg", "Räv", "Hjort", "Svan", "Trast"),
    *("Lärk", "Örn", "Sjö", "Å", "Bäck", "Ström", "Berg", "Sten", "Sand", "Ler", "Mo", "Äng", "Hag", "Åker"),
    *("Kvarn", "Smed", "Kyrk", "Torg", "Söder", "Norr", "Öster", "Väster", "Gul", "Grön", "Blå", "Röd"),
    *("Vit",),
)
ENDINGS = (
    *("backen", "dalen", "kullen", "lunden", "hagen", "vången", "viken", "näset", "åsen", "högen", "gården"),
    *("torpet", "slätten", "parken", "skogen", "bäcken", "stigen", "holmen", "sundet", "udden", "marken"),
    *("hyttan", "bruket", "fallet", "heden", "mossen", "ängen", "brunnen", "grinden", "porten", "rydet"),
)
PLATFORMS = ("facebook", "instagram", "linkedin", "youtube", "tiktok", "threads", "bluesky", "flickr")
PURPOSE = "Berättar om det som händer i verksamheten och svarar på frågor från besökare och grannar."


@cache
def names() -> list[str]:
    """Every name there is, in no order that a search could profit from."""
    places = [f"{beginning}{ending}" for beginning, ending in product(BEGINNINGS, ENDINGS)]
    found = list({plain(name): name for name in _all_names(places)}.values())
    Random(1).shuffle(found)
    return found


def _all_names(places: list[str]) -> Iterator[str]:
    return (kind.format(place) for kind, place in product(KINDS, places))


def plain(name: str) -> str:
    """As in an address."""
    return "".join(one for one in name.lower().translate(str.maketrans("åäö", "aao")) if one.isalnum())


def fill_register(
    engine: Engine, municipality_id: int, policy_version_id: int, now: datetime, count: int
) -> list[str]:
    """So many open accounts, and every twentieth closed; their names in order of number."""
    chosen = names()[:count]
    with work(engine, now) as session:
        units = _units(session, municipality_id, count)
        rows = list(_rows(chosen, units, municipality_id, policy_version_id, now))
        session.execute(insert(Account), rows)
        by, facts = By(None, "import"), {"rows": count}
        record(session, EventKind.IMPORTED, now, municipality_id=municipality_id, by=by, facts=facts)
    return chosen


def _units(session: Session, municipality_id: int, count: int) -> list[int]:
    units = [
        Unit(
            municipality_id=municipality_id,
            code=f"e{number}",
            name=f"Enhet {BEGINNINGS[number % 40]} {number}",
        )
        for number in range(max(5, count // 100))
    ]
    session.add_all(units)
    session.flush()
    return [unit.id or 0 for unit in units]


def _rows(
    chosen: list[str], units: list[int], municipality_id: int, policy_version_id: int, now: datetime
) -> Iterator[dict[str, object]]:
    for number, name in enumerate(chosen):
        platform = PLATFORMS[number % len(PLATFORMS)]
        address = f"https://www.{platform}.com/{plain(name)}"
        closed = number % 20 == 19
        yield {
            "municipality_id": municipality_id,
            "unit_id": units[number % len(units)],
            "account_class": "unit",
            "platform": platform,
            "name": name,
            "address": address,
            "address_key": address.removeprefix("https://www."),
            "purpose": PURPOSE,
            "target_group": "Boende i närheten",
            "state": AccountState.CLOSED if closed else AccountState.ACTIVE,
            "state_since": now,
            "policy_version_id": policy_version_id,
            "opened_on": date(2024, 1 + number % 12, 1 + number % 28),
            "closed_on": date(2026, 1, 1 + number % 28) if closed else None,
        }


def misspelt(name: str, number: int) -> str:
    """The name as people write it who are in a hurry, in one of five ways; always without å, ä and ö."""
    text = name.lower().translate(str.maketrans("åäöé", "aaoe"))
    word = max(text.split(), key=len)
    at = 2 + number * 7 % (len(word) - 4)
    has_accents = text != name.lower()
    wrong = (
        word if has_accents else word + word[-1],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + ("e" if word[at] != "e" else "a") + word[at + 1 :],
    )[number % 5]
    return text.replace(word, wrong)
