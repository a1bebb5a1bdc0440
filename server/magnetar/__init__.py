"""magnetar: the context engine an editor keeps beside it; this module re-exports the public Python API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magnetar.cache.entry import CacheBackend as CacheBackend
    from magnetar.cache.entry import CacheEntry as CacheEntry
    from magnetar.cache.singleton import get_smart_cache as get_smart_cache
    from magnetar.cache.smart import SmartCache as SmartCache
    from magnetar.cache.stats import CacheStats as CacheStats
    from magnetar.prediction.model import PredictionModel as PredictionModel

_HOMES = {
    "CacheBackend": "magnetar.cache.entry",
    "CacheEntry": "magnetar.cache.entry",
    "CacheStats": "magnetar.cache.stats",
    "PredictionModel": "magnetar.prediction.model",
    "SmartCache": "magnetar.cache.smart",
    "get_smart_cache": "magnetar.cache.singleton",
}

__all__ = ["CacheBackend", "CacheEntry", "CacheStats", "PredictionModel", "SmartCache", "get_smart_cache"]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that the server does not wait for the library."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
