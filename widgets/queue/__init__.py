"""The foot of the vehicle's screen: link, what is saved here, what waits to be sent."""
