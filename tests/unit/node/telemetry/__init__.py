"""Tests of the telemetry store."""
