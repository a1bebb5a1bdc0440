import hashlib
import os
import socket

import pytest

from magnetar.files.fingerprint import Fingerprint
from magnetar.files.read import Text, open_inside, read_small, read_text, resolve_inside
from magnetar.model import DropReason
from swapping import swapping

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs links, FIFOs and permissions")
LIMIT = 100_000


def read(folder, name="a.txt"):
    return read_text(folder.root, folder.root / name, LIMIT)


def text_of(folder, data):
    (folder.root / "a.txt").write_bytes(data)
    answer = read(folder)
    assert isinstance(answer, Text)
    assert answer.sha256 == hashlib.sha256(data).hexdigest()
    return answer.text, answer.encoding


@pytest.mark.parametrize(
    "data",
    [b"", b"plain\n", "é 😀\r\nsecond\rthird\u2028same".encode(), b"no end", b"\x1b[1mbold\x1b[0m\n", b"a\fb\tc\vd\n"],
)
def test_utf8_is_read_as_it_is_line_ends_and_all(folder, data):
    assert text_of(folder, data) == (data.decode(), "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding_and_is_taken_off(folder, encoding):
    text, named = text_of(folder, "größe = 1\r\n".encode(encoding))
    assert text == "größe = 1\r\n"
    assert named.startswith(encoding.removesuffix("-sig"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_noticed(folder, encoding):
    text = "print('hello, world')\n" * 5
    assert text_of(folder, text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "# Größe und Länge für naïve Café-Gäste\nmaß = 1\n" * 5),
        ("cp1251", "# Привет, это комментарий к программе на русском языке\nx = 1\n" * 5),
        ("cp932", "# これは日本語のコメントです。変数を初期化します。\nx = 1\n" * 5),
    ],
)
def test_an_older_encoding_is_guessed_with_every_line_in_place(folder, encoding, text):
    data = text.encode(encoding)
    read_as, _ = text_of(folder, data)
    assert read_as == text


def test_a_stray_byte_in_much_utf8_is_replaced(folder):
    text, encoding = text_of(folder, "größe\n".encode() * 5_000 + b"\xff\n")
    assert encoding == "utf-8"
    assert text == "größe\n" * 5_000 + "\ufffd\n"


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\0\0\1",
        b"text\0more",
        b"%PDF-1.4\nplain",
        b"\x1f\x8b\x08rest",
        bytes(range(1, 32)) * 9,
        b"a" * 50_000 + b"\0",
        b"\xff\xfea\0\0\0b\0",
    ],
)
def test_what_is_no_text_is_refused(folder, data):
    (folder.root / "a.txt").write_bytes(data)
    assert read(folder) is DropReason.BINARY


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not(folder):
    folder.write("a.txt", "x" * LIMIT)
    assert isinstance(read(folder), Text)
    folder.write("a.txt", "x" * (LIMIT + 1))
    assert read(folder) is DropReason.TOO_LARGE


def test_what_is_not_there_and_what_is_no_file_are_refused(folder):
    folder.write("sub/a.txt")
    assert read(folder, "b.txt") is DropReason.MISSING
    assert read(folder, "sub/a.txt/b.txt") is DropReason.MISSING
    assert read(folder, "sub") is DropReason.UNREADABLE
    assert read(folder, "nul\0byte") in {DropReason.OUTSIDE_WORKSPACE, DropReason.UNREADABLE}


