import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnetar.lsp.textbuffer import TextBuffer, split_lines
from magnetar.model import PositionEncoding

TEXT = st.text(st.sampled_from("ab \t\n\r\x0b\x0c\x1c\x85\u2028é€😀\U0001d4b3"), max_size=30)
POSITION = st.tuples(st.integers(0, 8), st.integers(0, 12))
WIDTH = {
    PositionEncoding.UTF8: lambda c: len(c.encode()),
    PositionEncoding.UTF16: lambda c: 2 if ord(c) > 0xFFFF else 1,
    PositionEncoding.UTF32: len,
}


def offset(text, position, encoding):
    """The specification, word for word: walk to the line, then over its characters."""
    line, character = position
    start = 0
    for _ in range(line):
        end = re.compile(r"\r\n|\r|\n").search(text, start)
        if end is None:
            return len(text)
        start = end.end()
    units = 0
    while start < len(text) and text[start] not in "\r\n":
        units += WIDTH[encoding](text[start])
        if units > character:
            break
        start += 1
    return start


def reference(text, edits, encoding):
    for start, end, new in edits:
        a, b = sorted((offset(text, start, encoding), offset(text, end, encoding)))
        text = text[:a] + new + text[b:]
    return text


@given(TEXT, st.lists(st.tuples(POSITION, POSITION, TEXT), max_size=8), st.sampled_from(PositionEncoding))
def test_any_edits_give_what_the_specification_gives(text, edits, encoding):
    buffer = TextBuffer(text, encoding)
    for edit in edits:
        buffer.replace(*edit)
    expected = reference(text, edits, encoding)
    assert buffer.text == expected
    assert buffer._lines == split_lines(expected)


@given(TEXT)
def test_lines_end_at_the_three_line_ends_of_the_protocol_and_nowhere_else(text):
    assert "".join(split_lines(text)) == text
    assert len(split_lines(text)) == len(re.findall(r"\r\n|\r|\n", text)) + 1


@pytest.mark.parametrize(
    ("encoding", "character"), [(PositionEncoding.UTF8, 5), (PositionEncoding.UTF16, 3), (PositionEncoding.UTF32, 2)]
)
def test_a_column_counts_the_units_of_the_encoding(encoding, character):
    buffer = TextBuffer("a😀b\n", encoding)
    buffer.replace((0, character), (0, character), "|")
    assert buffer.text == "a😀|b\n"


@pytest.mark.parametrize(("encoding", "character"), [(PositionEncoding.UTF8, 3), (PositionEncoding.UTF16, 2)])
def test_a_position_inside_a_character_is_its_start(encoding, character):
    buffer = TextBuffer("a😀b", encoding)
    buffer.replace((0, character), (0, character), "|")
    assert buffer.text == "a|😀b"


def test_a_position_beyond_everything_is_the_end():
    buffer = TextBuffer("one\r\ntwo", PositionEncoding.UTF16)
    buffer.replace((0, 99), (0, 2**31), "!")
    buffer.replace((99, 0), (99, 99), "?")
    assert buffer.text == "one!\r\ntwo?"


def test_a_whole_replacement_starts_over():
    buffer = TextBuffer("one\ntwo", PositionEncoding.UTF16)
    buffer.replace_all("three\n")
    buffer.replace((1, 0), (1, 0), "four")
    assert buffer.text == "three\nfour"
