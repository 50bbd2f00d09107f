"""The folder with the sounds: who is kept, who goes, and who may read."""

import os
import stat

import pytest
from dialctl.audio.freshness import Validity
from dialctl.audio.shelf import Shelf

KEYS = [letter * 64 for letter in "abcdef"]


@pytest.fixture
def shelf(tmp_path):
    made = Shelf(str(tmp_path / "media"), 100)
    made.open()
    return made


def put(shelf, key, size=40, kind="wav", **validity):
    part = shelf.begin(key)
    part.write(b"x" * size)
    return shelf.put(key, kind, part, Validity(**validity))


def files(shelf):
    return sorted(os.listdir(shelf.folder))


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_what_was_put_is_found(shelf):
    sound = put(shelf, KEYS[0])
    assert shelf.find(KEYS[0]) is sound
    with open(shelf.path(sound), "rb") as file:
        assert file.read() == b"x" * 40
    assert shelf.find(KEYS[1]) is None
    assert shelf.bytes == 40


def test_the_switch_s_user_can_read_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        shelf = Shelf(str(tmp_path / "media"), 100)
        shelf.open()
        sound = put(shelf, KEYS[0])
    finally:
        os.umask(before)
    assert mode(shelf.path(sound)) == 0o644
    assert mode(shelf.folder) == 0o711  # names can be opened, but not listed


def test_a_folder_that_is_there_stays_as_its_owner_made_it(tmp_path):
    tmp_path.chmod(0o750)
    Shelf(str(tmp_path), 100).open()
    assert mode(tmp_path) == 0o750


def test_who_was_not_used_for_longest_goes_first(shelf):
    first, second = put(shelf, KEYS[0]), put(shelf, KEYS[1])
    with shelf.held(first):
        pass
    put(shelf, KEYS[2])
    assert shelf.find(KEYS[0]) is first
    assert shelf.find(KEYS[1]) is None
    assert not os.path.exists(shelf.path(second))
    assert shelf.bytes == 80


def test_nobody_goes_who_is_held(shelf):
    first = put(shelf, KEYS[0])
    with shelf.held(first) as path:
        put(shelf, KEYS[1])
        put(shelf, KEYS[2])
        assert os.path.exists(path)
        assert shelf.find(KEYS[1]) is None


def test_there_is_no_room_when_all_are_held(shelf):
    with shelf.held(put(shelf, KEYS[0], 90)):
        part = shelf.begin(KEYS[1])
        with pytest.raises(OSError, match="full of sounds in use"):
            part.write(b"x" * 11)
        part.write(b"x" * 10)
        part.discard()
    assert files(shelf) == [f"{KEYS[0]}.json", f"{KEYS[0]}.wav"]
    assert shelf.bytes == 90


def test_two_that_are_written_share_the_room(shelf):
    parts = [shelf.begin(key) for key in KEYS[:2]]
    parts[0].write(b"x" * 60)
    with pytest.raises(OSError, match="full"):
        parts[1].write(b"x" * 60)
    for part in parts:
        part.discard()
    assert shelf.bytes == 0
    assert files(shelf) == []


def test_another_version_takes_the_place_of_the_first(shelf):
    sound = put(shelf, KEYS[0], 40)
    with shelf.held(sound) as path:
        playing = open(path, "rb")  # noqa: SIM115  as FreeSWITCH has it
        assert put(shelf, KEYS[0], 10) is sound
        assert playing.read() == b"x" * 40
        playing.close()
    assert (sound.holders, sound.size, shelf.bytes) == (0, 10, 10)


def test_another_kind_takes_the_place_of_the_first(shelf):
    put(shelf, KEYS[0])
    put(shelf, KEYS[0], 10, "mp3")
    assert files(shelf) == [f"{KEYS[0]}.json", f"{KEYS[0]}.mp3"]


def test_one_that_is_not_to_be_kept_goes_with_its_last_listener(shelf):
    sound = put(shelf, KEYS[0], keep=False)
    with shelf.held(sound) as path:
        with shelf.held(sound):
            pass
        assert os.path.exists(path)
    assert files(shelf) == []
    assert shelf.bytes == 0


def test_one_that_somebody_has_deleted_is_not_there(shelf):
    sound = put(shelf, KEYS[0])
    os.unlink(shelf.path(sound))
    assert shelf.find(KEYS[0]) is None
    assert shelf.bytes == 0


def test_after_a_restart(shelf):
    for key in KEYS[:2]:
        put(shelf, key, etag='"a"')
    first = shelf.find(KEYS[0])
    os.utime(os.path.join(shelf.folder, f"{KEYS[1]}.json"), (1, 1))
    shelf.renew(first, Validity(5.0, '"b"'))
    again = Shelf(shelf.folder, 100)
    again.open()
    assert again.find(KEYS[0]).validity == Validity(5.0, '"b"')
    assert again.bytes == 80
    put(again, KEYS[2])
    assert again.find(KEYS[1]) is None, "it was not used for longest"


def test_what_a_daemon_left_half_done_goes_and_what_is_not_ours_stays(shelf):
    folder = shelf.folder
    put(shelf, KEYS[0])
    for name, text in {
        f"{KEYS[1]}.7.part": "x",
        f"{KEYS[2]}.wav": "without what belongs to it",
        f"{KEYS[3]}.json": "{",
        f"{KEYS[4]}.json": '{"kind": "exe", "size": 1, "validity": {}}',
        f"{KEYS[5]}.json": '{"kind": "wav", "size": 1, "validity": {}}',
        "holiday.wav": "x",
        "README": "x",
    }.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    Shelf(folder, 100).open()
    assert files(shelf) == ["README", f"{KEYS[0]}.json", f"{KEYS[0]}.wav", "holiday.wav"]
