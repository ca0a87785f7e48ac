"""Tests without Qt, sockets or processes of ours; the folders mirror the source."""
