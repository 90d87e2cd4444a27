"""What is measured by `make bench`, beside the limit and what one could use instead."""

SUBJECTS = ("rounds", "growth", "decisions", "register")
"""Modules with works, in the order of the page. Each is measured in a process of its own."""
