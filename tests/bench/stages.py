"""Where the time of a warm-up goes: the stages that a file passes in a worker, timed one by one, in processor time.

usage: python -m tests.bench.stages     prints the table alone
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Final, TypeVar

from magnetar.files.read import Text, read_text
from magnetar.files.secrets import secret_lines
from magnetar.symbols.dialects import dialect
from magnetar.symbols.extract import extract
from magnetar.symbols.grammars import GRAMMARS, grammar
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import split_lines
from magnetar.symbols.parsing import capture, parse
from magnetar.symbols.pieces import Layout, split_pieces
from magnetar.symbols.tokens import cumulative_tokens
from magnetar.symbols.words import count_terms, lexicon_of, total_of
from magnetar.workspace.extraction import Rules, extract_files

from .measure import FULL, Effort
from .workspaces import make_workspace

T = TypeVar("T")

_MOST_BYTES: Final = 1_048_576
_NOTE: Final = """\
## Where the time of a warm-up goes

Processor time in a worker for {files} files, {size:.0f} KB each: {total:.1f} ms a file. A bare parse is {parse:.0%} of that, so that the aim of
0.7 of its speed leaves {left:.1f} ms a file for all the rest, and starting the workers, sending and storing besides."""


def section(effort: Effort) -> Iterator[str]:
    """The report's lines."""
    with tempfile.TemporaryDirectory(prefix="magnetar-bench-") as directory:
        root = Path(directory)
        make_workspace(root, 600 if effort is FULL else 20)
        files = [path for path in sorted(root.rglob("*")) if path.is_file() and ".git" not in path.parts]
        for _ in (1, 2):  # the first pass warms caches, as the files before do
            stages: Counter[str] = Counter()
            for path in files:
                _pass(root, path, stages)
        size = sum(path.stat().st_size for path in files) / len(files) / 1e3
    total, number = stages.pop("all"), len(files)
    stages["declarations and imports"] -= stages["parse"] + stages["query the tree"]
    left = 1e3 * stages["parse"] * (1 / 0.7 - 1) / number
    share = stages["parse"] / total
    yield from ("", _NOTE.format(files=number, size=size, total=1e3 * total / number, parse=share, left=left), "")
    yield from ("| stage | share | a file |", "|---|--:|--:|")
    stages["the rest: postings, headings, names, encoding"] = total - sum(stages.values())
    for name, seconds in stages.most_common():
        yield f"| {name} | {seconds / total:.0%} | {1e3 * seconds / number:.2f} ms |"


def _pass(root: Path, path: Path, stages: Counter[str]) -> None:
    def timed(name: str, call: Callable[[], T]) -> T:
        began = process_time()
        result = call()
        stages[name] += process_time() - began
        return result

    name = path.relative_to(root).as_posix()
    found = timed("read and hash", lambda: read_text(root, path, _MOST_BYTES))
    if not isinstance(found, Text):
        return
    text, language = found.text, language_of(name, "")
    timed("find secrets", lambda: secret_lines(text, name))
    lines = split_lines(text)
    source, dialect_name = dialect(text, language)
    if dialect_name in GRAMMARS:
        chosen = grammar(dialect_name, references=False)
        tree = timed("parse", lambda: parse(source, chosen.language))
        if tree is not None:
            timed("query the tree", lambda: capture(tree, chosen.query))
        timed("declarations and imports", lambda: extract(text, language, references=False))
    pieces = timed("split into pieces", lambda: split_pieces(Layout.of(lines)))
    bags = timed("words and terms", lambda: count_terms(lines, pieces))
    timed("words for the full text", lambda: lexicon_of(total_of(bags)))
    timed("price lines", lambda: cumulative_tokens(lines))
    rules = Rules(root, _MOST_BYTES, "o200k_base")
    timed("all", lambda: extract_files(rules, [name]))


if __name__ == "__main__":
    sys.stdout.write("\n".join(section(FULL)) + "\n")
