"""A person's duties as an iCalendar file (RFC 5545). Events only: programs show no other of a subscription.

Days have no zone and limits are in UTC, so that no zone has to be described.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from lifecycle.my_calendar import Entry
from models import Municipality, Person
from notifications.words import account_words, line

_ASK_AGAIN_AFTER = timedelta(hours=6)
_BEFORE_LIMIT = timedelta(minutes=30)
"""A limit by the clock is drawn as the half-hour before it."""


def feed(
    municipality: Municipality,
    person: Person,
    entries: Sequence[Entry],
    portal_url: str,
    until: datetime,
    now: datetime,
) -> bytes:
    """The file. Its only address is that of "Mina uppgifter", which asks who one is: nothing here decides.

    `until` is when the calendar's own address ends; the last day says so.
    """
    address = f"{portal_url}/{municipality.slug}/mina-uppgifter"
    calendar = Calendar.new(
        prodid="-//Kanalvakt//Mina uppgifter//SV",
        uid=f"{person.id}.{municipality.slug}@kanalvakt",
        name="Kanalvakt",
        description=f"Dina uppgifter för {line(municipality.name)}s konton i sociala medier.",
        language="sv",
        url=address,
    )
    calendar.add("refresh-interval", _ASK_AGAIN_AFTER, parameters={"value": "DURATION"})
    calendar.add("x-wr-timezone", municipality.time_zone)
    zone = ZoneInfo(municipality.time_zone)
    for entry in [*entries, _last_day(until, zone)]:
        uid = f"{entry.key}.{person.id}.{municipality.slug}@kanalvakt"
        calendar.add_component(_event(entry, uid, address, now))
    return bytes(calendar.to_ical())


def _last_day(until: datetime, zone: ZoneInfo) -> Entry:
    last_on = (until - timedelta(seconds=1)).astimezone(zone).date()
    return Entry(f"adressen-{last_on}", "Kalenderns adress slutar gälla: gör en ny", on=last_on)


def _event(entry: Entry, uid: str, address: str, now: datetime) -> Event:
    event = Event.new(
        uid=uid,
        summary=_summary(entry),
        description="\n".join([*_more_accounts(entry), f"Öppna Mina uppgifter: {address}"]),
        url=address,
        stamp=now,
    )
    _place(event, entry)
    return event


def _summary(entry: Entry) -> str:
    if len(entry.accounts) > 1:
        return f"{line(entry.says)}: {len(entry.accounts)} konton"
    return ": ".join([line(entry.says), *map(account_words, entry.accounts)])


def _more_accounts(entry: Entry) -> list[str]:
    return [account_words(one) for one in entry.accounts] if len(entry.accounts) > 1 else []


def _place(event: Event, entry: Entry) -> None:
    """A whole day stands beside what else one does; only a limit by the clock takes time."""
    if entry.until_at is not None:
        event.add("dtstart", (entry.until_at - _BEFORE_LIMIT).astimezone(UTC))
        event.add("dtend", entry.until_at.astimezone(UTC))
        return
    assert entry.on is not None
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    if entry.weekdays:
        event.add("rrule", {"freq": "weekly", "byday": list(entry.weekdays)})
        for day in entry.except_on:
            event.add("exdate", day)
