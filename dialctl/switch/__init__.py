"""A FreeSWITCH double: the outbound event socket as the switch speaks it, with no switch behind it.

What it says was recorded from FreeSWITCH 1.10.12 (tests/traces); what no recording shows was
read in its source, and the docstrings name the files. For the demo, for flow and fault tests and
for load tests. It carries no audio: a sound is the time it takes.

    double.py     Switch: place_call, channels, who hears which event
    callee.py     what a dialled party does, as a script
    listener.py   one event socket: commands in, replies and events out
    thread.py     a channel's own thread: its queue, its applications, its media tick
    originate.py  ringing; bridge.py  talking
    rooms.py      conferences; conference.py  their application and API command
"""

from dialctl.switch.aleg import ALeg
from dialctl.switch.callee import Callee, ScriptError, parse_script
from dialctl.switch.double import Switch

__all__ = ["ALeg", "Callee", "ScriptError", "Switch", "parse_script"]
