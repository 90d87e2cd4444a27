"""The process: one file per business process."""