@needs_posix
def test_fifos_sockets_and_devices_are_never_opened(folder, monkeypatch):
    os.mkfifo(folder.root / "fifo")
    monkeypatch.chdir(folder.root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert read(folder, "fifo") is DropReason.UNREADABLE
        assert read(folder, "socket") is DropReason.UNREADABLE
        assert read_text(type(folder.root)("/dev"), type(folder.root)("/dev/null"), LIMIT) is DropReason.UNREADABLE


@needs_posix
def test_no_link_is_followed_whoever_wants_to_resolves_it_first(folder, tmp_path):
    folder.write("sub/a.txt", "inside\n")
    (tmp_path / "secret.txt").write_text("outside\n")
    links = {
        "in": "sub/a.txt",
        "out": tmp_path / "secret.txt",
        "up": "../secret.txt",
        "dir": tmp_path,
        "loop": "loop",
        "gone": "nothing",
    }
    for name, target in links.items():
        (folder.root / name).symlink_to(target)
    assert read(folder, "in") is DropReason.UNREADABLE
    assert read(folder, "out") is DropReason.OUTSIDE_WORKSPACE
    assert read(folder, "up") is DropReason.OUTSIDE_WORKSPACE
    assert read(folder, "dir/secret.txt") is DropReason.OUTSIDE_WORKSPACE
    assert read(folder, "../secret.txt") is DropReason.OUTSIDE_WORKSPACE
    assert read(folder, "gone") is DropReason.UNREADABLE
    assert isinstance(read(folder, "loop"), DropReason)
    assert resolve_inside(folder.root, folder.root / "in") == folder.root / "sub" / "a.txt"
    assert resolve_inside(folder.root, folder.root / "out") is None


@needs_posix
def test_a_directory_swapped_for_a_link_while_a_file_is_opened_is_noticed(folder, tmp_path, monkeypatch):
    inside = folder.write("sub/a.txt", "inside\n")
    (tmp_path / "a.txt").write_text("outside\n")
    open_file = os.open

    def swapped(path, flags, *rest):
        monkeypatch.setattr(os, "open", open_file)
        (folder.root / "sub").rename(folder.root / "moved")
        (folder.root / "sub").symlink_to(tmp_path)
        return open_file(path, flags, *rest)

    monkeypatch.setattr(os, "open", swapped)
    assert open_inside(folder.root, inside) is DropReason.OUTSIDE_WORKSPACE


@needs_posix
def test_a_file_swapped_for_a_link_to_another_one_inside_is_noticed(folder, monkeypatch):
    """It may be one that nobody judged, such as `.env`."""
    inside = folder.write("a.txt", "inside\n")
    folder.write(".env", "outside\n")
    look = os.lstat

    def swapped(path, *rest, **options):
        status = look(path, *rest, **options)
        if os.fspath(path) == str(inside) and not inside.is_symlink():
            inside.unlink()
            inside.symlink_to(".env")
        return status

    monkeypatch.setattr(os, "lstat", swapped)
    assert isinstance(open_inside(folder.root, inside), DropReason)
    assert read(folder) is DropReason.UNREADABLE


@needs_posix
@pytest.mark.parametrize("swap", ["file", "directory"])
def test_whatever_is_swapped_and_whenever_nothing_but_the_judged_file_is_read(folder, tmp_path, swap):
    """A link to something else comes and goes as fast as it can while the file is read again and again."""
    place = folder.write("sub/a.txt", "inside\n")
    (tmp_path / "a.txt").write_text("outside\n")
    target, lure = {"file": (place, tmp_path / "a.txt"), "directory": (place.parent, tmp_path)}[swap]
    with swapping(target, lure):
        answers = [read(folder, "sub/a.txt") for _ in range(2_000)]
    assert {answer.text for answer in answers if isinstance(answer, Text)} <= {"inside\n"}


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(folder):
    folder.write("a.txt").chmod(0)
    assert read(folder) is DropReason.UNREADABLE


def test_the_fingerprint_is_that_of_the_file_and_changes_with_it(folder):
    path = folder.write("a.txt", "one\n")
    answer = read(folder)
    assert isinstance(answer, Text)
    assert answer.fingerprint == Fingerprint.at(path)
    path.write_text("more\n")
    assert answer.fingerprint != Fingerprint.at(path)


@needs_posix
def test_a_file_written_around_the_time_of_its_reading_is_racy():
    changed = 1_700_000_000_123_456_789
    fingerprint = Fingerprint(mtime_ns=0, ctime_ns=changed, size=1, inode=1)
    assert fingerprint.racy(changed)
    assert fingerprint.racy(changed + 1_000_000)
    assert not fingerprint.racy(changed + 1_000_000_000)
    whole = Fingerprint(mtime_ns=0, ctime_ns=1_700_000_000_000_000_000, size=1, inode=1)
    assert whole.racy(1_700_000_001_000_000_000)
    assert not whole.racy(1_700_000_009_000_000_000)


@needs_posix
def test_only_a_regular_file_has_a_fingerprint(folder):
    path = folder.write("a.txt")
    (folder.root / "link").symlink_to(path)
    assert Fingerprint.at(folder.root) is None
    assert Fingerprint.at(folder.root / "nothing") is None
    assert Fingerprint.at(folder.root / "link") is None
    assert Fingerprint.at(folder.root / "link", follow=True) == Fingerprint.at(path)


def test_a_small_file_is_read_whole_or_not_at_all(folder):
    path = folder.write("a.txt", "x" * 100)
    assert read_small(path, 100, follow=False) == b"x" * 100
    assert read_small(path, 99, follow=False) is None
    assert read_small(folder.root / "nothing", 100, follow=True) is None
    assert read_small(folder.root, 100, follow=True) is None


@needs_posix
def test_nothing_but_a_regular_file_is_waited_for(folder):
    os.mkfifo(folder.root / "fifo")
    link = folder.root / "link"
    link.symlink_to(folder.write("a.txt"))
    (folder.root / "endless").symlink_to("/dev/zero")
    for name in ("fifo", "endless"):
        assert read_small(folder.root / name, 100, follow=True) is None
    assert read_small(link, 100, follow=True) == b"text\n"
    assert read_small(link, 100, follow=False) is None
