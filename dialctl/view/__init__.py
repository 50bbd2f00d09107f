"""The live view: a few pages of the daemon's own web server, read-only, with nothing from outside.

``source`` says what there is, as JSON; ``pages`` makes HTML of it and of nothing else, so that the
calls of several daemons can be shown together.
"""
