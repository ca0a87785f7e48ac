"""Sets a checkout up with the standard library: system packages, environment, assets; knows only console.posix."""
