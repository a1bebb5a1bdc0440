"""Parts of answers as the bytes they are sent as: what was sent before is not encoded anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import orjson

_One = TypeVar("_One")

_MOST = 16


class Encoded:
    """The latest parts, by identity: domain types are immutable, so the same part has the same bytes."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Sequence[object], orjson.Fragment]] = OrderedDict()

    def of(self, part: Sequence[_One], wire: Callable[[_One], Mapping[str, Any]]) -> orjson.Fragment:
        """The JSON of a list; `wire` is what one of it looks like on the wire, and is called where that is not known."""
        known = self._known.get(id(part))
        if known is not None and known[0] is part:
            self._known.move_to_end(id(part))
            return known[1]
        fragment = orjson.Fragment(orjson.dumps([wire(one) for one in part]))
        self._known[id(part)] = part, fragment
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return fragment
