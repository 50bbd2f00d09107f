"""The variables that a leg has, in the order in which FreeSWITCH sets them.

A file per kind of leg, a section per moment; ``{name}`` is filled in. From the recordings in
tests/traces, with neutral values.
"""
