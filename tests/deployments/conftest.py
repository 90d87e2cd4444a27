"""The Prefect server for the tests of how it runs."""

from tests.prefect_server_fixture import prefect_server, worker

__all__ = ["prefect_server", "worker"]
