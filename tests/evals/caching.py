"""How often a file's content is in the cache when it is asked for, by the shared instrument, beside other policies.

usage: npm run eval:cache -- TRACES.jsonl… [--share 0.05 0.10 0.25] [--min-p 0.025] [--warm 50]
The last table is of cold sessions: each begins with an empty cache of any size, and may be warmed with the likeliest files.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from magnetar import PredictionModel
from magnetar.workspace.workspace import LEAST_LIKELY, PREFETCHED

from .instruments import ROOT, json_rows, measure
from .rivals import CACHE
from .tables import markdown

_NOWHERE = ""
"""What a session looks at before its first access: no key."""


@frozen
class Access:
    """One access of a trace, and what searches had shown by then."""

    at: float
    session: str
    path: str
    edit: bool
    shown: tuple[tuple[str, ...], ...]


def read_accesses(lines: Iterable[str]) -> list[Access]:
    """The accesses of all sessions of a trace in time, without immediate repeats."""
    found: list[Access] = []
    for session in map(json.loads, lines):
        found += _accesses(session)
    found.sort(key=lambda access: access.at)
    last: dict[str, str] = {}
    kept = []
    for access in found:
        if last.get(access.session) != access.path:
            kept.append(access)
        last[access.session] = access.path
    return kept


def cold_hits(accesses: Sequence[Access], warm: int, prefetched: int = 0, least: float = 0.0) -> tuple[float, float]:
    """The percent of accesses that hit where every session begins cold, and the loads for each access.

    Args:
        accesses: in time.
        warm: how many of the likeliest files each session begins with.
        prefetched: how many predicted files are loaded after each access.
        least: the probability from which on they are.
    """
    model = PredictionModel()
    cached: dict[str, set[str]] = {}
    hits = loads = 0
    for access in accesses:
        session = access.session
        if session not in cached:
            cached[session] = set(model.predict_next(_NOWHERE, top_k=warm, session=session)) if warm else set()
            loads += len(cached[session])
        for paths in access.shown:
            model.record_results(paths, session=session)
        hits += access.path in cached[session]
        cached[session].add(access.path)
        kind = "edit" if access.edit else "open"
        model.record_access(access.path, session=session, at=access.at, kind=kind)
        if prefetched:
            likely = model.predict(access.path, top_k=prefetched, session=session)
            wanted = {key for key, probability in likely if probability >= least} - cached[session]
            cached[session] |= wanted
            loads += len(wanted)
    count = max(len(accesses), 1)
    return 100 * hits / count, loads / count


def hit_table(paths: Sequence[str], shares: Sequence[float], least: float) -> str:
    """Hit ratios and loads by policy and size of the cache."""
    prefetching = ("--prefetch", str(PREFETCHED), "--min-p", str(least))
    policies: dict[str, tuple[str, ...]] = {
        "LRU": ("--system", "lru"),
        "magnetar": (),
        f"magnetar, prefetching {PREFETCHED} from p ≥ {least:g} on": prefetching,
        "Belady's optimum": ("--system", "belady"),
    }
    lines = []
    for name, options in policies.items():
        cells: list[str] = []
        for share in shares:
            rows = json_rows(measure("cache_eval.py", ["--json", "--share", str(share), *options, *paths]))
            cells.append(f"{_mean(rows, 'hit'):.1f}")
            cells.append(f"{_mean(rows, 'loads'):.2f}")
        lines.append([name, *cells])
    columns = [column for share in shares for column in (f"hit at {share:.0%}", "loads")]
    return markdown(["policy", *columns], lines)


def _accesses(session: dict[str, Any]) -> Iterable[Access]:
    searches = list(session.get("search") or ())
    kinds = session.get("op") or "e" * len(session["seq"])
    for path, at, kind in zip(session["seq"], session["ts"], kinds, strict=True):
        shown = []
        while searches and searches[0][0] <= at:
            shown.append(tuple(searches.pop(0)[1]))
        yield Access(at, session["session_id"], path, kind in "ew", tuple(shown))


def _mean(rows: Sequence[dict[str, Any]], name: str) -> float:
    return float(sum(row[name] for row in rows)) / len(rows)


def main(arguments: Sequence[str]) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(
        prog="eval:cache", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("traces", nargs="+", type=Path)
    parser.add_argument("--share", nargs="+", type=float, default=[0.05, 0.10, 0.25])
    parser.add_argument("--min-p", dest="least", type=float, default=LEAST_LIKELY)
    parser.add_argument("--warm", type=int, default=50)
    chosen = parser.parse_args(arguments)
    paths = [(ROOT / path).resolve() for path in chosen.traces]
    sys.stdout.write("\n" + hit_table([str(path) for path in paths], chosen.share, chosen.least) + "\n")
    sys.stdout.write(markdown(["published", "hit at 5%", "hit at 10%", "hit at 25%"], CACHE) + "\n")
    variants = {
        "cold": (0, 0, 0.0),
        f"with the {chosen.warm} likeliest files warm": (chosen.warm, 0, 0.0),
        "and prefetching": (chosen.warm, PREFETCHED, chosen.least),
    }
    for path in paths:
        accesses = read_accesses(path.read_text("utf-8").splitlines())
        rows = [(name, *cold_hits(accesses, *variant)) for name, variant in variants.items()]
        lines = [(name, f"{hit:.1f}", f"{loads:.2f}") for name, hit, loads in rows]
        sys.stdout.write(markdown([f"cold sessions of {path.stem}", "hit", "loads"], lines) + "\n")
