from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnetar.lsp.convert import MalformedUri, local_path, path_of, position_encoding, uri_of, wire_range
from magnetar.model import Position, PositionEncoding, Range


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.py", "/a/b.py"),
        ("FILE:///a/b.py", "/a/b.py"),
        ("file:/a/b.py", "/a/b.py"),
        ("file://localhost/a/b.py", "/a/b.py"),
        ("file:///a%20b/c%2Bd+e", "/a b/c+d+e"),
        ("file:///a b", "/a b"),
        ("file:///a%2fb", "/a/b"),
        ("file:///a%2Fb", "/a/b"),
        ("file:///%C3%A4/%F0%9F%98%80", "/ä/😀"),
        ("file:///ä/😀", "/ä/😀"),
        ("file:///a%23b%3Fc", "/a#b?c"),
        ("file:///a#fragment", "/a"),
        ("file:///a?query", "/a"),
        ("file:///a/./b/../c/", "/a/c"),
        ("file:///a%25b", "/a%b"),
    ],
)
def test_a_file_uri_names_a_path(uri, path):
    assert path_of(uri) == Path(path)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/x/y.py", "C:\\x\\y.py"),
        ("file:///C:/x/y.py", "C:\\x\\y.py"),
        ("file:///c:", "C:\\"),
        ("file://server/share/x", "\\\\server\\share\\x"),
        ("file:///%C3%A4", "\\ä"),
    ],
)
def test_on_windows_drives_and_shares_are_understood(uri, path):
    assert local_path(uri, windows=True) == path


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/a/b.py?ref=HEAD", "vscode-remote://x/a", "output:1", "http://x/a"]
)
def test_other_schemes_have_no_path(uri):
    assert path_of(uri) is None


@pytest.mark.parametrize("uri", ["", "/a/b", "a/b", "file", "file:a", "file://", "file:///%zz", "file:///a%0", "1:x"])
def test_what_is_no_uri_says_why(uri):
    with pytest.raises(MalformedUri):
        path_of(uri)


@pytest.mark.parametrize("uri", ["file:///a%00b", "file:///a\nb"])
def test_control_characters_are_refused(uri):
    with pytest.raises(MalformedUri):
        path_of(uri)


def test_escapes_that_are_no_utf8_are_a_path_on_posix_and_refused_on_windows():
    assert path_of("file:///a%FF") == Path("/a\udcff")
    assert uri_of(Path("/a\udcff")) == "file:///a%FF"
    with pytest.raises(MalformedUri):
        local_path("file:///a%FF", windows=True)


SEGMENT = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1).filter(
    lambda s: s not in {".", ".."}
)


@given(st.lists(SEGMENT, min_size=1))
def test_every_path_survives_its_uri(parts):
    path = Path("/", *parts)
    assert path_of(uri_of(path)) == path


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-16", "utf-8"], "utf-8"),
        (["utf-32", "utf-16"], "utf-16"),
        (["utf-32"], "utf-32"),
        (["latin-1"], "utf-16"),
    ],
)
def test_the_encoding_is_utf8_where_offered_and_utf16_where_nothing_is_said(offered, chosen):
    assert position_encoding(offered).value == chosen


@pytest.mark.parametrize(
    ("encoding", "character"), [(PositionEncoding.UTF8, 7), (PositionEncoding.UTF16, 4), (PositionEncoding.UTF32, 3)]
)
def test_columns_go_out_in_the_units_of_the_client(encoding, character):
    lines = ["plain\n", "ä😀b\n"]
    span = Range(Position(0, 2), Position(1, 7))
    assert wire_range(span, lines, encoding) == {
        "start": {"line": 0, "character": 2},
        "end": {"line": 1, "character": character},
    }


def test_the_end_of_a_document_may_stand_behind_its_last_line():
    span = Range(Position(0, 0), Position(1, 0))
    assert wire_range(span, ["ä\n"], PositionEncoding.UTF16)["end"] == {"line": 1, "character": 0}
