"""From socket to replica on the console side; never imports Qt."""
