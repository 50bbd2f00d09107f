"""Sounds fetched from a real server on loopback that behaves as told."""

import os

import gevent
import pytest
from dialctl.audio import cache as module
from dialctl.audio.cache import AudioCache
from dialctl.audio.shelf import Shelf
from dialctl.clock import Clock
from dialctl.errors import FetchError
from dialctl.http.client import Client
from dialctl.settings import Egress, Http

from support.rawserver import CLOSE, HANG, HEAD, SECOND, Web, answer
from support.sounds import MP3, wav

SOUND, OTHER = wav(0.1), wav(0.2)
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def sound(body=SOUND, **headers):
    return answer(200, body, **{"Content_Type": "audio/wav", **headers})


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()


class Cache:
    def __init__(self, folder, **http):
        self.shelf = Shelf(str(folder), 1 << 20)
        self.shelf.open()
        self.clock = Clock()
        http = Http(SECOND, SECOND, 5.0, **http)
        self._client = Client(http, self.clock, 1000)
        self._cache = AudioCache(self._client, http, self.shelf, self.clock)

    def get(self, url):
        found = self._cache.get(url)
        with open(self.shelf.path(found), "rb") as file:
            return file.read()

    def failure(self, url):
        with pytest.raises(FetchError) as raised:
            self._cache.get(url)
        return str(raised.value)

    def close(self):
        self._client.close()


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "media")
    yield made
    made.close()


def test_a_sound(web, cache):
    url = web.on("/a", sound())
    assert cache.get(f"{url}?b=c#rt=1") == SOUND
    (asked,) = web.asked
    assert (asked.method, asked.target, asked.body) == ("GET", "/a?b=c", "")
    assert not any(name.startswith(("x-plivo", "if-")) for name in asked.headers)
    kept = sorted(os.listdir(cache.shelf.folder))
    assert [name.partition(".")[2] for name in kept] == ["json", "wav"]
    assert all(len(name.partition(".")[0]) == 64 for name in kept), "their names are hashes"


def test_the_kind_is_the_file_s_extension(web, cache):
    url = web.on("/a.wav", answer(200, MP3, Content_Type="audio/mpeg"))
    assert cache.get(url) == MP3
    assert any(name.endswith(".mp3") for name in os.listdir(cache.shelf.folder))


def test_what_is_fresh_is_not_asked_for_again(web, cache):
    url = web.on("/a", sound(Cache_Control="max-age=60"), sound(OTHER))
    assert [cache.get(url) for _ in range(3)] == [SOUND] * 3
    assert len(web.asked) == 1


def test_the_query_belongs_to_the_url_and_the_fragment_does_not(web, cache):
    url = web.on("/a", sound(Cache_Control="max-age=60"))
    for text in (url, f"{url}?x=1", f"{url}?x=2", f"{url}?x=2#rc=1"):
        cache.get(text)
    assert web.paths() == ["/a", "/a?x=1", "/a?x=2"]


@pytest.mark.parametrize(
    ("validator", "condition"),
    [
        ({"ETag": '"one"'}, ("if-none-match", '"one"')),
        ({"Last_Modified": DATE}, ("if-modified-since", DATE)),
    ],
)
def test_what_is_not_fresh_is_asked_for_again(web, cache, validator, condition):
    url = web.on("/a", sound(**validator), answer(304, b""), sound(OTHER))
    assert [cache.get(url) for _ in range(3)] == [SOUND, SOUND, OTHER]
    assert [asked.headers.get(condition[0]) for asked in web.asked] == [
        None,
        condition[1],
        condition[1],
    ]


def test_a_304_makes_it_fresh_anew(web, cache):
    url = web.on("/a", sound(ETag='"a"'), answer(304, b"", Cache_Control="max-age=9"), sound(OTHER))
    assert [cache.get(url) for _ in range(4)] == [SOUND] * 4
    assert len(web.asked) == 2


def test_after_a_restart_it_is_there_and_only_asked_about(web, cache):
    url = web.on("/a", sound(ETag='"a"'), answer(304, b""))
    cache.get(url)
    again = Cache(cache.shelf.folder)
    assert again.get(url) == SOUND
    assert web.asked[1].headers["if-none-match"] == '"a"'
    again.close()


def test_those_who_want_the_same_at_once_fetch_it_once(web, cache):
    url = web.on("/a", (0.1, sound()))
    listeners = [gevent.spawn(cache.get, url) for _ in range(20)]
    assert [one.get() for one in listeners] == [SOUND] * 20
    assert len(web.asked) == 1


