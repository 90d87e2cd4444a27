"""The command kanalvakt."""
