"""Files of the past into the store: CSV, Parquet, recordings."""
