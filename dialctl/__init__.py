"""dialctl: Plivo's Dial XML on your own FreeSWITCH."""

__version__ = "0.1.0"
