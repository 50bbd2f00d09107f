"""Plivo's hangup causes: which code, name and source an end is reported with.

Codes and names: Plivo's page of hangup causes and sources. Plivo publishes no table from
telephony causes to its codes; this one is ours (docs/dialects.md). It is meant to be reviewed by
telephone people without reading the rest.
"""

from typing import NamedTuple

from dialctl.model import CallView, ChannelEnd, Ending, EndReason, Side

CALLER = "Caller"
CALLEE = "Callee"
CARRIER = "Carrier"
API = "API Request"
XML = "Answer XML"
ERROR = "Error"
UNKNOWN = "Unknown"
PLATFORM = ""  # replaced by settings' platform_name

NAMES = {
    0: "Unknown",
    1000: "Canceled",
    2000: "Invalid Destination Address",
    2010: "Destination Out Of Service",
    2020: "Endpoint Not Registered",
    2040: "Destination Number Barred",
    2060: "Loop Detected",
    3000: "No Answer",
    3010: "Busy Line",
    3020: "Rejected",
    3040: "Forbidden",
    3050: "Unallocated number",
    3070: "Request timeout",
    3080: "Internal server error from carrier",
    3090: "Network congestion from carrier",
    3100: "Busy everywhere",
    3110: "Declined",
    3120: "User does not exist anywhere",
    3130: "Spam block",
    4000: "Normal Hangup",
    4010: "End Of XML Instructions",
    4240: "sip_auth_failed",
    5000: "Network Error",
    5010: "Internal Error",
    5020: "Routing Error",
    6000: "Scheduled Hangup",
    6010: "Ring Timeout Reached",
    6020: "Media Timeout",
    7011: "Error Reaching Answer URL",
    7012: "Error Reaching Action URL",
    7013: "Error Reaching Transfer URL",
    7014: "Error Reaching Redirect URL",
    7022: "Invalid Action URL",
    7024: "Invalid Redirect URL",
    7032: "Invalid Method For Action URL",
    7034: "Invalid Method For Redirect URL",
    8011: "Invalid Answer XML",
    8012: "Invalid Action XML",
    8013: "Invalid Transfer XML",
    8014: "Invalid Redirect XML",
    9000: "Lost Race",
    9100: "Machine Detected",
    9110: "Confirm Key Challenge Failed",
}

# A cause that stands for several SIP statuses (sofia_glue.c) is told apart by the status.
BY_SIP_STATUS = {
    ("CALL_REJECTED", 401): (4240, CARRIER),
    ("CALL_REJECTED", 403): (3040, CARRIER),
    ("CALL_REJECTED", 407): (4240, CARRIER),
    ("CALL_REJECTED", 608): (3130, CARRIER),
    ("NO_ROUTE_DESTINATION", 0): (5020, PLATFORM),  # no route of ours
    ("NO_ROUTE_DESTINATION", 604): (3120, CARRIER),
    ("NORMAL_TEMPORARY_FAILURE", 500): (3080, CARRIER),
    ("NORMAL_TEMPORARY_FAILURE", 503): (3090, CARRIER),
    ("NORMAL_UNSPECIFIED", 904): (4240, CARRIER),  # sofia's own: the password was wrong (seen)
    ("USER_BUSY", 600): (3100, CALLEE),
}
BY_CAUSE = {
    "ALLOTTED_TIMEOUT": (6010, PLATFORM),  # unanswered: FreeSWITCH's own ring timer
    "BUSY_EVERYWHERE": (3100, CALLEE),
    "CALL_REJECTED": (3020, CALLEE),
    "CHAN_NOT_IMPLEMENTED": (5020, PLATFORM),
    "DECLINE": (3110, CALLEE),
    "DESTINATION_OUT_OF_ORDER": (2010, CARRIER),
    "DOES_NOT_EXIST_ANYWHERE": (3120, CARRIER),
    "EXCHANGE_ROUTING_ERROR": (2060, CARRIER),
    "GATEWAY_DOWN": (5020, PLATFORM),
    "INCOMING_CALL_BARRED": (3040, CARRIER),
    "INCOMPATIBLE_DESTINATION": (5010, ERROR),
    "INTERWORKING": (5010, ERROR),
    "INVALID_GATEWAY": (5020, PLATFORM),
    "INVALID_NUMBER_FORMAT": (2000, CARRIER),
    "INVALID_PROFILE": (5020, PLATFORM),
    "INVALID_URL": (5020, PLATFORM),
    "LOSE_RACE": (9000, PLATFORM),
    "MANDATORY_IE_MISSING": (4240, CARRIER),  # asked for a password that there was not (seen)
    "MEDIA_TIMEOUT": (6020, PLATFORM),
    "NETWORK_OUT_OF_ORDER": (5000, CARRIER),
    "NORMAL_CIRCUIT_CONGESTION": (3090, CARRIER),
    "NORMAL_TEMPORARY_FAILURE": (3090, CARRIER),
    "NO_ROUTE_DESTINATION": (5020, CARRIER),
    "NO_USER_RESPONSE": (3000, CARRIER),
    "NUMBER_CHANGED": (2010, CARRIER),
    "ORIGINATOR_CANCEL": (1000, CALLER),
    "OUTGOING_CALL_BARRED": (2040, PLATFORM),
    "PICKED_OFF": (9000, PLATFORM),
    "PROGRESS_TIMEOUT": (3070, CARRIER),
    "PROTOCOL_ERROR": (5010, ERROR),
    "RECOVERY_ON_TIMER_EXPIRE": (3070, CARRIER),
    "SERVICE_NOT_IMPLEMENTED": (5010, ERROR),
    "SERVICE_UNAVAILABLE": (5010, ERROR),
    "SUBSCRIBER_ABSENT": (2020, PLATFORM),
    "SWITCH_CONGESTION": (3090, CARRIER),
    "SYSTEM_SHUTDOWN": (5000, ERROR),  # FreeSWITCH was stopped, or crashed
    "UNALLOCATED_NUMBER": (3050, CARRIER),
    "UNWANTED": (3130, CARRIER),
    "USER_BUSY": (3010, CALLEE),
    "USER_NOT_REGISTERED": (2020, PLATFORM),
}
BAD_DOCUMENT = {"answer": 8011, "action": 8012, "transfer": 8013, "redirect": 8014}
UNREACHABLE = {"answer": 7011, "action": 7012, "transfer": 7013, "redirect": 7014}
FAULTS = {
    "action url": 7022,
    "action method": 7032,
    "redirect url": 7024,
    "redirect method": 7034,
}
BY_HANGUP_STEP = {"ALLOTTED_TIMEOUT": 6000, "CALL_REJECTED": 3020, "USER_BUSY": 3010}


