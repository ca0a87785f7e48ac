"""The system's own notices."""
