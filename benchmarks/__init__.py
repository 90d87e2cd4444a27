"""What is measured by `make bench`, beside the limit and what one could use instead."""

INSTALLED = ("starting", "at_work")
"""Those that start a whole installation, which no test has the time for."""
SUBJECTS = ("rounds", "growth", "decisions", "post", "clicks", "posting", "years", *INSTALLED, "register")
"""Modules with works, in the order of the page. Each is measured in a process of its own.

What people wait for least comes last, should a slow machine not be done in time."""
