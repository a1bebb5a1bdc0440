"""Whether the definitions of what the code under a cursor uses are in the answer, by what a full language server resolves.

usage: npm run eval:cursor -- FOLDER… [--positions 60] [--budget 2048 4096 8192] [--seed 1] [--each]

A position stands on a random line inside a random function of three lines or more of a checkout; `magnetar/context` is
asked with it and no query. Every name in the function that the oracle (jedi, typescript-language-server) traces to a
definition in the folder, outside that function, wants that definition: it is found where the line that defines it stands
in a range of the answer. Parameters and modules are no definitions; a definition counts once for each position.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from magnetar.context.engine import Engine
from magnetar.model import ContextRequest, Position, SymbolKind, Target
from magnetar.symbols.facts import Facts
from magnetar.workspace.history import load_history

from .language_servers import Definition, Jedi, TypeScript, uses
from .memory_workspace import MemoryWorkspace
from .tables import markdown, mean

_BODIES = frozenset({SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR})
_LANGUAGES = {".py": "Python", ".ts": "TypeScript", ".tsx": "TypeScript"}
_SHORTEST = 3
_LARGEST = 400_000

Case = dict[str, Any]
"""`path`, `line`, `column` of the position; `start`, `end` of its function; `wanted`: [name, path, line] of definitions."""


def read_folder(root: Path) -> dict[str, str]:
    """Tracked text files of a checkout."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True).stdout
    texts: dict[str, str] = {}
    for path in filter(None, listed.decode("utf-8", "replace").split("\0")):
        file = root / path
        if file.is_file() and not file.is_symlink() and file.stat().st_size < _LARGEST:
            data = file.read_bytes()
            if b"\0" not in data[:8_000]:
                texts[path] = data.decode("utf-8", "replace")
    return texts


def head_of(root: Path) -> str:
    """The commit that a checkout is at, abbreviated."""
    told = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, check=True, text=True)
    return told.stdout[:12]


def sample(workspace: MemoryWorkspace, facts: Mapping[str, Facts], count: int, seed: int) -> list[Case]:
    """Positions inside functions, drawn evenly from all functions of the folder."""
    functions = [
        (path, symbol.range.start.line, symbol.range.end.line + 1)
        for path in sorted(facts)
        if Path(path).suffix in _LANGUAGES and not path.endswith(".d.ts")
        for symbol in facts[path].symbols
        if symbol.kind in _BODIES and symbol.range.end.line + 1 - symbol.range.start.line >= _SHORTEST
    ]
    chance = random.Random(seed)
    chance.shuffle(functions)
    cases: list[Case] = []
    for path, start, end in functions[: 3 * count]:
        line = chance.randrange(start + 1, end)
        text = workspace.lines(path)[line]
        column = len(text) - len(text.lstrip())
        cases.append({"path": path, "line": line, "column": column, "start": start, "end": end})
    return cases


async def consult(
    root: Path, workspace: MemoryWorkspace, facts: Mapping[str, Facts], cases: Iterable[Case], count: int
) -> list[Case]:
    """The first positions whose function uses anything of the folder, with what it uses."""
    asked: list[Case] = []
    jedi = Jedi(root)
    async with TypeScript.started(root) as typescript:
        for case in cases:
            oracle = jedi if case["path"].endswith(".py") else typescript
            start, end = case["start"], case["end"]
            names = list(uses(workspace.lines(case["path"]), start, end))
            wanted = {
                (one.path, one.line): one.name
                for one in await oracle.definitions(case["path"], names)
                if one.path in workspace.files
                and not (one.path == case["path"] and (start <= one.line < end or _imports(facts[one.path], one)))
            }
            if wanted:
                asked.append(case | {"wanted": [[name, *place] for place, name in sorted(wanted.items())]})
            if len(asked) == count:
                break
    return asked


def _imports(facts: Facts, found: Definition) -> bool:
    """Whether what an oracle found is no definition but the import of a package that it can't see."""
    imported = any(found.name in one.names and one.line <= found.line <= one.line + 20 for one in facts.imports)
    return imported and all(symbol.selection.start.line != found.line for symbol in facts.symbols)


