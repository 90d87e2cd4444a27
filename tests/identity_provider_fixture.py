"""A real provider of sign-ins for the tests, started once for those who ask for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

CLIENT, SECRET, PASSWORD = "kanalvakt", "en-hemlighet~som.racker_till-allt", "rätt häst"


class _Hint(HTMLParser):
    found = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """What the form suggests as address."""
        given = dict(attributes)
        if tag == "input" and given.get("name") == "user":
            self.found = given.get("value") or ""


@dataclass
class RealProvider:
    """The provider's process, as a test and a browser speak to it."""

    issuer: str
    browsers: list[httpx2.Client] = field(default_factory=list)

    def tell(self, **wanted: Any) -> dict[str, Any]:
        """Say what it is to do from now on."""
        answer = httpx2.post(f"{self.issuer}/_told", json=wanted, trust_env=False, verify=False)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def know(self, portal: str, client_id: str = CLIENT) -> None:
        """Register a portal."""
        client = {"client_id": client_id, "client_secret": SECRET}
        client |= {
            "redirect_uris": [f"{portal}/inloggning/klar"],
            "client_metadata": {"post_logout_redirect_uris": [f"{portal}/"]},
        }
        self.tell(usual=True, client=client)

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a portal's settings say of it."""
        usual = {"sign_in_issuer": self.issuer, "sign_in_client_id": CLIENT, "sign_in_client_secret": SECRET}
        return usual | more

    def browser(self) -> httpx2.Client:
        """Somebody's browser before the provider's pages, with its cookies."""
        made = httpx2.Client(trust_env=False, follow_redirects=False, verify=False)
        self.browsers.append(made)
        return made

    def sign_in(self, url: str, user: str, browser: httpx2.Client | None = None) -> str:
        """Where one is sent back to, after the form."""
        one = browser or self.browser()
        page = one.get(url)
        if page.status_code == 200:
            page = one.post(url, data={"user": user, "password": PASSWORD})
        assert page.status_code == 302, page.text
        return str(page.headers["location"])

    def hint(self, url: str) -> str:
        """Which address the form suggests."""
        form = _Hint()
        form.feed(self.browser().get(url).text)
        return form.found


@pytest.fixture(scope="session")
def provider_process() -> Iterator[RealProvider]:
    """Authlib's server in a process of its own, on this computer."""
    command = [sys.executable, "-m", "tests.identity_provider"]
    environment = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        provider = RealProvider(f"http://127.0.0.1:{port}")
        yield provider
        for browser in provider.browsers:
            browser.close()
        process.terminate()


@pytest.fixture
def provider(provider_process: RealProvider) -> RealProvider:
    """The provider, as usual and knowing the tests' portal."""
    provider_process.know("http://testserver")
    return provider_process
