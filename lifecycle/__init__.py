"""The rules: plain functions that take a session, values and now, and return events."""
