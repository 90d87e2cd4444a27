"""The desk: the portal shows a question and records an answer."""
