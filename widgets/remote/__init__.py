"""The remote panel: another machine's screen over VNC, view only."""
