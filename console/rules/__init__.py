"""Pure transition tables; know neither clocks, nor I/O, nor Qt."""
