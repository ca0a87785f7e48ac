"""Recorded tracks as a source of moving resources."""
