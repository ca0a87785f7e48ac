"""The test pattern panel: what crews align a wall by."""
