"""What is aimed at for the cache and predictions, at the sizes that the aims name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from .aims import Aim
from .measure import Pair
from .report import Group, as_time

_LARGE: Final = "100,000"
_STATEMENT: Final = "floor: aiosqlite, one SELECT"
_COMPUTED: Final = (
    "A user's place at that key is made, and 32 candidates are weighed by 18 features; it is plain Python. Candidates gathered in other "
    "ways, ages and words in one loop were tried, and took as many instructions."
)
_OF_HITS: Final = "With 100,000 entries it waits for memory, and so does the awaited dictionary, which takes longer; with 1,000 it is within the aim."
_OF_SETS: Final = (
    "A value is checked and copied by way of JSON, and its bytes are counted, which the dictionary does not do."
)


@frozen
class _Wanted:
    """An aim for one row of the report: by the clock, or beside the other one."""

    what: str
    operation: str
    size: str
    rival: str
    ratio: float = 0.0
    """Ours divided by the other's, at most; 0 where the aim is a time."""
    p50: float = 0.0
    """Nanoseconds at most."""
    p99: float = 0.0
    why: str = ""

    def aims(self, pair: Pair) -> Iterator[Aim]:
        for name, figure, most in (
            ("p50", pair.our_timing.p50, self.p50),
            ("p99", pair.our_timing.p99, self.p99),
        ):
            if most:
                yield Aim(f"{self.what}: {name}", as_time(figure), as_time(most), figure / most, self.why)
        if self.ratio:
            name = f"{self.what} ÷ {pair.rival.removeprefix('floor: ')}"
            yield Aim(name, f"{pair.ratio:.2f}", f"{self.ratio:g}", pair.ratio / self.ratio, self.why)


_ALL: Final = (
    _Wanted("hit in memory", "get, hit", _LARGE, "floor: awaited dictionary", ratio=2, p50=1e3, why=_OF_HITS),
    _Wanted("set that evicts", "set, evicting", _LARGE, "floor: awaited dictionary", p50=5e3, p99=20e3, why=_OF_SETS),
    _Wanted("hit in SQLite, 8 KB", "get, hit", f"{_LARGE} of 8 KB", _STATEMENT, ratio=2, p99=1e6),
    _Wanted(
        "the same beside a writer",
        "get, hit, while a process commits",
        f"{_LARGE} of 8 KB",
        _STATEMENT,
        ratio=2,
        p99=1e6,
    ),
    _Wanted("known prediction", "predict, latest key", _LARGE, "floor: order-1 Markov counter", p50=1e3),
    _Wanted("prediction, any key", "predict, any key", _LARGE, "floor: order-1 Markov counter", p99=1e5, why=_COMPUTED),
    _Wanted(
        "prediction, 10,000 followers",
        "predict, very many successors",
        _LARGE,
        "floor: order-1 Markov counter",
        p99=1e5,
        why=_COMPUTED,
    ),
    _Wanted("hit in Redis", "get, hit", "1 KB, TCP", "redis-py", ratio=1.3),
)


def aims_of(groups: Sequence[Group]) -> list[Aim]:
    """The aims that the groups' rows are measured by."""
    rows = {(pair.operation, pair.size, pair.rival): pair for group in groups for pair in group.pairs()}
    found = ((wanted, rows.get((wanted.operation, wanted.size, wanted.rival))) for wanted in _ALL)
    return [aim for wanted, pair in found if pair is not None for aim in wanted.aims(pair)]
