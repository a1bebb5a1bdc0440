"""The domain: frozen types that every layer shares, with no behaviour beyond their own invariants.

Positions are zero-based lines and **UTF-8 byte** columns; the language-server door converts them to the client's
encoding. A `path: str` is relative to its workspace folder, with `/` between its parts; a `Path` is absolute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, IntEnum
from functools import lru_cache
from pathlib import Path

from attrs import field, frozen

_MOST_PATHS = 16_384
"""So many paths and their URIs are remembered: an answer names a hundred, mostly the same ones again and again."""


@frozen(order=True)
class Position:
    """A place in a document: zero-based line, UTF-8 byte column."""

    line: int
    column: int


@frozen(order=True)
class Range:
    """From `start` up to, not including, `end`."""

    start: Position
    end: Position


class SymbolKind(IntEnum):
    """The Language Server Protocol's symbol kinds, by its numbers."""

    FILE = 1
    MODULE = 2
    NAMESPACE = 3
    PACKAGE = 4
    CLASS = 5
    METHOD = 6
    PROPERTY = 7
    FIELD = 8
    CONSTRUCTOR = 9
    ENUM = 10
    INTERFACE = 11
    FUNCTION = 12
    VARIABLE = 13
    CONSTANT = 14
    STRING = 15
    NUMBER = 16
    BOOLEAN = 17
    ARRAY = 18
    OBJECT = 19
    KEY = 20
    NULL = 21
    ENUM_MEMBER = 22
    STRUCT = 23
    EVENT = 24
    OPERATOR = 25
    TYPE_PARAMETER = 26


@frozen
class Symbol:
    """A definition: where it stands, where its name stands, and what it is in."""

    name: str
    kind: SymbolKind
    range: Range
    selection: Range
    container: str | None
    """The dotted names of the symbols around it, or None at the top level."""


@frozen
class Reference:
    """A use of a name that is defined elsewhere or not at all."""

    name: str
    line: int


@frozen
class Import:
    """An import as it is written: the module's spelling, the names taken from it, the line."""

    module: str
    names: tuple[str, ...]
    line: int


class ItemKind(str, Enum):
    """At which resolution a document is shown."""

    FILE = "file"
    OUTLINE = "outline"
    SYMBOL = "symbol"
    SNIPPET = "snippet"


class Signal(str, Enum):
    """Why a document is in an answer."""

    FOCUS = "focus"
    SELECTION = "selection"
    RECENT = "recent"
    EDITED = "edited"
    PREDICTED = "predicted"
    MENTIONED = "mentioned"
    IMPORTS = "imports"
    IMPORTED_BY = "importedBy"
    DEFINITION = "definition"
    REFERENCE = "reference"
    COCHANGE = "cochange"
    LEXICAL = "lexical"
    SEMANTIC = "semantic"
    PATH = "path"
    PINNED = "pinned"


class DropReason(str, Enum):
    """Why a candidate is not in an answer."""

    BUDGET = "budget"
    EXCLUDED = "excluded"
    IGNORED = "ignored"
    SECRET = "secret"  # noqa: S105 - the protocol's word, no password
    BINARY = "binary"
    TOO_LARGE = "tooLarge"
    UNREADABLE = "unreadable"
    OUTSIDE_WORKSPACE = "outsideWorkspace"
    MISSING = "missing"


class IndexState(str, Enum):
    """How far a folder's index is."""

    COLD = "cold"
    WARMING = "warming"
    READY = "ready"
    DEGRADED = "degraded"


class Health(str, Enum):
    """How the server is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class PositionEncoding(str, Enum):
    """The unit a client counts columns in."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@frozen
class Target:
    """A document as a client names it: the URI it used, and the absolute path where it is a file at all."""

    uri: str
    path: Path | None

    @classmethod
    def of(cls, path: Path) -> Target:
        """The target of an absolute path."""
        return cls(_uri_of(str(path)), path)


@lru_cache(maxsize=_MOST_PATHS)
def _uri_of(path: str) -> str:
    # by the text: on Windows, paths are equal that are spelled in another case
    return Path(path).as_uri()


def document_path(root: Path, name: str) -> Path:
    """The absolute path of a folder's document; the same object for a while, whose text and hash are then known, too."""
    return _joined(str(root), name)


@lru_cache(maxsize=_MOST_PATHS)
def _joined(root: str, name: str) -> Path:
    return Path(root) / name


@frozen
class Cursor:
    """A position as a client counts it; only whoever holds the text can turn it into a `Position`."""

    line: int
    character: int
    encoding: PositionEncoding


@frozen
class Reason:
    """One signal behind an item, with its share of the score (0..1) and, where it helps, the detail in words."""

    signal: Signal
    weight: float
    detail: str | None = None


