"""HTML out of pieces: whatever is put into it is escaped, unless it is HTML already. Pure."""

import html
from collections.abc import Iterable


class Markup(str):
    """HTML. Nobody makes one of what somebody else wrote."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Anything as HTML."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value), quote=True))


def join(pieces: Iterable[object], between: str = "") -> Markup:
    return Markup(between.join(text(piece) for piece in pieces))


def tag(name: str, /, *content: object, **attributes: object) -> Markup:
    """An element. ``class_`` is ``class``, ``aria_label`` is ``aria-label``; True has no value,
    None is left out."""
    said = []
    for key, value in attributes.items():
        word = key.rstrip("_").replace("_", "-")
        if value is True:
            said.append(f" {word}")
        elif value is not None:
            said.append(f' {word}="{text(value)}"')
    return Markup(f"<{name}{''.join(said)}>{join(content)}</{name}>")


def void(name: str, /, **attributes: object) -> Markup:
    """An element that has no content."""
    return Markup(tag(name, **attributes).removesuffix(f"</{name}>"))