class Cause(NamedTuple):
    code: int
    name: str
    source: str


def of_leg(end: ChannelEnd, view: CallView) -> Cause:
    """What a B-leg's end is called."""
    code, source = _of_leg(end)
    return _cause(code, source, view)


def of_dial(cause: str, sip_status: int) -> str:
    """DialHangupCause: FreeSWITCH's word, but for one that Plivo documents as its own."""
    code, _ = BY_SIP_STATUS.get((cause, sip_status)) or BY_CAUSE.get(cause, (0, UNKNOWN))
    return NAMES[code] if code == 4240 else cause


def of_call(ending: Ending, end: ChannelEnd, view: CallView) -> Cause:
    """What the end of the whole call is called."""
    party = CALLEE if view.a_leg.request else CALLER
    code, source = _of_call(ending, end, party)
    return _cause(code, source, view)


def _cause(code: int, source: str, view: CallView) -> Cause:
    return Cause(code, NAMES[code], source or view.platform_name)


def _of_leg(end: ChannelEnd) -> tuple[int, str]:
    if end.machine:
        return 9100, PLATFORM
    if end.unconfirmed:
        return 9110, CALLEE
    match end.cause, bool(end.answered):
        case "NORMAL_CLEARING", _:
            return 4000, CALLEE if end.side is Side.THEM else CALLER
        case "ALLOTTED_TIMEOUT", True:
            return 6000, PLATFORM
        case "NO_ANSWER", _:
            # Ours when we cancelled it; a carrier may say the same of its own accord.
            return (3000, CARRIER) if end.side is Side.THEM else (6010, PLATFORM)
        case "MANAGER_REQUEST", answered:
            return (4000 if answered else 1000), API
    by_status = BY_SIP_STATUS.get((end.cause, end.sip_status))
    return by_status or BY_CAUSE.get(end.cause, (0, UNKNOWN))


def _of_call(ending: Ending, end: ChannelEnd, party: str) -> tuple[int, str]:
    match ending.reason:
        case EndReason.CALLER:
            return (4000 if end.answered else 1000), party
        case EndReason.API:
            return (4000 if end.answered else 1000), API
        case EndReason.END_OF_DOCUMENT:
            return 4010, XML
        case EndReason.HANGUP_STEP:
            return BY_HANGUP_STEP.get(end.cause, 4000), XML
        case EndReason.BAD_DOCUMENT:
            return FAULTS.get(ending.fault) or BAD_DOCUMENT[ending.stage], ERROR
        case EndReason.UNREACHABLE:
            return UNREACHABLE[ending.stage], ERROR
        case EndReason.OURS:
            return 5010, ERROR
        case _:  # EndReason.SWITCH, NOT_REACHED
            return _of_leg(end)
