"""The journal: what was saved stays saved, in an order that every node agrees on; knows neither hub, gateway nor Qt."""