async def score(engine: Engine, workspace: MemoryWorkspace, case: Case, budget: int) -> dict[str, Any]:
    """How many of the wanted definitions one answer shows."""
    document = Target.of(workspace.root / case["path"])
    position = Position(case["line"], case["column"])
    request = ContextRequest(document=document, position=position, token_budget=budget, deadline_ms=60_000)
    answer = await engine.context(request)
    shown = {
        (item.path.relative_to(workspace.root).as_posix(), line)
        for item in answer.items
        for span in item.ranges
        for line in range(span.start.line, span.end.line + 1)
    }
    files = {path for path, _ in shown}
    hits = [(path, line) in shown for _, path, line in case["wanted"]]
    elsewhere = [hit for hit, (_, path, _) in zip(hits, case["wanted"], strict=True) if path != case["path"]]
    here = [hit for hit, (_, path, _) in zip(hits, case["wanted"], strict=True) if path == case["path"]]
    return {
        "language": _LANGUAGES[Path(case["path"]).suffix],
        "recall": sum(hits) / len(hits),
        "found": sum(hits),
        "wanted": len(hits),
        "here": sum(here) / len(here) if here else None,
        "elsewhere": sum(elsewhere) / len(elsewhere) if elsewhere else None,
        "files": sum(path in files for _, path, _ in case["wanted"]) / len(hits),
        "tokens": answer.tokens,
        "missed": [wanted for wanted, hit in zip(case["wanted"], hits, strict=True) if not hit],
    }


async def evaluate(root: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """The scores of one folder, at every budget."""
    texts = read_folder(root)
    workspace = MemoryWorkspace(texts, load_history(root, seconds=120), root=root)
    facts = await workspace.facts(texts)
    kept = Path(chosen.cache) / f"cursor-{root.name}-{head_of(root)}-{chosen.seed}-{chosen.positions}.json"
    if not kept.exists():
        drawn = sample(workspace, facts, chosen.positions, chosen.seed)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(await consult(root, workspace, facts, drawn, chosen.positions)))
    engine = Engine(workspace)
    rows: list[dict[str, Any]] = []
    for case in json.loads(kept.read_text()):
        for budget in chosen.budget:
            row = await score(engine, workspace, case, budget)
            rows.append(row | {"folder": root.name, "budget": budget, "at": f"{case['path']}:{case['line'] + 1}"})
    return rows


def table(rows: Sequence[dict[str, Any]], budgets: Sequence[int]) -> str:
    """Recall by folder, by language and in all."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    names = [*dict.fromkeys(row["folder"] for row in rows), *sorted({row["language"] for row in rows}), "all"]
    for name in names:
        for budget in budgets:
            groups[name, budget] = [
                row for row in rows if row["budget"] == budget and name in (row["folder"], row["language"], "all")
            ]
    header = ["", "tokens", "positions", "definitions", "recall", "of all", "same file", "other files", "right file"]
    return markdown(
        header,
        (
            (
                name,
                budget,
                len(group),
                sum(row["wanted"] for row in group),
                f"{mean(group, 'recall'):.3f}",
                f"{sum(row['found'] for row in group) / max(sum(row['wanted'] for row in group), 1):.3f}",
                f"{mean(group, 'here'):.3f}",
                f"{mean(group, 'elsewhere'):.3f}",
                f"{mean(group, 'files'):.3f}",
            )
            for (name, budget), group in groups.items()
        ),
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="checkouts of repositories")
    parser.add_argument("--positions", type=int, default=60, help="of each folder")
    parser.add_argument("--budget", type=int, nargs="+", default=[4_096])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", default=str(Path(tempfile.gettempdir()) / "magnetar-evals"))
    parser.add_argument("--each", action="store_true", help="what was missed at each position")
    chosen = parser.parse_args(arguments)
    rows = [row for folder in chosen.folders for row in asyncio.run(evaluate(folder.resolve(), chosen))]
    if chosen.each:
        for row in rows:
            sys.stdout.write(f"{row['folder']} {row['at']} {row['recall']:.2f} {row['missed']}\n")
    sys.stdout.write(table(rows, chosen.budget))
