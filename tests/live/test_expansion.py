"""Nothing that a document says is run by the switch."""

from .numbers import response


def test_a_url_that_would_run_a_program(live, tmp_path):
    mark = tmp_path / "mark"
    url = f"{live.url('/files/')}${{system(>{mark})}}.wav"  # a shell would make the file
    live.script(response(f"<Play>{url}</Play>".replace("(>", "(&gt;")))
    live.call()
    assert live.web.wait_for(lambda got: any(r.path == "/hangup" for r in got), 15), live.log()
    assert not mark.exists(), "the switch ran a program of the document's"
