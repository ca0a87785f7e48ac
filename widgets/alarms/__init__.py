"""The alarm list, grouped by cause."""
