"""A loopback server that stands in for every platform."""

from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from connectors.fetching import Fetcher
from connectors.sights import Subject
from tests.connectors.world import TOKENS, Watch, Watcher, quick_fetcher


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Iterator[Fetcher]:
    with quick_fetcher(httpserver) as fetcher:
        yield fetcher


@pytest.fixture
def watch(httpserver: HTTPServer, fetcher: Fetcher) -> Watch:
    def begin(platform: str, address: str, tokens=TOKENS, **known) -> Watcher:
        return Watcher(httpserver, fetcher, Subject(platform, address, **known), tokens)

    return begin
