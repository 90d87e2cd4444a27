"""The letters: notices, templates, outbox, links and delivery."""
