"""What is measured by `make bench`, beside the limit and what one could use instead."""

INSTALLED = ("starting", "at_work")
"""Those that start a whole installation, which no test has the time for."""
SUBJECTS = (
    *("rounds", "growth", "decisions", "register"),
    *("post", "clicks", "posting", "years"),
    *INSTALLED,
)
"""Modules with works, in the order of the page. Each is measured in a process of its own."""
