"""Facts that are ready for use, as many as fit into so many bytes: those used longest ago go first."""

from __future__ import annotations

from collections import OrderedDict

from magnetar.symbols import codec
from magnetar.symbols.facts import Facts

_OVERHEAD = 4_096
"""Bytes that facts take beside those they were stored as: the objects around each array, and what was asked for of them."""
_DEFINITION = 160
"""Bytes that each definition takes, once the names of all were asked for."""


class DecodedFacts:
    """Facts by key and header tokens."""

    def __init__(self, most_bytes: int) -> None:
        """Keeps none yet."""
        self._left = most_bytes
        self._kept: OrderedDict[tuple[str, int], tuple[Facts, int]] = OrderedDict()

    def get(self, key: str, header_tokens: int) -> Facts | None:
        """Facts that are kept."""
        found = self._kept.get((key, header_tokens))
        if found is None:
            return None
        self._kept.move_to_end((key, header_tokens))
        return found[0]

    def decode(self, key: str, header_tokens: int, blob: bytes) -> Facts:
        """Reads facts and keeps them.

        Raises:
            ValueError: The bytes are no facts.
        """
        facts = codec.decode_facts(blob, header_tokens)
        size = len(blob) + _OVERHEAD + _DEFINITION * facts.symbol_count
        _, before = self._kept.pop((key, header_tokens), (None, 0))
        self._kept[key, header_tokens] = facts, size
        self._left += before - size
        while self._left < 0:
            _, (_, freed) = self._kept.popitem(last=False)
            self._left += freed
        return facts
