"""The open incidents."""
