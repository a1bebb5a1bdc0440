"""The one cache of a process; the only state that a module of magnetar holds."""

from __future__ import annotations

import inspect
import threading
from typing import Any

from magnetar.cache.smart import SmartCache
from magnetar.errors import SettingsConflict

_lock = threading.Lock()
_made: tuple[SmartCache, dict[str, Any]] | None = None


def get_smart_cache(**settings: Any) -> SmartCache:
    """The process's cache: made by the first call with the settings of `SmartCache`, and the same one ever after.

    Raises:
        SettingsConflict: a later call names a setting that the cache does not have.
        TypeError: there is no such setting.
    """
    global _made  # noqa: PLW0603 - one per process is what this is for
    with _lock:
        signature = inspect.signature(SmartCache)
        bound = signature.bind(**settings)
        if _made is None:
            bound.apply_defaults()
            _made = SmartCache(**settings), dict(bound.arguments)
        cache, made_with = _made
        for name, value in settings.items():
            if made_with[name] != value:
                shown = name if name == "redis_url" else f"{name}={made_with[name]!r}"  # a URL may hold a password
                wanted = "another one" if name == "redis_url" else repr(value)
                raise SettingsConflict(f"The process's cache was made with {shown}; it cannot be had with {wanted}.")
        return cache
