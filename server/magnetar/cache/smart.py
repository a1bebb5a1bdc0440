"""The smart cache: values by key, with times to live and limits, that learns which key comes next.

This is the door that `magnetar` exports. It says what counts as an access and joins the parts: stores, learning, loading,
refreshing. It leaves out how each of them works, and everything about editors and workspaces.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import random as random_number
from typing import Any, Final

from attrs import frozen
from typing_extensions import Self

from magnetar.cache.backends.base import FOREVER, Backend, Limits, Record
from magnetar.cache.backends.memory import MISSING
from magnetar.cache.codec import Encoded, Form, encode, serialize
from magnetar.cache.entry import CacheBackend
from magnetar.cache.keys import sharing
from magnetar.cache.learning import LONG, Learner
from magnetar.cache.loading import Loader, Loads
from magnetar.cache.places import default_db_path, make_directory
from magnetar.cache.prefetch import Prefetcher
from magnetar.cache.refresh import Refresher
from magnetar.cache.stats import CacheStats
from magnetar.cache.stores import Stores, StoreSettings, make_stores
from magnetar.cache.warming import SourceTree
from magnetar.errors import BackendUnavailable, CacheClosed, ModelFileError, OutdatedModelFile
from magnetar.model import TierStats
from magnetar.prediction.model import PredictionModel

DISK_MAX_BYTES: Final = 2 * 1024**3

_IDLE_SECONDS: Final = 0.05
_BREATH_SECONDS: Final = 0.005

_log = logging.getLogger(__name__)


class SmartCache:
    """A cache with eviction by recency and frequency, prediction, prefetching and background refresh.

    Every `get` that hits and every `set` is an access: it moves the key's recency and frequency, and the prediction model
    learns it in its context. `prefetch`, `warm_cache` and `background_refresh` are none. Values are what `json` takes (see
    `magnetar.cache.codec`, also for arrays of floats); a value that was got may be shared and must not be changed.

    Any number of tasks may use it at once; with `MEMORY`, any number of threads too.
    """

    def __init__(
        self,
        backend: CacheBackend = CacheBackend.MEMORY,
        max_size: int = 10_000,
        max_size_bytes: int = 100 * 1024 * 1024,
        db_path: Path | None = None,
        redis_url: str | None = None,
        default_ttl: int = 300,
        *,
        disk_max_bytes: int = DISK_MAX_BYTES,
        namespace: str = "library",
        may_share: Callable[[str], bool] | None = None,
        on_degraded: Callable[[str | None], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = random_number,
    ) -> None:
        """Makes a cache that is still to be initialized.

        Args:
            backend: where values live.
            max_size: most entries.
            max_size_bytes: most bytes, of the values' JSON in UTF-8.
            db_path: the SQLite file; by default one in the platform's cache directory.
            redis_url: the Redis of `REDIS`, by default the one on this machine, and the one below `TIERED`, by default none:
                `redis://`, `rediss://` (TLS) or `unix://`, with user, password and database number as redis-py reads them.
            default_ttl: seconds that a value lives unless told otherwise.
            disk_max_bytes: most bytes in the SQLite file of `TIERED`.
            namespace: what sets this cache's entries apart from others in the same Redis.
            may_share: which keys of `TIERED` may live in Redis; by default all but those of files, directories, searches
                and conversations (see `magnetar.cache.keys`).
            on_degraded: told why when a store begins to fail, and None when it works again.
            clock: seconds since the epoch.
            random: a number from 0 to 1.

        Raises:
            ValueError: a limit or `default_ttl` is not positive, or the namespace cannot be one.
        """
        _require_positive("max_size", max_size)
        _require_positive("max_size_bytes", max_size_bytes)
        _require_positive("default_ttl", default_ttl)
        _require_positive("disk_max_bytes", disk_max_bytes)
        if not namespace.isprintable() or not namespace or set(namespace) & set("{}"):  # which would end a hash tag
            raise ValueError(f"namespace must be a name without braces, not {namespace!r}.")
        self.backend_type = backend
        self._limits = Limits(max_size, max_size_bytes)
        self._default_ttl = min(default_ttl, FOREVER)
        self.on_degraded = on_degraded
        self._clock = clock
        self._random = random
        self._settings = StoreSettings(
            backend=backend,
            limits=self._limits,
            disk_limits=Limits(sys.maxsize, disk_max_bytes),
            db_path=Path(db_path) if db_path is not None else default_db_path(),
            redis_url=redis_url,
            namespace=namespace,
            may_share=may_share or sharing(contents=False, own_keys=True),
            clock=clock,
        )
        self._learner = Learner(PredictionModel())
        self._accesses = self._learner.queue
        self._loaders: dict[str, Loader] = {}
        self._failed_refreshes = 0  # before it was last opened
        self._changing = asyncio.Lock()
        self._ready = False
        self._parts: _Parts | None = None
        self._look_up: Callable[[str], Any] = _nothing
        self._last_stats = CacheStats(max_size=max_size, max_size_bytes=max_size_bytes)

    # -- opening and closing ---------------------------------------------------------------------------------------

    async def initialize(self) -> None:
        """Opens the stores; calling it again retries the one that failed, if one did.

        Raises:
            BackendUnavailable: a store cannot be opened. `TIERED` then answers from memory all the same.
        """
        async with self._changing:
            if self._ready and self.degraded is None:
                return
            parts = self._parts or self._make_parts()
            try:
                await parts.stores.backend.open()
            except BackendUnavailable:
                if parts.stores.memory is not None:
                    self._serve(parts)
                raise
            except BaseException:  # cancelled: nothing that was opened on the way may stay open
                if parts is not self._parts:
                    await parts.stores.backend.close()
                raise
            self._serve(parts)
            self._ready = True

    async def shutdown(self) -> None:
        """Stops what runs in the background, writes what is to be written and closes the stores; twice is fine."""
        async with self._changing:
            parts, self._parts = self._parts, None
            self._ready = False
            self._look_up = _nothing
            if parts is None:
                return
            await parts.refresher.close()
            self._failed_refreshes += parts.refresher.failures
            await parts.loads.close()
            await parts.stores.backend.close()
            self._last_stats = parts.stores.backend.stats()

    async def __aenter__(self) -> Self:
        try:
            await self.initialize()
        except BaseException:
            await self.shutdown()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

    # -- values ----------------------------------------------------------------------------------------------------

    async def get(self, key: str, context: str | None = None) -> Any | None:
        """The value, or None where there is none; a hit is an access."""
        value = self._look_up(key)
        if value is MISSING:
            _require_text("key", key)
            records = await self._opened().stores.backend.get_many((key,))
            if key not in records:
                return None
            value = records[key].value
        self._accesses.append((key, context))
        if not 1 < len(self._accesses) < LONG:
            self._attend()
        return value

    async def set(self, key: str, value: Any, ttl: int | None = None, context: str | None = None) -> bool:
        """Stores a value for `ttl` seconds; on disk, it has survived a crash of the process once this returns.

        Returns:
            False where the value is larger than the cache (an older one under its key is removed then) or the store cannot be
            written to.

        Raises:
            TypeError: the value is not JSON-serialisable, or the key no text.
            ValueError: `ttl` is not positive.
        """
        parts = self._parts or self._opened()
        if not isinstance(key, str):
            _require_text("key", key)
        form, payload, stored = serialize(key, value)
        size_bytes, seconds = len(payload), self._default_ttl if ttl is None else self._seconds(ttl)
        parts.loads.supersede(key)
        if size_bytes > self._limits.size_bytes:
            await parts.stores.backend.delete_many((key,))
            return False
        alone = parts.stores.alone
        if alone is not None:
            alone.put(key, stored, size_bytes, self._clock(), seconds, access=True)
        else:
            record = Record(key, stored, Encoded(form, payload), self._clock(), seconds)
            if not await parts.stores.backend.set_many((record,)):
                return False
        if self._loaders:
            parts.refresher.adopt(key, seconds)
        self._accesses.append((key, context))
        if not 1 < len(self._accesses) < LONG:
            self._attend()
        return True

    async def delete(self, key: str) -> bool:
        """Removes a value; whether there was one."""
        _require_text("key", key)
        parts = self._opened()
        parts.loads.supersede(key)
        return await parts.stores.backend.delete_many((key,)) > 0

    async def clear(self) -> None:
        """Removes every value; what was learned stays."""
        await self.delete_prefix("")

    async def delete_prefix(self, prefix: str, *, shared: bool = True) -> int:
        """Removes every value whose key starts so, of `TIERED` also in Redis unless not `shared`; how many there were."""
        _require_text("prefix", prefix)
        parts = self._opened()
        parts.loads.supersede_all(prefix)
        return await (parts.stores.backend if shared else parts.stores.local).clear(prefix)

    async def get_blobs(self, keys: Sequence[str], *, hot: bool = False, shared: bool = True) -> dict[str, bytes]:
        """Many raw contents at once, as `set_blobs` stored them with the same `hot`; nothing is learned.

        Those that only the Redis of `TIERED` holds are left out unless `shared`.
        """
        return await _blobs(self._blob_store(hot=hot, shared=shared), keys)

    async def get_shared_blobs(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Raw contents that the Redis of `TIERED` holds, for a caller that checks them first: they are kept nowhere here."""
        store = self._opened().stores.shared
        return {} if store is None else await _blobs(store, keys)

    async def share_blobs(self, items: Mapping[str, bytes], ttl: int) -> int:
        """Offers raw contents to others through the Redis of `TIERED`, for a time; how many it took. None is kept here.

        Only for what follows from its key, such as a content's hash: what cannot be offered now need never be made up for.
        """
        store = self._opened().stores.shared
        return 0 if store is None or not items else await store.offer_many(self._blob_records(items, ttl))

    async def set_blobs(
        self, items: Mapping[str, bytes], ttl: int | None = None, *, hot: bool = False, shared: bool = True
    ) -> int:
        """Stores raw contents in one transaction, for good unless `ttl` says otherwise; how many were stored.

        What is hot is kept in memory too, in competition with the caller's own values; the rest never pushes them out. What
        is not shared stays on this machine, whatever its key.
        """
        store = self._blob_store(hot=hot, shared=shared)
        return await store.set_many(self._blob_records(items, ttl)) if items else 0

    # -- prediction and loading ------------------------------------------------------------------------------------

    @property
    def prediction_model(self) -> PredictionModel:
        """The model, which has learned every access so far."""
        return self._learner.model

    async def predict_next(self, current_key: str, context: str | None = None, top_k: int = 5) -> list[str]:
        """The keys likeliest to be accessed next in this context, likeliest first."""
        self._opened()
        return self._learner.predict_next(current_key, context, top_k)

    async def prefetch(
        self,
        keys: Iterable[str],
        loader_func: Loader,
        context: str | None = None,  # noqa: ARG002 - for whom; a prefetch is no access, so nothing comes of it
        ttl: int | None = None,
    ) -> int:
        """Loads the values that are missing, some at a time; how many it stored.

        A loader that raises, or brings what cannot be stored, is logged and concerns its key alone; None stores nothing.
        Of simultaneous loads of one key, one is made and counted.
        """
        loaded = await self._opened().prefetcher.load(keys, loader_func, self._seconds(ttl))
        return len(loaded)

    async def warm_cache(
        self,
        workspace_id: str,
        workspace_root: Path | None = None,
        loader_func: Loader | None = None,
        file_patterns: Sequence[str] | None = None,
    ) -> int:
        """Loads what was learned in the context `workspace_id`, likeliest first, and then the folder's files.

        Args:
            workspace_id: the context.
            workspace_root: the folder; by default the working directory. Its ignore rules are honoured.
            loader_func: gives the value of a key; by default the text of a file.
            file_patterns: which files, as lines of a `.gitignore` would name them; by default those a person wrote.

        Returns:
            How many values it stored; it stops where the cache is full of them.
        """
        parts = self._opened()
        tree = await asyncio.to_thread(SourceTree, Path(workspace_root or "."))
        keys = await asyncio.to_thread(tree.keys, self._learner.likely(workspace_id), file_patterns)
        return await parts.prefetcher.fill(keys, loader_func or tree.read, self._default_ttl)

    def set_loader(self, prefix: str, loader_func: Loader) -> None:
        """Names the loader of keys that start so and are `set` from now on; the longest prefix that fits counts.

        A key that `prefetch` or `warm_cache` loaded keeps the loader it came from.
        """
        self._loaders[prefix] = loader_func

    async def background_refresh(self, refresh_interval: float = 60, stale_threshold: float = 0.8) -> None:
        """Reloads, now and about every `refresh_interval` seconds until `shutdown`, what is stale and has a loader.

        Returns when the first pass is done. A value is stale once `stale_threshold` of its time to live is over; one that
        cannot be reloaded is kept until it expires, and counted in `refresh_failures`. Some are reloaded at a time, none twice.
        """
        _require_positive("refresh_interval", refresh_interval)
        _require_positive("stale_threshold", stale_threshold)
        await self._opened().refresher.start(refresh_interval, stale_threshold)

    def save_model(self, path: Path | None = None) -> None:
        """Writes what was learned, by default to a file beside the database.

        Raises:
            ModelFileError: it cannot be written.
        """
        path = path or self._model_path()
        try:
            make_directory(path.parent)
        except OSError as error:
            raise ModelFileError(f"The model cannot be written to {path}: {error}") from error
        self._learner.model.save(path)

    def load_model(self, path: Path | None = None) -> None:
        """Reads what was learned, by default from the file beside the database; a file of an older version is passed over.

        Raises:
            ModelFileError: it cannot be read; what was learned stays as it was.
        """
        try:
            self._learner.model.load(path or self._model_path())
        except OutdatedModelFile as error:
            _log.warning("%s", error)

    # -- how it is -------------------------------------------------------------------------------------------------

    @property
    def stats(self) -> CacheStats:
        """The same as `get_stats`."""
        return self.get_stats()

    def get_stats(self) -> CacheStats:
        """The counters at this moment; those of `TIERED` are its memory's, the others stand in `tiers`."""
        self._learner.fold()
        return replace(
            self._parts.stores.backend.stats() if self._parts else self._last_stats,
            predictions=self._learner.predictions,
            correct_predictions=self._learner.correct_predictions,
        )

    def tiers(self) -> tuple[TierStats, ...]:
        """Each store by itself, the fastest first."""
        return self._parts.stores.backend.tiers() if self._parts else ()

    @property
    def refresh_failures(self) -> int:
        """How many background reloads failed; the old values were kept until their time to live ended."""
        return self._failed_refreshes + (self._parts.refresher.failures if self._parts else 0)

    @property
    def degraded(self) -> str | None:
        """Why a store does not work at the moment, or None."""
        return self._parts.stores.degraded if self._parts else None

    # ----------------------------------------------------------------------------------------------------------------

    def _make_parts(self) -> _Parts:
        stores = make_stores(self._settings, lambda _: self.on_degraded(stores.degraded))
        loads = Loads(self._store_loaded)
        most = self._limits.entries
        refresher = Refresher(stores.backend, loads, self._loaders, most, self._clock, self._random)
        return _Parts(stores, loads, refresher, Prefetcher(stores.backend, loads, refresher, self._limits))

    def _serve(self, parts: _Parts) -> None:
        self._parts = parts
        self._look_up = _nothing if parts.stores.memory is None else parts.stores.memory.get

    def _blob_store(self, *, hot: bool, shared: bool) -> Backend:
        stores = self._opened().stores
        if hot or stores.without_disk:
            return stores.backend if shared else stores.local
        return stores.content if shared else stores.disk

    def _blob_records(self, items: Mapping[str, bytes], ttl: int | None) -> list[Record]:
        now, seconds = self._clock(), FOREVER if ttl is None else self._seconds(ttl)
        return [Record(key, blob, Encoded(Form.BLOB, blob), now, seconds) for key, blob in items.items()]

    def _opened(self) -> _Parts:
        if self._parts is None:
            raise CacheClosed("The cache is closed; call `initialize` first, or use `async with`.")
        return self._parts

    def _seconds(self, ttl: int | None) -> int:
        if ttl is None:
            return self._default_ttl
        _require_positive("ttl", ttl)
        return min(ttl, FOREVER)

    async def _store_loaded(self, key: str, value: Any, ttl: int) -> int:
        _require_text("key", key)
        encoded, stored = encode(key, value)
        record = Record(key, stored, encoded, self._clock(), ttl)
        size_bytes = record.size_bytes()
        if size_bytes > self._limits.size_bytes:
            return 0
        stored_now = await self._opened().stores.backend.set_many((record,), access=False)
        return size_bytes if stored_now else 0

    def _attend(self) -> None:
        """Sees to it that queued accesses are learned: some at once where they are many, else when there is time."""
        if len(self._accesses) >= LONG:
            self._learner.fold_portion()
        else:
            asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._fold_when_idle)

    def _fold_when_idle(self) -> None:
        if self._learner.fold_portion():
            asyncio.get_running_loop().call_later(_BREATH_SECONDS, self._fold_when_idle)

    def _model_path(self) -> Path:
        return self._settings.db_path.with_suffix(".model.json")


@frozen
class _Parts:
    """What there is only while the cache is open."""

    stores: Stores
    loads: Loads
    refresher: Refresher
    prefetcher: Prefetcher


async def _blobs(store: Backend, keys: Sequence[str]) -> dict[str, bytes]:
    records = await store.get_many(keys)
    return {key: record.value for key, record in records.items() if isinstance(record.value, bytes)}


def _nothing(_: str) -> Any:
    return MISSING


def _require_positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} must be positive, not {value!r}.")


def _require_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"A {name} must be a str, not {type(value).__name__}.")
