"""Where data comes from: each source is a settings struct, a SPEC and a class behind `console.api.Source`."""
