"""The telemetry store: samples and entity changes of the past, in one DuckDB file a day; knows no hub, no socket."""
