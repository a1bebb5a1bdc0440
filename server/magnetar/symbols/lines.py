"""Lines as the Language Server Protocol counts them: they end at CR LF, LF or CR, and nowhere else."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """The lines of a text as LSP counts them (CR LF, LF, CR), terminators kept."""
    if "\r" not in text:
        lines = text.split("\n")
        kept = [line + "\n" for line in lines[:-1]]
        return [*kept, lines[-1]] if lines[-1] else kept
    return _LINE.findall(text)


def first_line(text: str) -> str:
    """The first line of a text, cut at 200 characters: what tells a script's language."""
    return text[:200].partition("\n")[0].partition("\r")[0]


def blank_line(line: str) -> str:
    """A line without its text: its terminator alone."""
    return line[len(line.rstrip("\r\n")) :]
