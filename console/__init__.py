"""Yilan 一览: the Qt-free core and the thin Qt shell of the command-room console."""
