"""Whether FreeSWITCH's dialplan brings calls to dialctl as freeswitch/dialctl.xml does. Pure.

Read from ``xml_locate dialplan``, which is the dialplan as FreeSWITCH has it, with everything that
it includes.
"""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element

from dialctl.checkup.model import Finding, ok, wrong
from dialctl.esl.bridging import REFERRED_EXTENSION
from dialctl.esl.dialstring import CONFIRM_EXTENSION

COPY = "copy freeswitch/dialctl.xml into conf/dialplan/ and run `fs_cli -x reloadxml`"
HELD = "callees who shall confirm, or be no machine, are not connected without it"
KEPT = "a caller whom a callee transfers (REFER) is lost without it"


def findings(xml: str, listen: str) -> Iterator[Finding]:
    """``listen`` is dialctl's own address."""
    port = listen.rpartition(":")[2]
    try:
        root = etree.fromstring(
            xml.encode(), etree.XMLParser(recover=True, no_network=True, resolve_entities=False)
        )
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        yield wrong("dialplan: FreeSWITCH has none", "is mod_dialplan_xml loaded?")
        return
    ours = [action for action in root.iter("action") if _reaches(action, port)]
    if not ours:
        yield wrong(f"dialplan: no extension has a socket application to port {port}", COPY)
        return
    contexts = {context.get("name", ""): context for context in root.iter("context")}
    for name, context in contexts.items():
        extensions = {one.get("name", ""): one for one in context.iter("extension")}
        served = [one for one in extensions.values() if any(_reaches(a, port) for a in one.iter())]
        if not served:
            continue
        yield ok(f"dialplan: context {name} brings calls to {listen}")
        for extension in served:
            yield from _of(extension, name, port)
        if CONFIRM_EXTENSION not in extensions:
            text = f"dialplan: context {name} has no extension {CONFIRM_EXTENSION}"
            yield wrong(text, f"{HELD}; {COPY}")
        if REFERRED_EXTENSION not in extensions:
            text = f"dialplan: context {name} has no extension {REFERRED_EXTENSION}"
            yield wrong(text, f"{KEPT}; {COPY}")


def _of(extension: Element, context: str, port: str) -> Iterator[Finding]:
    """An extension that brings calls to us."""
    where = f"dialplan: extension {extension.get('name')} of context {context}"
    actions = [(a.get("application", ""), a.get("data", "")) for a in extension.iter("action")]
    for application, data in actions:
        if application != "socket" or not _names(data, port):
            continue
        for word, lost in (
            ("async", "dialctl hears nothing while an application runs"),
            ("full", "dialctl hears nothing of the legs that it rings, and can end none of them"),
        ):
            if word not in data.split():
                yield wrong(f"{where}: its socket is not {word}", f"{lost}; write {word} into it")
    if ("set", "socket_resume=true") in actions:
        remedy = "a socket that drops would cut the conversation; set it to false"
        yield wrong(f"{where}: socket_resume is true", remedy)
    if extension.get("name") != CONFIRM_EXTENSION and not any(
        application == "transfer" for application, _ in actions
    ):
        remedy = f"a call ends with its controller; {COPY}"
        yield wrong(f"{where}: nothing brings a call back to it", remedy)


def _reaches(action: Element, port: str) -> bool:
    return action.get("application") == "socket" and _names(action.get("data", ""), port)


def _names(data: str, port: str) -> bool:
    """Whether the host list of a socket application holds our port."""
    hosts = data.split(" ")[0].split("|")
    return any(host.rpartition(":")[2] == port for host in hosts)
