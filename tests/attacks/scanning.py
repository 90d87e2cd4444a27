"""What looks at a letter's links before, or beside, the one it was sent to: each as it is known to behave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi.testclient import TestClient

from tests.attacks.inside import Inside
from tests.attacks.peopled import letters
from tests.attacks.within import nothing_changes

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0"
TEAMS = "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com"
SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
OFFICE = "Microsoft Office Word 2014"
RANGE = {"range": "bytes=0-32768"}


@dataclass(frozen=True)
class Scanner:
    """One of them: how it asks, how often, and from where."""

    name: str
    methods: Sequence[str] = ("GET",)
    headers: Mapping[str, str] = field(default_factory=dict)
    addresses: Sequence[str] = ("192.0.2.10",)
    follows: bool = True
    """Whether it goes where the link leads, with the cookie that it was given."""


SCANNERS = (
    Scanner("a filter that asks for the head alone", ("HEAD",), follows=False),
    Scanner("a filter that fetches twice", ("HEAD", "GET", "GET")),
    Scanner("a browser that prefetches", headers={"purpose": "prefetch", "sec-purpose": "prefetch"}),
    Scanner("a browser that prerenders", headers={"sec-purpose": "prefetch;prerender"}),
    Scanner("an old Firefox that prefetches", headers={"x-moz": "prefetch"}),
    Scanner("Safari's preview", headers={"x-purpose": "preview"}),
    Scanner("a mail program that loads it as a picture", headers={"sec-fetch-dest": "image"}),
    Scanner(
        "Teams' preview", ("HEAD", "GET"), {"user-agent": TEAMS, **RANGE}, ("198.51.100.7", "198.51.100.9")
    ),
    Scanner("Slack's preview", ("GET",), {"user-agent": SLACK, **RANGE, "accept": "*/*"}),
    Scanner("Office, which asks what it may", ("OPTIONS", "PROPFIND", "HEAD", "GET"), {"user-agent": OFFICE}),
    Scanner(
        "SafeLinks, from elsewhere and again and again",
        ("GET", "HEAD", "GET"),
        {"user-agent": CHROME},
        tuple(f"203.0.113.{number}" for number in range(1, 6)),
    ),
    Scanner("a sandbox that tries every method", ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")),
    Scanner(
        "a proxy that keeps what it fetches", headers={"if-none-match": '"x"', "cache-control": "max-age=0"}
    ),
)


def no_scanner_changes_anything(inside: Inside, *, all_of_them: bool) -> None:
    """Every one of them at a letter's link of every kind; and then the link is as good as before."""
    sent = letters(inside.world)
    paths = sent if all_of_them else {kind: path for (_, kind), path in sent.items()}
    with nothing_changes(inside, f"{len(SCANNERS)} scanners at {len(paths)} letters' links"):
        for path in paths.values():
            for scanner in SCANNERS:
                for address in scanner.addresses:
                    _scan(inside, scanner, path, address)
        for path in paths.values():
            assert inside.portal.visitor().open(path).status_code == 200


def _scan(inside: Inside, scanner: Scanner, path: str, address: str) -> None:
    app = inside.portal.app
    client = TestClient(app, client=(address, 40000), follow_redirects=False)
    for method in scanner.methods:
        answer = client.request(method, path, headers=dict(scanner.headers))
        assert answer.status_code in (303, 405), f"{scanner.name}: {method} gave {answer.status_code}"
        if scanner.follows and answer.status_code == 303:
            client.request(method, answer.headers["location"], headers=dict(scanner.headers))
