"""Every message the server takes: the method's name, its typed params, and how they are read off the wire.

Params only; what goes back is built in `answers.py`. Messages are read strictly (see `fields.py`) rather than through
lsprotocol's converter, which turns `5` into `"5"` and answers a wrong type with nothing a user could act on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from attrs import frozen

from magnetar.lsp.fields import (
    Fields,
    WirePosition,
    WireRange,
    array,
    boolean,
    directory,
    document,
    integer,
    one_of,
    position,
    range_,
    target,
    text,
    token,
)
from magnetar.model import ItemKind, Target

DID_FOCUS = "textDocument/didFocus"
DID_CHANGE_ACTIVE_DOCUMENT = "window/didChangeActiveDocument"
SERVER_STATUS = "experimental/serverStatus"

CONTEXT = "magnetar/context"
PREDICT = "magnetar/predict"
PREFETCH = "magnetar/prefetch"
WARM = "magnetar/warm"
SEARCH = "magnetar/search"
SYMBOLS = "magnetar/symbols"
STATS = "magnetar/stats"
EXPLAIN = "magnetar/explain"
CLEAR = "magnetar/clear"
SYNCHRONIZE = "magnetar/synchronize"
METHODS = (CONTEXT, PREDICT, PREFETCH, WARM, SEARCH, SYMBOLS, STATS, EXPLAIN, CLEAR, SYNCHRONIZE)
"""What `initialize` announces, in the protocol's order."""

TITLES: Mapping[str, str] = {
    CONTEXT: "Gathering context",
    PREDICT: "Predicting",
    PREFETCH: "Prefetching",
    WARM: "Indexing",
    SEARCH: "Searching",
    SYMBOLS: "Listing symbols",
    STATS: "Counting",
    EXPLAIN: "Explaining",
    CLEAR: "Clearing",
    SYNCHRONIZE: "Settling",
}
"""What a progress bar says of each."""


class Scope(str, Enum):
    """What `magnetar/clear` forgets."""

    CACHE = "cache"
    MODEL = "model"
    ALL = "all"


@frozen
class ContextParams:
    """`magnetar/context` and `magnetar/explain`."""

    query: str
    document: Target | None
    position: WirePosition | None
    selection: WireRange | None
    token_budget: int | None
    max_items: int
    include: frozenset[ItemKind]
    must_include: tuple[Target, ...]
    exclude: tuple[Target, ...]
    conversation_id: str | None
    preview: bool
    deadline_ms: int | None
    folder: Path | None

    @classmethod
    def read(cls, raw: Any) -> ContextParams:
        """From the wire."""
        fields = Fields.of(raw)
        include = fields.optional("include", array(one_of(ItemKind)))
        return cls(
            query=fields.optional("query", text) or "",
            document=fields.optional("textDocument", document),
            position=fields.optional("position", position),
            selection=fields.optional("selection", range_),
            token_budget=fields.optional("tokenBudget", integer(1)),
            max_items=fields.optional("maxItems", integer(1)) or 64,
            include=frozenset(ItemKind if include is None else include),
            must_include=fields.optional("mustInclude", array(target)) or (),
            exclude=fields.optional("exclude", array(target)) or (),
            conversation_id=fields.optional("conversationId", text),
            preview=fields.optional("preview", boolean) or False,
            deadline_ms=fields.optional("deadlineMs", integer(1)),
            folder=fields.optional("workspaceFolder", directory),
        )


@frozen
class PredictParams:
    """`magnetar/predict`."""

    document: Target | None
    top_k: int | None

    @classmethod
    def read(cls, raw: Any) -> PredictParams:
        """From the wire."""
        fields = Fields.of(raw)
        return cls(fields.optional("textDocument", document), fields.optional("topK", integer(1)))


@frozen
class PrefetchParams:
    """`magnetar/prefetch`."""

    targets: tuple[Target, ...]

    @classmethod
    def read(cls, raw: Any) -> PrefetchParams:
        """From the wire."""
        return cls(Fields.of(raw).required("uris", array(target)))


@frozen
class WarmParams:
    """`magnetar/warm`."""

    folder: Path | None
    patterns: tuple[str, ...] | None
    progress: str | int | None
    """Where to report how far it is."""

    @classmethod
    def read(cls, raw: Any) -> WarmParams:
        """From the wire."""
        fields = Fields.of(raw)
        return cls(
            folder=fields.optional("workspaceFolder", directory),
            patterns=fields.optional("patterns", array(text)),
            progress=fields.optional("workDoneToken", token),
        )


@frozen
class SearchParams:
    """`magnetar/search`."""

    query: str
    limit: int
    folder: Path | None

    @classmethod
    def read(cls, raw: Any) -> SearchParams:
        """From the wire."""
        fields = Fields.of(raw)
        return cls(
            query=fields.required("query", text),
            limit=fields.optional("limit", integer(1)) or 20,
            folder=fields.optional("workspaceFolder", directory),
        )


@frozen
class SymbolsParams:
    """`magnetar/symbols`."""

    document: Target | None
    query: str | None
    limit: int
    folder: Path | None

    @classmethod
    def read(cls, raw: Any) -> SymbolsParams:
        """From the wire."""
        fields = Fields.of(raw)
        return cls(
            document=fields.optional("textDocument", document),
            query=fields.optional("query", text),
            limit=fields.optional("limit", integer(1)) or 100,
            folder=fields.optional("workspaceFolder", directory),
        )


@frozen
class StatsParams:
    """`magnetar/stats`."""

    folder: Path | None

    @classmethod
    def read(cls, raw: Any) -> StatsParams:
        """From the wire."""
        return cls(Fields.of(raw).optional("workspaceFolder", directory))


@frozen
class ClearParams:
    """`magnetar/clear`."""

    scope: Scope
    folder: Path | None

    @classmethod
    def read(cls, raw: Any) -> ClearParams:
        """From the wire."""
        fields = Fields.of(raw)
        return cls(fields.required("scope", one_of(Scope)), fields.optional("workspaceFolder", directory))


@frozen
class SynchronizeParams:
    """`magnetar/synchronize`."""

    @classmethod
    def read(cls, raw: Any) -> SynchronizeParams:
        """From the wire."""
        Fields.of(raw)
        return cls()


REQUESTS: Mapping[str, Callable[[Any], Any]] = {
    CONTEXT: ContextParams.read,
    PREDICT: PredictParams.read,
    PREFETCH: PrefetchParams.read,
    WARM: WarmParams.read,
    SEARCH: SearchParams.read,
    SYMBOLS: SymbolsParams.read,
    STATS: StatsParams.read,
    EXPLAIN: ContextParams.read,
    CLEAR: ClearParams.read,
    SYNCHRONIZE: SynchronizeParams.read,
}
"""How the params of our own requests are read."""
