"""``workers: N``: N processes behind one port, which share nothing but what they pass on.

A supervisor starts them and starts them again. Each accepts connections of its own on the one
address (SO_REUSEPORT), keeps its own calls and its own outbox, and passes on what belongs to
another one's call: a callee's socket, or that of a call that comes back.
"""
