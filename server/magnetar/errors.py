"""Every error magnetar raises on purpose, in one tree.

    MagnetarError
    ├── CacheError
    │   ├── BackendUnavailable      a store cannot be opened or used
    │   │   └── ConnectionLost      a store on the network cannot be reached; it may come back by itself
    │   ├── CacheClosed             the cache was used before `initialize` or after `shutdown`
    │   └── SettingsConflict        `get_smart_cache` was called again with other settings
    ├── ModelFileError              a saved prediction model cannot be read or written
    │   └── OutdatedModelFile       it was saved by an older version, which learned otherwise
    └── RequestError                a request was understood but cannot be done
        ├── OutsideWorkspace        the document lies in no workspace folder
        ├── NoWorkspace             no folder is open
        ├── SecretFile              the file is denied by the privacy rules
        ├── NotFound                the file does not exist
        └── InvalidArguments        an argument is missing, of the wrong type or out of range

A driver's own errors (sqlite3, redis, OSError) are translated at that driver's edge with `raise … from`.
"""

from __future__ import annotations

from typing import ClassVar


class MagnetarError(Exception):
    """The root of the tree; its text is fit for a user and holds no file contents."""


class CacheError(MagnetarError):
    """Something is wrong with a cache or one of its backends."""


class BackendUnavailable(CacheError):
    """A store cannot be opened or used; the text names the store and what to do."""


class ConnectionLost(BackendUnavailable):
    """A store on the network cannot be reached: every call would fail until it is connected again."""


class CacheClosed(CacheError):
    """The cache was used before `initialize` or after `shutdown`."""


class SettingsConflict(CacheError):
    """`get_smart_cache` already made a cache with other settings."""


class ModelFileError(MagnetarError):
    """A saved prediction model cannot be read or written; the model in memory is unchanged."""


class OutdatedModelFile(ModelFileError):
    """A saved prediction model is of an older version, whose numbers mean something else; it has to be learned anew."""


class RequestError(MagnetarError):
    """A request that was understood but cannot be done; `kind` is the stable word clients switch on."""

    kind: ClassVar[str] = "requestFailed"


class OutsideWorkspace(RequestError):
    """The document lies in no open workspace folder."""

    kind = "outsideWorkspace"


class NoWorkspace(RequestError):
    """No workspace folder is open."""

    kind = "noWorkspace"


class SecretFile(RequestError):
    """The file is denied by the privacy rules."""

    kind = "secretFile"


class NotFound(RequestError):
    """The file does not exist."""

    kind = "notFound"


class InvalidArguments(RequestError):
    """An argument is missing, of the wrong type or out of range; the text names it and what it must be."""

    kind = "invalidArguments"
