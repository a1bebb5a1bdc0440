"""Telling other machines what they lack of what this one knows.

What a machine parses it tells at once, but others may not hear it: a team's Redis is named later, is away, or forgets. So
after a warm-up a sample of what is known here is looked for there, and only where some of it is lacking, all of it is. What
is told is taken from the stored facts; nothing is parsed for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from random import Random

from magnetar.cache.kinds import Symbols
from magnetar.symbols import codec

_SAMPLE = 32
_CHUNK = 256


def told_of(facts: Mapping[str, bytes]) -> dict[str, bytes]:
    """What others are told of contents with these facts; of those with a secret, and of damaged ones, nothing."""
    told = {}
    for key, blob in facts.items():
        with suppress(ValueError):
            extraction = codec.encode_extraction(blob)
            if extraction is not None:
                told[key] = extraction
    return told


class Telling:
    """Tells, one chunk after another, and never twice at once."""

    def __init__(self, symbols: Symbols, chance: Random | None = None) -> None:
        """Makes a teller of what `symbols` holds; `chance` draws the samples."""
        self._symbols = symbols
        self._chance = chance or Random()  # noqa: S311 - a sample, no secret
        self._busy = False

    async def tell(self, keys: Sequence[str]) -> int:
        """Tells others what they lack of the findings with these keys; how many of them they will hear."""
        if self._busy:
            return 0
        self._busy = True
        try:
            return await self._tell(list(dict.fromkeys(keys)))
        finally:
            self._busy = False

    async def _tell(self, keys: Sequence[str]) -> int:
        heard = await self._tell_lacking(self._chance.sample(keys, min(_SAMPLE, len(keys))))
        if heard == 0:
            return 0  # they know it all, or nobody listens
        for start in range(0, len(keys), _CHUNK):
            heard += await self._tell_lacking(keys[start : start + _CHUNK])
        return heard

    async def _tell_lacking(self, keys: Sequence[str]) -> int:
        known = await self._symbols.get_foreign(keys)
        facts = await self._symbols.get_many([key for key in keys if key not in known])
        return await self._symbols.share(told_of(facts))
