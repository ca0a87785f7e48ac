"""Sets a checkout up with the standard library alone: system packages, environment, assets; knows only console.posix."""
