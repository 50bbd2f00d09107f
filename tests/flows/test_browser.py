"""The live view in a real browser. DIALCTL_PICTURES=FOLDER keeps what it looked like."""

import os
from pathlib import Path

import gevent
import pytest

from support.browser import MISSING, Browser

from .test_view import CALLEES, FORK, HOSTILE, settings

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}: apt-get install chromium-driver"),
]
TAB, ENTER = "\ue004", "\ue007"  # w3.org/TR/webdriver2, 17.4.2
STATUS = "return document.getElementById('status').textContent"
SCREENS = {"phone": (375, 800), "desktop": (1280, 900)}


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.close()


@pytest.fixture
def seen(stage, browser):
    stage.start({"answer": FORK}, {**CALLEES, "1001": "answer:1"}, settings=settings())
    a_leg = stage.call(over=False, caller_name=HOSTILE)
    gevent.sleep(1.5)
    browser.address = f"http://{stage.settings.web.listen}"
    browser.look(*SCREENS["desktop"])
    yield a_leg
    a_leg.hangup()


def keep(browser, name):
    if folder := os.environ.get("DIALCTL_PICTURES"):
        Path(folder, f"{name}.png").write_bytes(browser.picture())


def test_it_is_live(stage, seen, browser):
    browser.open(browser.address)
    assert browser.run(STATUS) == "1 call is up"
    another = stage.call(over=False)
    browser.wait(f"{STATUS} === '2 calls are up'")
    assert browser.run("return document.querySelectorAll('#live tbody tr').length") == 2
    another.hangup()
    browser.wait(f"{STATUS} === '1 call is up'")
    browser.wait("return document.querySelectorAll('#recent tbody tr').length === 1")
    stage.server._web.stop()
    browser.wait(f"{STATUS}.includes('does not answer')")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("page", ["/", "/calls/{}", "/search?q=1001"])
def test_nothing_is_wider_than_the_screen(seen, browser, page, screen, dark):
    browser.look(*SCREENS[screen], dark=dark)
    browser.open(browser.address + page.format(seen.uuid))
    keep(browser, f"{screen}-{'dark' if dark else 'light'}-{page[1:5].strip('/') or 'home'}")
    assert browser.run("return document.documentElement.scrollWidth") <= SCREENS[screen][0]
    lines = "[...document.querySelectorAll('.line')].map(one => one.getBoundingClientRect().width)"
    assert min(browser.run(f"return {lines}")) > 150
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (int(ground[4:].split(",")[0]) < 64) is dark
    assert browser.run("return document.scripts.length") == 1


def test_with_a_keyboard_alone(seen, browser):
    browser.open(browser.address)
    focused = "const one = document.activeElement; return one.id || one.textContent"
    browser.press(TAB)
    assert browser.run(focused) == "Skip to the calls"
    browser.press(TAB, TAB)
    assert browser.run(focused) == "q"
    browser.press(*"1001", ENTER)
    browser.wait("return location.pathname === '/search'")
    browser.press(TAB, TAB, TAB, TAB, TAB)
    assert browser.run(focused) == f"to-{seen.uuid}"
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert browser.run(f"return {style}") == "solid"
    browser.press(ENTER)
    browser.wait(f"return location.pathname === '/calls/{seen.uuid}'")


def test_what_somebody_has_opened_stays_open(seen, browser):
    browser.open(f"{browser.address}/calls/{seen.uuid}")
    first = "document.querySelector('#ladder details')"
    browser.run(f"{first}.querySelector('summary').focus()")
    browser.press(ENTER)
    browser.run(f"window.before = {first}")
    seen.hangup()
    browser.wait(f"{STATUS} === 'The call is over'")
    assert browser.run(f"return {first} !== window.before && {first}.open")
    assert browser.run("return document.activeElement.tagName") == "SUMMARY"


def test_with_a_screen_reader(seen, browser):
    browser.open(browser.address)
    for selector in ("header", "main", "form[role=search]", "[aria-live=polite]", "h1"):
        assert browser.run(f"return document.querySelectorAll('{selector}').length") == 1, selector
    unnamed = """return [...document.querySelectorAll("section, table, svg, input")].filter(one =>
        !(one.getAttribute("aria-label") || one.getAttribute("aria-labelledby")
          || one.caption || (one.labels && one.labels.length))).length"""
    assert browser.run(unnamed) == 0
    assert browser.run("return document.documentElement.lang") == "en"
