"""Recordings: samples and entities of a span as one MCAP file that other tools read."""
