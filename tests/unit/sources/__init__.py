"""Tests of console/node/sources that need no node."""
