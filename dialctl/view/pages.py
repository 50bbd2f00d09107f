"""The pages of the live view, made of JSON and nothing else. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialctl.view.html import Markup, join, tag, void
from dialctl.view.ladder import APPLICATION, CALLER, CONTROLLER, Rung, rungs
from dialctl.view.moments import day, lasted
from dialctl.view.tables import calls, definitions, legend, line, outbox, row, table
from dialctl.view.timeline import span

Json = Mapping[str, Any]
Parts = Mapping[str, Markup]  # of a page, by the id of the element that holds each


def overview(seen: Json, now: float) -> Parts:
    """``seen`` is what source.Source.overview gives."""
    up, rates = seen["up"], seen["rates"]
    shown = len(seen["live"])
    caption = f"The newest {shown} of {up} live calls" if up > shown else "Live calls"
    return {
        "status": join((_count(up, "call is up", "calls are up"),)),
        "live": calls(caption, seen["live"], now, "No call is up."),
        "rates": join(
            (
                definitions(
                    {
                        "Calls in the last minute": rates["calls_a_minute"],
                        "Refused": rates["refused"],
                    }
                ),
                tag("h3", "Calls by what ended them"),
                definitions(rates["calls"]),
                tag("h3", "Callbacks by result"),
                definitions(rates["callbacks"]),
            )
        ),
        "outbox": outbox(seen["outbox"], now),
        "recent": calls(
            f"The last {len(seen['recent'])} calls", seen["recent"], now, "None is over yet."
        ),
    }


def home(parts: Parts) -> str:
    titles = {
        "live": "Live",
        "rates": "Rates, since the start",
        "outbox": "Outbox",
        "recent": "Recent",
    }
    sections = [
        tag(
            "section",
            tag("h2", title, id=f"about-{name}"),
            legend() if name == "live" else "",
            tag("div", parts[name], id=name),
            aria_labelledby=f"about-{name}",
        )
        for name, title in titles.items()
    ]
    return _page("Calls", parts, *sections)


def search(found: Sequence[Json], wanted: str, now: float) -> str:
    caption = f"{_count(len(found), 'call', 'calls')} with {wanted}"
    nothing = "None that is up or among the last ones that are over."
    return _page(
        f"Search: {wanted}",
        None,
        tag(
            "section",
            tag("h2", "Search", id="about-found"),
            tag("div", calls(caption, found, now, nothing)),
            aria_labelledby="about-found",
        ),
        wanted=wanted,
    )


def missing(uuid: str) -> str:
    return _page(
        "No such call",
        None,
        tag("h2", "No such call"),
        tag("p", f"{uuid} is neither up nor among the last ones that are over."),
    )


def story(told: Json, now: float) -> Parts:
    """``told`` is a whole story, as story.telling has it."""
    began, until = span(told, now)
    state = told["ending_text"] if told["state"] == "over" else told["state"]
    facts = {
        "State": state,
        "From": f"{told['from']} {told['from_name']}".strip(),
        "To": told["to"],
        "App": f"{told['app']} ({told['dialect']})",
        "Came": day(told["came"]),
        "Answered": day(told["answered"]) or "-",
        "Ended": day(told["ended"]) or "-",
        "Lasts": lasted(until - began),
        "Cause": told["cause"] or "-",
    }
    if told["message"]:
        facts["Why"] = told["message"]
    if told["picked_up"]:
        facts["Picked up"] = "from another controller; what that asked and was told is not here"
    if told["left_out"]:
        more = (f"{count} more {kind}" for kind, count in told["left_out"].items())
        facts["Left out"] = ", ".join(more)
    return {
        "status": join((f"The call is {told['state']}",)),
        "facts": definitions(facts),
        "legs": _legs(told["legs"], began, until),
        "ladder": _ladder(told),
    }


def call(told: Json, parts: Parts) -> str:
    titles = {"facts": "Call", "legs": "Legs", "ladder": "What happened"}
    sections = [
        tag(
            "section",
            tag("h2", title, id=f"about-{name}"),
            legend() if name == "legs" else "",
            tag("div", parts[name], id=name),
            aria_labelledby=f"about-{name}",
        )
        for name, title in titles.items()
    ]
    return _page(f"Call {told['call_uuid']}", parts, *sections)


def _legs(legs: Sequence[Json], began: float, until: float) -> Markup:
    if not legs:
        return tag("p", "Nobody has been called.", class_="nothing")
    heads = ("Leg", "Called", "State", "Why", "Time line", "UUID")
    rows = []
    for number, leg in enumerate(legs, 1):
        ways = ", ".join(dict.fromkeys(c["endpoint"] for c in leg["channels"] if c["endpoint"]))
        sip = f" (SIP {leg['sip_status']})" if leg["sip_status"] else ""
        cells = (
            number,
            join((tag("strong" if leg["won"] else "span", leg["to"]), tag("small", f" {ways}"))),
            "connected" if leg["won"] and leg["state"] == "over" else leg["state"],
            f"{leg['why']}{sip}" or "-",
            line(leg, began, until),
            tag("code", leg["uuid"]),
        )
        rows.append(row(heads, cells))
    return table("Who was called", heads, rows)


def _ladder(told: Json) -> Markup:
    legs = [f"leg {number}" for number in range(1, len(told["legs"]) + 1)]
    columns = [CALLER, CONTROLLER, *legs, APPLICATION]
    rows = []
    for number, rung in enumerate(rungs(told)):
        cells = [_rung(rung, number) if column == rung.who else "" for column in columns]
        rows.append(row(columns, cells, f"{rung.after:.2f}"))
    drawn = table("Seconds since the call came, and who did what", ("s", *columns), rows)
    return tag("div", drawn, class_="ladder", role="region", tabindex="0", aria_label="Ladder")


def _rung(rung: Rung, number: int) -> Markup:
    request = rung.request
    if request is None:
        return tag("span", rung.what)
    params = {str(name): value for name, value in request["params"]}
    about = {
        "URL": request["url"],
        "Attempts": request["attempts"],
        "Answer": f"{request['status'] or request['error'] or '-'}, {request['bytes']} bytes",
    }
    return tag(
        "details",
        tag("summary", rung.what),
        definitions(about),
        definitions(params),
        id=f"request-{number}",
        class_="" if request["state"] in ("answered", "under way") else "bad",
    )


def _count(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _page(title: str, parts: Parts | None, *content: object, wanted: str = "") -> str:
    status = parts["status"] if parts else ""
    field = void(
        "input", type="search", name="q", id="q", value=wanted, maxlength="100", required=True
    )
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} - dialctl"),
        void("link", rel="stylesheet", href="/static/view.css"),
        tag("script", "", src="/static/view.js", defer=True),
    )
    header = tag(
        "header",
        tag("a", "Skip to the calls", href="#main", class_="skip"),
        tag("h1", tag("a", "dialctl", href="/")),
        tag("p", status, id="status", role="status", aria_live="polite"),
        tag(
            "form",
            tag("label", "Number or UUID", for_="q"),
            field,
            tag("button", "Search", type="submit"),
            action="/search",
            method="get",
            role="search",
        ),
    )
    main = tag("main", *content, id="main", data_live="" if parts else None)
    body = tag("body", header, main)
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"
