"""The floor of warming: the same files read and parsed by bare tree-sitter, in as many processes, and nothing done with the trees."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Final

from magnetar.symbols.grammars import GRAMMARS, grammar
from magnetar.symbols.languages import language_of
from magnetar.workspace.pool import bulk_workers

_BATCH: Final = 16


def bare_parse(files: Sequence[Path]) -> float:
    """Seconds that it takes, starting the processes included."""
    began = perf_counter()
    batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    with ProcessPoolExecutor(bulk_workers(), mp_context=multiprocessing.get_context("spawn")) as pool:
        for _ in pool.map(_parse, batches):
            pass
    return perf_counter() - began


def _parse(files: Sequence[Path]) -> None:
    from tree_sitter import Parser

    for file in files:
        source = file.read_bytes()
        language = language_of(file.name, "")
        if language in GRAMMARS:
            Parser(grammar(language).language).parse(source)
