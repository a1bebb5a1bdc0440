"""What a hostile file may be called or hold does nothing to a terminal."""

import io
import sys
from pathlib import Path

import pytest

from magnetar.cli.terminal import Terminal, harmless
from magnetar.model import Position, Range, SearchHit

COMMANDS = {
    "a title": "\x1b]0;owned\x07",
    "the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "a colour": "\x1b[31m",
    "an eight-bit escape": "\x9b31m",
    "a line put over another": "harmful()\rharmless()",
    "a step back": "a\b\b",
    "another reading direction": "\u202enoitpecxe\u2066",
}


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nothing_in_a_text_commands_a_terminal(command, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    place = Range(Position(0, 0), Position(0, 1))
    Terminal().show_document(f"one\n{command}\ntwo\n")
    Terminal().show_hits([SearchHit(Path(f"/work/{command}.py"), place, 1.0, command, (), [])], Path("/work"))
    assert not set("\x1b\x07\x9b\r\b\u202e\u2066") & set(screen.getvalue())


def test_a_text_is_shown_as_it_is_otherwise_and_reaches_other_programs_untouched(monkeypatch):
    text = "größe = 1\t# 日本語 😀\r\nnext\n"
    assert harmless(text) == text
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    Terminal().show_document(COMMANDS["a title"])
    assert pipe.getvalue() == COMMANDS["a title"]
