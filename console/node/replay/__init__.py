"""Replay: a second hub with a clock of its own, fed from the store; knows neither sockets nor sources."""
