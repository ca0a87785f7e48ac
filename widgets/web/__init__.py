"""The web panel: one page from outside, of an origin that the operator allows."""
