"""THE DESK: the portal. It shows a question and records an answer; the process goes on elsewhere."""
