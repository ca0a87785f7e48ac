"""One clockwork that replays what every recorded source has read."""
