"""How answers, progress and complaints look on a terminal: answers on stdout, the rest on stderr.

Colours and the progress bar appear on a terminal only (`NO_COLOR` and `TERM=dumb` are heeded). rich is imported when
something is first drawn.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from magnetar.cli.doctor import Finding
    from magnetar.model import ContextAnswer, Prediction, SearchHit, Skipped, WarmReport
    from magnetar.workspace.warming import Progress

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}
_COMMANDS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
_UNITS = ("B", "KB", "MB", "GB", "TB")


class Terminal:
    """Draws on the process's own stdout and stderr."""

    @cached_property
    def _out(self) -> Console:
        from rich.console import Console

        return Console(highlight=False, soft_wrap=True)

    @cached_property
    def _err(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, highlight=False, soft_wrap=True)

    # -- stderr ----------------------------------------------------------------------------------------------------

    def complain(self, message: str) -> None:
        """One message the user should see."""
        self._err.print(f"magnetar: {harmless(message)}", markup=False)

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """A bar for a warm-up, gone when it ends; None where stderr is no terminal."""
        if not sys.stderr.isatty():
            yield None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("reading the workspace"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Bar(*columns, console=self._err, transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def show_summary(self, answer: ContextAnswer) -> None:
        """How full an answer is and what it leaves out."""
        left_out = Counter(dropped.reason.value for dropped in answer.dropped)
        parts = [
            f"{len(answer.items):,} pieces, {answer.tokens:,} tokens, {answer.elapsed_ms:.0f} ms",
            *(
                [f"left out: {', '.join(f'{count} {reason}' for reason, count in left_out.items())}"]
                if left_out
                else []
            ),
            *([f"late: {', '.join(answer.late_sources)}"] if answer.late_sources else []),
        ]
        self._err.print("; ".join(parts), style="dim", markup=False)

    # -- stdout ----------------------------------------------------------------------------------------------------

    def show_document(self, text: str) -> None:
        """A text as it is, for whatever reads it; a terminal gets it without what would command it."""
        sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)

    def show_warm(self, report: WarmReport) -> None:
        """What a warm-up did."""
        self._line(
            (f"{report.files:,} files", "bold"),
            f", {report.symbols:,} symbols, {report.reused:,} files reused, {report.elapsed_ms / 1_000:.2f} s",
        )
        skipped = _skipped(report.skipped)
        if skipped:
            self._line((f"skipped: {', '.join(skipped)}", "dim"))

    def show_predictions(self, predictions: Sequence[Prediction], root: Path) -> None:
        """The likely next files, likeliest first."""
        for prediction in predictions:
            reasons = ", ".join(reason.signal.value for reason in prediction.reasons)
            self._line(
                (f"{prediction.probability:6.1%}  ", "cyan"),
                (_name(prediction.path, root), "bold"),
                (f"  {reasons}", "dim"),
            )
        if not predictions:
            self.complain("Nothing is known about what follows this file yet.")

    def show_hits(self, hits: Sequence[SearchHit], root: Path) -> None:
        """Places as `path:line: text`, the way editors and grep understand."""
        for hit in hits:
            place = f"{_name(hit.path, root)}:{hit.range.start.line + 1}:"
            self._line((place, "magenta"), f" {' '.join(hit.preview.split())}")
        if not hits:
            self.complain("Nothing was found.")

    def show_sections(self, sections: Mapping[str, Mapping[str, Any]]) -> None:
        """A title for each section, and its values in a column."""
        for title, values in sections.items():
            self._line((title, "bold"))
            for name, value in values.items():
                for label, text in _rows(name, value) if value is not None else ():
                    self._line((f"  {label:<24}", "dim"), text)

    def show_cleared(self, entries: int) -> None:
        """How much was forgotten."""
        self._line(f"{entries:,} entries removed.")

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """One line for each check, and how to mend what failed."""
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            mark, style = _MARKS[finding.status.value]
            self._line((f"{mark} ", style), (f"{finding.name:<{width}}  ", "bold"), finding.message)
            if finding.remedy:
                self._line((f"{'':<{width + 4}}{finding.remedy}", style))

    def _line(self, *parts: str | tuple[str, str]) -> None:
        from rich.text import Text

        shown = (harmless(part) if isinstance(part, str) else (harmless(part[0]), part[1]) for part in parts)
        self._out.print(Text.assemble(*shown))


def harmless(text: str) -> str:
    """A text with the characters replaced that move a terminal's cursor, command it, or turn the reading direction."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _skipped(skipped: Skipped) -> list[str]:
    from attrs import asdict

    return [f"{count:,} {name.replace('_', ' ')}" for name, count in asdict(skipped).items() if count]


def _rows(name: str, value: object) -> Iterator[tuple[str, str]]:
    """A value of the protocol as labelled texts: byte counts with a unit, lists spread out."""
    label = re.sub(r"([A-Z]|\d+)", lambda match: f" {match[1].lower()}", name)
    if isinstance(value, (list, tuple)):
        for entry in value:
            rest = ", ".join(text for key, item in entry.items() if key != "name" for text in _joined(key, item))
            yield f"{label.removesuffix('s')} {entry.get('name', '')}".strip(), rest
    elif name.endswith(("Bytes", "bytes")) and isinstance(value, int):
        yield label, _size(value)
    elif isinstance(value, float):
        yield label, f"{value:,.1f}"
    else:
        yield label, f"{value:,}" if isinstance(value, int) else str(value)


def _joined(name: str, value: object) -> Iterator[str]:
    return (f"{text} {label}" for label, text in _rows(name, value))


def _size(size: float) -> str:
    power = 0
    while size >= 1024 and power < len(_UNITS) - 1:
        size, power = size / 1024, power + 1
    return f"{size:,.0f} {_UNITS[power]}" if power < 2 else f"{size:,.1f} {_UNITS[power]}"
