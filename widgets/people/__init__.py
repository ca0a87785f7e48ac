"""People and roles of a site."""
