"""Fixtures for letters on their way."""

from tests.notifications.office import office, server

__all__ = ["office", "server"]
