"""The board matrix: domains × new towns at one glance."""
