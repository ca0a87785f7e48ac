"""Command posts, vehicles and teams."""
