"""The rows of a call in Plivo's words: one function for each thing that can happen."""

import re

from .expected import ANY, COST, PRECISE_STAMP, STAMP, UUID, Form, Row, leg_uuid, one_of

FROM = "15551230000"
ACCOUNT = "MALIVE00000000000001"  # of the form that the SDK wants

# FreeSWITCH's cause: Plivo's code, name, source
CAUSES = {
    "USER_BUSY": ("3010", "Busy Line", "Callee"),
    "CALL_REJECTED": ("3020", "Rejected", "Callee"),
    "UNALLOCATED_NUMBER": ("3050", "Unallocated number", "Carrier"),
    "NO_USER_RESPONSE": ("3000", "No Answer", "Carrier"),
    "RECOVERY_ON_TIMER_EXPIRE": ("3070", "Request timeout", "Carrier"),
    "NO_ANSWER": ("6010", "Ring Timeout Reached", "Plivo"),
    "NORMAL_TEMPORARY_FAILURE": ("3090", "Network congestion from carrier", "Carrier"),
    "INVALID_GATEWAY": ("5020", "Routing Error", "Plivo"),
    "SUBSCRIBER_ABSENT": ("2020", "Endpoint Not Registered", "Plivo"),
    "LOSE_RACE": ("9000", "Lost Race", "Plivo"),
    "ALLOTTED_TIMEOUT": ("6000", "Scheduled Hangup", "Plivo"),
    "ORIGINATOR_CANCEL": ("1000", "Canceled", "Caller"),
    "NORMAL_CLEARING": ("4000", "Normal Hangup", "Callee"),
}
SOURCES = one_of("Caller", "Callee", "Plivo", "Carrier", "API Request", "Answer XML", "Error")
WHOLE = Form(r"\d+")
# the caller is gone: documents leave open which status the reports after that carry
GONE = one_of("ringing", "in-progress", "completed")
BY_CALLER = ("4000", "Normal Hangup", "Caller")
END_OF_DOCUMENT = ("4010", "End Of XML Instructions", "Answer XML")


def not_fetched(kind):
    """Code, name and source of a document that could not be had."""
    code = {"Answer": "7011", "Action": "7012", "Redirect": "7014"}[kind]
    return (code, f"Error Reaching {kind} URL", SOURCES)


def not_usable(kind):
    """Code, name and source of a document that is none."""
    code = {"Answer": "8011", "Action": "8012", "Redirect": "8014"}[kind]
    return (code, f"Invalid {kind} XML", SOURCES)


class Flow:
    """The rows of one call: every function makes one."""

    def __init__(self, call, from_number=FROM, name="Caller", method="POST"):
        self._method = method
        self._call = {
            "CallUUID": call.call_uuid,
            "From": from_number,
            "To": call.number,
            "Direction": "inbound",
            "CallerName": name,
            "ParentAuthID": ACCOUNT,
            "BillRate": COST,
            "STIRAttestation": "Not Applicable",
            "STIRVerification": "Not Applicable",
            "SIP-H-To": Form(rf"<sip:{re.escape(call.number)}@127\.0\.0\.1:\d+>(;tag=\w+)?"),
            "SessionStart": PRECISE_STAMP,
        }

    def _row(
        self, usual, event, status, params=None, optional=None, method=None, path=None, also=None
    ):
        """``path``: another one than the usual; ``also``: what the URL's own query says."""
        params = {**self._call, "Event": event, "CallStatus": status, **(params or {})}
        params |= also or {}
        return Row(path or usual, params, optional or {}, method or self._method, tuple(also or ()))

    def start(self, **row):
        return self._row("/answer", "StartApp", "ringing", **row)

    def redirect(self, path, status="in-progress", **row):
        return self._row(path, "Redirect", status, **row)

    def _leg(self, event, position, to, caller, channel=True, leg=None):
        word = event.removeprefix("Dial").lower()
        return {
            "DialAction": word,
            "DialBLegStatus": word,
            "DialALegUUID": self._call["CallUUID"],
            "DialBLegUUID": leg_uuid(leg or position) if channel else Form(f"({UUID})?"),
            "DialBLegFrom": caller or self._call["From"],
            "DialBLegTo": to,
            "DialBLegPosition": str(position),
        }

    def answer(self, to, position=1, caller=None, leg=None, **row):
        params = {
            **self._leg("DialAnswer", position, to, caller, leg=leg),
            "DialBLegBillRate": COST,
        }
        status = one_of("ringing", "in-progress")  # B is up, A is on its way
        optional = {"DialBLegTotalCost": COST}
        return self._row("/callback", "DialAnswer", status, params, optional, **row)

    def connected(self, to, position=1, caller=None, leg=None, **row):
        params = self._leg("DialConnected", position, to, caller, leg=leg)
        optional = {"DialBLegBillRate": COST, "DialBLegTotalCost": COST}
        return self._row("/callback", "DialConnected", "in-progress", params, optional, **row)

    def leg_ended(
        self,
        to,
        cause,
        position=1,
        caller=None,
        how=None,
        talked=False,
        status=None,
        channel=True,
        leg=None,
        **row,
    ):
        """``how``: code, name and source, where they are not those of the cause.

        ``channel`` is false for a leg that the switch never made one for; ``leg`` names a leg of
        a later Dial, whose position names another one already.
        """
        code, name, source = how or CAUSES[cause]
        params = {
            **self._leg("DialHangup", position, to, caller, channel, leg),
            "DialBLegDuration": WHOLE if talked else "0",
            "DialBLegBillDuration": one_of("0", "60") if talked else "0",
            "DialBLegHangupCause": cause,
            "DialBLegHangupCauseCode": code,
            "DialBLegHangupCauseName": name,
            "DialBLegHangupSource": source,
            "DialBLegBillRate": COST,
            "DialBLegTotalCost": COST,
            "StartTime": STAMP,
            "EndTime": STAMP,
        }
        optional = {}
        if talked:
            params["AnswerTime"] = STAMP
        else:
            optional["AnswerTime"] = ""
        if not channel:
            del params["StartTime"], params["EndTime"]
            optional |= {"StartTime": ANY, "EndTime": ANY}
        status = status or ("in-progress" if talked else "ringing")
        return self._row("/callback", "DialHangup", status, params, optional, **row)

    def action(self, dial_status, cause, winner=None, rang=True, status=None, **row):
        """``winner`` is the position of the leg that was connected."""
        params = {
            "DialStatus": dial_status,
            "DialHangupCause": cause,
            "DialRingStatus": "true" if rang else "false",
            "DialALegUUID": self._call["CallUUID"],
            "DialBLegUUID": leg_uuid(winner) if winner else "",
        }
        status = status or ("in-progress" if winner else "ringing")
        return self._row("/action", "DialAction", status, params, **row)

    def hangup(self, how, cause=ANY, answered=True, duration=None, **row):
        """The last one: the call's own end. ``how``: code, name and source."""
        code, name, source = how
        unanswered = {"Duration": "0", "BillDuration": "0"}
        params = {
            "HangupCause": cause,
            "HangupCauseCode": code,
            "HangupCauseName": name,
            "HangupSource": source,
            "TotalCost": COST,
            "StartTime": STAMP,
            "EndTime": STAMP,
            "Duration": WHOLE if duration is None else duration,
            "BillDuration": "60",
        }
        optional = {"ErrorMessage": Form("(?s).+")}
        if answered:
            params["AnswerTime"] = STAMP
        else:
            params |= unanswered
            optional["AnswerTime"] = ""
        return self._row("/hangup", "Hangup", "completed", params, optional, **row)
