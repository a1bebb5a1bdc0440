"""Lines without a string for each of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnetar.symbols.lines import Lines, split_lines


@given(st.text(alphabet="ab\r\n\u2028é\ud83d𝄞", max_size=20), st.integers(-9, 9), st.integers(-9, 9))
def test_lines_are_those_of_a_split_text(text, start, end):
    lines, expected = Lines(text), split_lines(text)

    assert (list(lines), len(lines), lines[start:end]) == (expected, len(expected), expected[start:end])
    if -len(expected) <= start < len(expected):
        assert lines[start] == expected[start]
    else:
        with pytest.raises(IndexError):
            lines[start]


def test_lines_of_equal_texts_are_equal():
    assert Lines("a\nb") == Lines("a\nb") != Lines("a\nb\n")
