"""Counting tokens with the real tokenizer, line by line, so that any run of lines is priced without it later.

The tokenizer takes tens of megabytes of memory: it lives in the worker processes, never in the server.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from itertools import accumulate, pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

_COMPILED = "bpe_openai._bindings"
_CHUNK = 100_000
"""Characters per call: the library refuses texts of a million."""


@lru_cache(maxsize=2)
def _counter(name: str) -> Callable[[str], int]:
    """The tokenizer's own count, which makes no list of tokens; the library's public face cannot but make one."""
    count: Callable[[str], int] = _compiled().tokenizer_for_encoding(name).count
    return count


def _compiled() -> ModuleType:
    """The library's compiled part alone: its Python part reads three tables at import, in half a second and 64 MB."""
    if _COMPILED not in sys.modules:
        package = find_spec(_COMPILED.partition(".")[0])
        spec = package and PathFinder.find_spec(_COMPILED, package.submodule_search_locations)
        if spec is None or spec.loader is None:
            raise ImportError(f"{_COMPILED} is not installed")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[_COMPILED] = module
    return sys.modules[_COMPILED]


def count_tokens(text: str, encoding: str = "o200k_base") -> int:
    """Tokens of a text; special tokens spelled out in it count as the text they are."""
    return _count(_without_surrogates(text), _counter(encoding))


def cumulative_tokens(lines: Sequence[str], encoding: str = "o200k_base") -> NDArray[np.int32]:
    """Tokens before each line, (lines + 1,) and ascending.

    Blank lines are counted with the line before them, as the tokenizer itself merges them, so the sum over a run of
    lines stays within 5 % above the true count of the run.
    """
    count_text = _counter(encoding)
    seen: dict[str, int] = {}
    counts = [0] * len(lines)
    starts = [number for number, line in enumerate(lines) if number == 0 or not line.isspace()]
    for start, end in pairwise([*starts, len(lines)]):
        text = lines[start] if end == start + 1 else "".join(lines[start:end])
        if text not in seen:
            seen[text] = _count(_without_surrogates(text), count_text)
        counts[start] = seen[text]
    return np.fromiter(accumulate(counts, initial=0), np.int32, len(lines) + 1)


def _count(text: str, count_text: Callable[[str], int]) -> int:
    if len(text) <= _CHUNK:
        return count_text(text)
    return sum(count_text(text[start : start + _CHUNK]) for start in range(0, len(text), _CHUNK))


def _without_surrogates(text: str) -> str:
    """Lone surrogates have no tokens, and the tokenizer refuses them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
