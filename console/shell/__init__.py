"""The only Qt inside console: window, pacer, panel host, notices, theme."""
