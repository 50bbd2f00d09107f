"""A callee's REFER in RCML and CallAPI: refer_url decides, and its document is the caller's.

Named after Restcomm's ReferTest, as far as stock mod_sofia can do the same.
"""

import pytest

from support.webapp import Answer

from .rcml import BOTH, FOTINI, GEORGE, HENRIQUE, action, asked, dial, paths, place

pytestmark = BOTH
REFERS = "answer:1;refer=1:{}"
TRANSFER = ("ReferTarget", "Transferor", "Transferee")


def refers(stage, number="1555", document="", **more):
    """George answers and sends a REFER, about which refer_url is asked."""
    scripts = {"george": REFERS.format(number), **more.pop("scripts", {})}
    documents = {"refer": document, **more.pop("documents", {})}
    given = more.pop("given", dial(GEORGE))
    refer_url = stage.web.url("/refer")
    return place(stage, given, documents=documents, scripts=scripts, refer_url=refer_url, **more)


def test_transfer(stage):
    """Every later request tells of it, the action of the Dial that the transfer made included."""
    second = dial(FOTINI, "/second")
    scripts = {"fotini": "answer:1:1"}
    refers(stage, document=second, documents={"second": ""}, scripts=scripts)
    assert paths(stage) == ["/answer", "/refer", "/action", "/second", "/hangup"]
    assert asked(stage, "/answer", *TRANSFER) == ["- - -"]
    for path in ("/refer", "/action", "/second", "/hangup"):
        assert asked(stage, path, *TRANSFER) == ["1555 1313 15551230000"]
    assert asked(stage, "/action", "DialCallStatus") == ["completed"]
    assert asked(stage, "/second", "DialCallStatus") == ["completed"]


def test_transferee_is_who_the_callee_was_shown(stage):
    refers(stage, given=dial(GEORGE, callerId="7000"))
    assert asked(stage, "/refer", *TRANSFER) == ["1555 1313 7000"]


@pytest.mark.parametrize(("number", "told"), [("+1555", "+1555"), ("henrique", "henrique")])
def test_number_with_plus_sign_and_to_any_address(stage, number, told):
    refers(stage, number)
    assert asked(stage, "/refer", "ReferTarget") == [told]


def test_a_document_that_dials_the_target(stage):
    """What most applications answer."""
    document = dial("<Number>1555</Number>", "/second")
    refers(stage, document=document, documents={"second": ""}, scripts={"1555": "busy"})
    assert asked(stage, "/second", "DialCallStatus", "ReferTarget") == ["busy 1555"]


def test_incorrect_refer_url_refuses_and_they_talk_on(stage):
    """The refusal travels in the NOTIFY: FreeSWITCH has answered 202 by then."""
    refers(
        stage,
        document=Answer("", status="404 Not Found"),
        scripts={"george": "answer:1:4;refer=1:1"},
    )
    assert [detail for _, what, detail in stage.seen if what == "notified"] == ["404"]
    assert asked(stage, "/action", "DialCallStatus", *TRANSFER) == ["completed - - -"]
    assert int(action(stage)["DialCallDuration"]) >= 2


def test_absent_refer_url(stage):
    """FreeSWITCH accepts by itself: the Dial is over, and its action is asked."""
    place(stage, dial(HENRIQUE), scripts={"henrique": REFERS.format("1555")})
    assert paths(stage) == ["/answer", "/action", "/hangup"]
    assert asked(stage, "/action", *TRANSFER) == ["- - -"]
