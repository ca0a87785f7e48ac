"""A session as two state machines, one for each end: messages and time in, actions out; no I/O, no clock, no asyncio.

`node.py` and `console.py` each hold a table (state × event → state, action), which docs/wire-protocol.md prints.
"""
