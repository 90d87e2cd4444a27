"""The eyes: what was posted, asked of each platform."""
