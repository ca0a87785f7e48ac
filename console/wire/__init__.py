"""The wire: MessagePack frames to values and back; knows neither sockets nor Qt."""
