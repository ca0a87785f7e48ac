"""Benchmarks: each measures the product's own code on its real path, its peer or limit beside it in the same call."""
