"""Recordings (MCAP) as a source: what happened, as if it happened now."""