@frozen
class ContextRequest:
    """`magnetar/context`, decoded and validated."""

    query: str = ""
    document: Target | None = None
    position: Cursor | None = None
    selection: tuple[Cursor, Cursor] | None = None
    token_budget: int = 8_192
    max_items: int = 64
    include: frozenset[ItemKind] = frozenset(ItemKind)
    must_include: tuple[Target, ...] = ()
    exclude: tuple[Target, ...] = ()
    conversation_id: str | None = None
    preview: bool = False
    """Whether the answer is only looked at: the conversation does not hold what it shows, and nothing learns of it."""
    deadline_ms: int | None = None
    folder: Path | None = None


@frozen
class Item:
    """One document, or pieces of one, as it stands in an answer."""

    path: Path
    kind: ItemKind
    language: str
    ranges: tuple[Range, ...]
    content: str
    symbols: tuple[Symbol, ...]
    tokens: int
    score: float
    reasons: tuple[Reason, ...]
    from_buffer: bool
    version: int | None
    mtime: float | None
    sha256: str
    cached: bool
    lines: Sequence[str]
    """The whole document's lines, for converting columns; never sent."""
    unchanged: bool = False


@frozen
class Dropped:
    """A candidate that was left out, and why."""

    target: Target
    reason: DropReason
    score: float
    tokens: int | None = None


@frozen
class IndexStatus:
    """How far a folder's index is, in files."""

    state: IndexState
    files: int
    indexed: int


@frozen
class ContextAnswer:
    """`magnetar/context`'s result."""

    items: tuple[Item, ...]
    tokens: int
    token_budget: int
    held_tokens: int
    """Tokens of items this conversation already holds unchanged."""
    removed: tuple[Target, ...]
    """Items the conversation holds that can no longer be served."""
    dropped: tuple[Dropped, ...]
    late_sources: tuple[str, ...]
    index: IndexStatus
    hits: int
    misses: int
    elapsed_ms: float


@frozen
class Candidate:
    """One row of `magnetar/explain`: a document, its fused score, and every signal's rank and weight."""

    path: Path
    score: float
    signals: tuple[tuple[Signal, int, float], ...]
    """(signal, rank from 1, weight) for each source that proposed it."""
    chosen: bool
    reason: str


@frozen
class Prediction:
    """A likely next document."""

    path: Path
    probability: float
    reasons: tuple[Reason, ...]


@frozen
class PrefetchReport:
    """What a prefetch did."""

    prefetched: int
    skipped: int
    failed: tuple[tuple[Target, str], ...]


@frozen
class Skipped:
    """Files a warm-up left out, by reason."""

    ignored: int = 0
    binary: int = 0
    too_large: int = 0
    secret: int = 0
    unreadable: int = 0


@frozen
class WarmReport:
    """What a warm-up did: all indexed files, their symbols, how many files were reused unread."""

    files: int
    symbols: int
    reused: int
    skipped: Skipped
    elapsed_ms: float


@frozen
class SearchHit:
    """One place that matches a search."""

    path: Path
    range: Range
    score: float
    preview: str
    signals: tuple[Signal, ...]
    lines: Sequence[str]
    """The whole document's lines, for converting columns; never sent."""


@frozen
class SymbolHit:
    """One symbol that matches a symbol query, and how the document declares it at this moment."""

    path: Path
    symbol: Symbol
    signature: str
    """The declaration on one line, without its body."""
    doc: str
    """The first line of its documentation, or an empty string."""
    lines: Sequence[str]
    """The whole document's lines, for converting columns; never sent."""


@frozen
class TierStats:
    """One tier of the cache."""

    name: str
    hits: int
    misses: int
    entries: int
    size_bytes: int


@frozen
class ServerStats:
    """`magnetar/stats`'s result, by its sections."""

    cache: Mapping[str, float | int]
    """`CacheStats.to_dict()` and `refresh_failures`."""
    backend: str
    tiers: tuple[TierStats, ...]
    prediction: Mapping[str, float | int]
    """transitions, documents, hitAt1, hitAt5 (percent), evaluated."""
    index: IndexStatus
    symbols: int
    embeddings: int
    index_bytes: int
    rss_bytes: int
    cpu_seconds: float
    uptime_seconds: float
    watcher_mode: str
    watcher_pending: int
    log_file: Path | None
    """What this process logs to, where that is a file."""


class ChangeKind(IntEnum):
    """The Language Server Protocol's file change types, by its numbers."""

    CREATED = 1
    CHANGED = 2
    DELETED = 3


@frozen
class FileChange:
    """A change on disk, as an editor or the watcher reports it."""

    path: Path
    kind: ChangeKind


@frozen
class ServerStatus:
    """`experimental/serverStatus`."""

    health: Health
    quiescent: bool
    message: str | None = field(default=None)
