"""Draws what a terminal showed as an SVG picture, for the README.

FORCE_COLOR=1 npm -s start 2>/dev/null | .venv/bin/python server/docs/picture.py "npm start" > server/docs/answer.svg
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import io
import re
import sys

from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_THEME = TerminalTheme(
    (17, 19, 28),
    (214, 217, 228),
    [
        (40, 44, 60),
        (240, 113, 120),
        (142, 204, 146),
        (240, 198, 116),
        (122, 162, 247),
        (187, 154, 247),
        (115, 218, 202),
        (214, 217, 228),
    ],
)
# Pages that show the picture load no fonts for it: the reader's own monospace must do.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", "ui-monospace, 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
)


def main() -> None:
    """Reads a terminal's output from stdin; the title is the argument."""
    console = Console(record=True, width=102, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    console.print(Text.from_ansi(sys.stdin.read().strip("\n")), soft_wrap=True)
    sys.stdout.write(console.export_svg(title=sys.argv[1], theme=_THEME, code_format=_FORMAT))


main()
