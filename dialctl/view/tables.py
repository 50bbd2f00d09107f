"""The tables of the live view: calls with their legs on a time line, the outbox. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dialctl.view.html import Markup, join, tag, text
from dialctl.view.moments import clock, day, lasted, seconds
from dialctl.view.timeline import WIDTH, bars, span

Json = Mapping[str, Any]
KINDS = ("called", "ringing", "early media", "answered", "confirming", "talking")


def link(call: Json) -> Markup:
    """To a call's own page."""
    uuid = call["call_uuid"]
    return tag("a", uuid[:8], href=path_of(uuid), id=f"to-{uuid}", title=uuid)


def path_of(uuid: str) -> str:
    return f"/calls/{quote(uuid, safe='')}"


def calls(caption: str, found: Sequence[Json], now: float, nothing: str) -> Markup:
    if not found:
        return tag("p", nothing, class_="nothing")
    heads = ("Call", "Came", "From", "To", "App", "State", "Lasts", "Legs")
    rows = [row(heads, _call(call, now)) for call in found]
    return table(caption, heads, rows)


def table(caption: str, heads: Iterable[str], rows: Iterable[Markup]) -> Markup:
    """Roles are said, too: narrow pages make cards of rows, and browsers then forget them."""
    columns = (tag("th", head, scope="col", role="columnheader") for head in heads)
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *columns, role="row"), role="rowgroup"),
        tag("tbody", *rows, role="rowgroup"),
        role="table",
    )


def row(heads: Sequence[str], cells: Sequence[object], head: str = "") -> Markup:
    """``head``: that of the row, if it has one."""
    first = tag("th", head, scope="row", role="rowheader") if head else ""
    pairs = zip(heads, cells, strict=True)
    found = (tag("td", cell, data_head=name, role="cell") for name, cell in pairs)
    return tag("tr", first, *found, role="row")


def _call(call: Json, now: float) -> tuple[object, ...]:
    began, until = span(call, now)
    state = call["ending_text"] if call["state"] == "over" else call["state"]
    legs = [tag("li", _leg(leg, began, until)) for leg in call["legs"]]
    name = f" {call['from_name']}" if call["from_name"] not in ("", call["from"]) else ""
    came = tag("time", clock(call["came"]), datetime=call["came"], title=day(call["came"]))
    return (
        link(call),
        came,
        join((call["from"], tag("span", name, class_="name"))),
        call["to"],
        call["app"],
        tag("span", state, class_=f"state {call['state']}"),
        lasted(until - began),
        tag("ul", *legs, class_="legs") if legs else "",
    )


def _leg(leg: Json, began: float, until: float) -> Markup:
    outcome = leg["why"] if leg["state"] == "over" else leg["state"]
    if leg["won"] and leg["state"] == "over":
        outcome = f"connected, {outcome}"
    who = tag("strong" if leg["won"] else "span", leg["to"])
    head = tag("span", who, " ", tag("span", outcome, class_="why"), class_="leg")
    return join((head, line(leg, began, until)))


def line(leg: Json, began: float, until: float) -> Markup:
    """A leg on the time line of its call."""
    found = bars(leg, began, until)
    words = ", ".join(f"{bar.what} {bar.lasts:.1f} s" for bar in found) or "no time"
    rects = [
        tag(
            "rect",
            x=f"{bar.start:.1f}",
            y="0",
            width=f"{max(bar.width, 4.0):.1f}",
            height="10",
            class_=bar.what.replace(" ", "-"),
        )
        for bar in found
    ]
    return tag(
        "svg",
        *rects,
        viewBox=f"0 0 {WIDTH:g} 10",
        preserveAspectRatio="none",
        role="img",
        aria_label=words,
        class_="line",
    )


def legend() -> Markup:
    """What the colours of a time line mean; each is said in words beside it, too."""
    keys = (
        tag("li", tag("span", "", class_=f"key {kind.replace(' ', '-')}", aria_hidden="true"), kind)
        for kind in KINDS
    )
    return tag("ul", *keys, class_="legend")


def outbox(box: Json | None, now: float) -> Markup:
    if box is None:
        return tag("p", "The outbox cannot be read; the log says why.", class_="bad")
    oldest = lasted(now - seconds(box["oldest"])) if box["oldest"] else "-"
    facts = {"Waiting": box["waiting"], "Dead": box["dead"], "Oldest that waits": oldest}
    said = definitions(facts)
    if not box["rows"]:
        return said
    heads = ("State", "Age", "Attempts", "App", "Request", "Call", "Last error")
    rows = [
        row(
            heads,
            (
                tag("span", one["state"], class_=f"state {one['state']}"),
                lasted(now - seconds(one["added"])),
                one["attempts"],
                one["app"],
                f"{one['method']} {one['url']}",
                tag("a", one["call_uuid"][:8], href=path_of(one["call_uuid"])),
                one["error"] or "-",
            ),
        )
        for one in box["rows"]
    ]
    return join((said, table(f"The first {len(rows)} of them", heads, rows)))


def definitions(facts: Mapping[str, object]) -> Markup:
    pairs = (tag("div", tag("dt", name), tag("dd", text(value))) for name, value in facts.items())
    return tag("dl", *pairs)
