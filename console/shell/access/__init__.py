"""Who is at this console: log-in, lock, broken glass and account, over whatever the tiles show."""
