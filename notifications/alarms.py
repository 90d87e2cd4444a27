"""An alarm to a webhook, past outbox and mail: Teams, Slack, or anything that takes JSON."""

from urllib.parse import urlsplit

from apprise import Apprise

AS_PREFECT_DOES = ":title=subject&:message=body&:version=&:type=&:attachments="
"""The fields that Prefect's own alarms have."""


class AlarmNotSent(Exception):
    """Nobody took the alarm; it says nothing of where it was sent, which is a secret."""


def send_alarm(address: str, subject: str, text: str) -> None:
    """Raises AlarmNotSent."""
    channel = Apprise()
    channel.add(address)
    if not channel:
        channel.add(_as_json(address))
    if not channel.notify(title=subject, body=text):
        raise AlarmNotSent("Ingen tog emot larmet.")


def _as_json(address: str) -> str:
    """An ordinary address as apprise writes one that takes JSON."""
    parts = urlsplit(address)
    scheme = "jsons" if parts.scheme == "https" else "json"
    query = "&".join(filter(None, (parts.query, AS_PREFECT_DOES)))
    return f"{scheme}://{parts.netloc}{parts.path}?{query}"
