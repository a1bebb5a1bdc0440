"""The text of one open document under incremental edits, in any of the three position encodings.

Pure: no URIs, no service. A position beyond its line is the line's end, a line beyond the document is the document's
end, a position inside a character is that character's start, and a range that ends before it starts is turned around.
"""

from __future__ import annotations

import io

from magnetar.model import PositionEncoding


def split_lines(text: str) -> list[str]:
    r"""The lines with their ends (`\n`, `\r\n` or `\r`, nothing else); the last one has none and may be empty."""
    lines = io.StringIO(text, newline="").readlines()
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


class TextBuffer:
    """A list of lines: an edit costs what it touches, not what the document weighs."""

    def __init__(self, text: str, encoding: PositionEncoding) -> None:
        self._encoding = encoding
        self._lines = split_lines(text)

    @property
    def text(self) -> str:
        """The whole document."""
        return "".join(self._lines)

    def replace_all(self, text: str) -> None:
        """Puts `text` in place of everything."""
        self._lines = split_lines(text)

    def replace(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Puts `text` in place of what stands between two (line, character) positions of the client."""
        (first, before), (last, after) = sorted((self._locate(*start), self._locate(*end)))
        piece = self._lines[first][:before] + text + self._lines[last][after:]
        # A carriage return and a line feed that come to stand side by side are one line end.
        if piece.startswith("\n") and first > 0 and self._lines[first - 1].endswith("\r"):
            first -= 1
            piece = self._lines[first] + piece
        lines = split_lines(piece)
        if last + 1 < len(self._lines):
            lines.pop()  # the piece ends with the line end of its last line
        self._lines[first : last + 1] = lines

    def _locate(self, line: int, character: int) -> tuple[int, int]:
        """The line and code point of a client's position."""
        if line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        content = self._lines[line].rstrip("\r\n")
        return line, _code_point(content, character, self._encoding)


def _code_point(content: str, character: int, encoding: PositionEncoding) -> int:
    if encoding is PositionEncoding.UTF32 or content.isascii():
        return min(character, len(content))
    if encoding is PositionEncoding.UTF16:
        return len(content.encode("utf-16-le")[: 2 * character].decode("utf-16-le", "ignore"))
    return len(content.encode()[:character].decode("utf-8", "ignore"))
