"""What the switch does with a channel that is over: time stamps, durations, audio, its hook.

Source: switch_channel.c, switch_channel_set_timestamps(). "sec" figures are differences of whole
clock seconds, as there; so a call of 1.1 s may have a billsec of 1 or 2.
"""

import time
from typing import TYPE_CHECKING

from dialctl.switch.expand import expand_ended
from dialctl.switch.profile import Profile, Times
from dialctl.switch.variables import Variables, templates

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel

_STAMPS = (
    ("start_stamp", "created"),
    ("profile_start_stamp", "profile_created"),
    ("answer_stamp", "answered"),
    ("bridge_stamp", "bridged"),
    ("progress_stamp", "progress"),
    ("progress_media_stamp", "progress_media"),
    ("end_stamp", "hungup"),
)
_SECOND = 1_000_000
_PACKET = 20_000  # microseconds of audio in an RTP packet
_PACKET_BYTES = 172  # 160 bytes of PCMU and the RTP header


def write(variables: Variables, profile: Profile, digits: str, app: tuple[str, str]) -> None:
    """``app`` is the name and the argument of the last application that ran, ("", "") for none."""
    times, end = profile.times, templates("end")
    variables.set("digits_dialed", digits or "none")
    for name, moment in _STAMPS:
        at = getattr(times, moment)
        variables.set(name, _stamp(at) if at else "")
    variables.fill(end["times"], _moments(times))
    variables.set("last_app", app[0])
    variables.set("last_arg", app[1])
    name, number = profile.caller_name, profile.caller_number
    variables.set("caller_id", f'"{name}" <{number}>' if name else number)
    variables.fill(end["durations"], _durations(times))


def write_audio(variables: Variables, times: Times) -> None:
    """Counters as of a call without loss, from the first audio to the end."""
    began = min(filter(None, (times.answered, times.progress_media)), default=times.hungup)
    packets = (times.hungup - began) // _PACKET
    fields = {"packets": str(packets), "bytes": str(packets * _PACKET_BYTES)}
    variables.fill(templates("end")["audio"], fields)


def run_hook(channel: "Channel") -> None:
    """An API command that the ended channel's variables fill in (api_hook(), reporting state)."""
    command, _, argument = channel.variables.get("api_reporting_hook").partition(" ")
    if command:
        channel.switch.api(command, expand_ended(channel, argument))


def _stamp(microseconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(microseconds // _SECOND))


def _moments(times: Times) -> dict[str, str]:
    fields = {}
    for name, at in (
        ("start", times.created),
        ("profile", times.profile_created),
        ("answer", times.answered),
        ("bridge", times.bridged),
        ("progress", times.progress),
        ("progress_media", times.progress_media),
        ("end", times.hungup),
    ):
        fields[f"{name}_s"], fields[f"{name}_us"] = str(at // _SECOND), str(at)
    return fields


def _durations(times: Times) -> dict[str, str]:
    fields = {}
    for name, start, end in (
        ("duration", times.created, times.hungup),
        ("bill", times.answered, times.hungup),
        ("to_progress", times.created, times.progress),
        ("to_answer", times.created, times.answered),
        ("to_bridge", times.created, times.bridged),
        ("to_progress_media", times.created, times.progress_media),
        ("flow", times.created if times.answered else 0, times.hungup),
    ):
        happened = start and end
        for unit, size in (("s", _SECOND), ("ms", 1000), ("us", 1)):
            fields[f"{name}_{unit}"] = str(end // size - start // size if happened else 0)
    return fields