def test_those_who_fail_at_once_are_all_told(web, cache):
    url = web.on("/a", (0.05, answer(404)))
    listeners = [gevent.spawn(cache.failure, url) for _ in range(3)]
    assert len({one.get() for one in listeners}) == 1
    assert len(web.asked) == 2, "one retry, for all of them"


def test_one_who_leaves_does_not_take_it_from_the_others(web, cache):
    url = web.on("/a", (0.1, sound()))
    first, second = gevent.spawn(cache.get, url), gevent.spawn(cache.get, url)
    gevent.sleep(0.05)
    first.kill()
    assert second.get() == SOUND
    assert len(web.asked) == 1


def test_one_retry_of_whatever_went_wrong(web, cache):
    assert cache.get(web.on("/404", answer(404), sound())) == SOUND
    assert cache.get(web.on("/500", answer(500), sound())) == SOUND
    assert cache.get(web.on("/gone", (CLOSE,), sound())) == SOUND


def test_plivo_s_read_timeout_is_longer_than_that_of_documents(web, cache):
    assert cache.get(web.on("/a", (2 * SECOND, sound()))) == SOUND


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([answer(404)], "answered 404 (attempts 2, "),
        ([answer(204, b"")], "answered 204 (attempts 1, "),
        ([(HEAD, CLOSE)], "broke off its answer"),
        ([answer(200, b"<html>", Content_Type="text/html")], "(text/html, 6 bytes)"),
        ([answer(200, b"what?", Content_Type=None)], "(no Content-Type, 5 bytes)"),
        ([answer(200, b"", Content_Type="audio/wav")], "(audio/wav, 0 bytes)"),
    ],
)
def test_what_is_no_sound(web, cache, script, words):
    url = web.on("/a?secret=1".partition("?")[0], *script) + "?secret=1"
    told = cache.failure(url)
    assert told.startswith(f"the sound at {web.url}/a?secret=... ")
    assert words in told
    assert os.listdir(cache.shelf.folder) == []
    assert cache.shelf.bytes == 0


def test_nobody_listens_there(cache):
    told = cache.failure("http://127.0.0.1:1/a.wav")
    assert "could not be reached: Connection refused (attempts 2, " in told


def test_a_sound_that_is_too_long(web, cache, monkeypatch):
    monkeypatch.setattr(module, "SOUND_BYTES", 100)
    assert "answered with more than 100 bytes" in cache.failure(web.on("/a", sound()))
    drips = answer(200, b"64\r\n" + b"x" * 100 + b"\r\n1\r\nx\r\n0\r\n\r\n", Content_Length=None)
    url = web.on("/b", drips.replace(b"Content-Type", b"Transfer-Encoding: chunked\r\nX-Type"))
    assert "answered with more than 100 bytes" in cache.failure(url)
    assert cache.shelf.bytes == 0


def test_a_folder_that_is_full(web, cache):
    cache.shelf._most = 100
    told = cache.failure(web.on("/a", sound()))
    assert told.endswith("100 bytes are full of sounds in use")
    assert "cannot be kept in" in told


def test_a_folder_that_is_gone(web, cache):
    os.rmdir(cache.shelf.folder)
    assert "No such file or directory" in cache.failure(web.on("/a", sound()))


@pytest.mark.parametrize("second", [(CLOSE,), answer(503)])
def test_a_server_that_is_down_and_what_it_sent_earlier(web, cache, caplog, second):
    url = web.on("/a", sound(ETag='"a"'), second)
    assert [cache.get(url), cache.get(url)] == [SOUND, SOUND]
    assert "the one fetched earlier is used" in caplog.text


@pytest.mark.parametrize(
    ("said", "second"), [("no-cache", answer(503)), ("max-age=0", answer(404))]
)
def test_when_what_was_sent_earlier_may_not_be_used(web, cache, said, second):
    url = web.on("/a", sound(Cache_Control=said), second)
    cache.get(url)
    cache.failure(url)


def test_where_no_request_may_go(web, tmp_path):
    careful = Cache(tmp_path / "media", egress=Egress(("private",)))
    told = careful.failure(web.on("/a", sound()))
    assert "127.0.0.1 is denied by http.egress.deny (private)" in told
    assert web.asked == []
    careful.close()


def test_a_server_that_never_answers_ends_some_time(web, cache, monkeypatch):
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.1)
    assert "took too long" in cache.failure(web.on("/a", (HANG,)))


def test_what_was_fetched_before_an_address_was_denied_is_not_used(web, cache):
    url = web.on("/a", sound(ETag='"a"'))
    cache.get(url)
    careful = Cache(cache.shelf.folder, egress=Egress(("private",)))
    assert "http.egress.deny" in careful.failure(url)
    careful.close()
