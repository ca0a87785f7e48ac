"""CSV files as a source: its settings, its table, its replay."""
