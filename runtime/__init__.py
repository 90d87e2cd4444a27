"""What the edges stand on: settings, database session and clock."""
