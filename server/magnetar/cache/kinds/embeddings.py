"""Embeddings of contents: vectors of 32-bit floats, by the content's hash and the model's name.

A vector is stored as the cache stores every array of floats (see `magnetar.cache.codec`): six bytes that say so, then four
for each number, little-endian. A vector of 256 numbers takes 1,030 bytes, a quarter of what it takes in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from magnetar.cache.codec import pack_floats, unpack_floats
from magnetar.cache.keys import embedding_key
from magnetar.cache.kinds.blobs import BlobStore
from magnetar.config import TtlSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embeddings:
    """The vectors of one model that a cache holds."""

    def __init__(self, blobs: BlobStore, model: str, ttl: int = TtlSettings().embedding) -> None:
        """Keeps vectors for `ttl` seconds each.

        Args:
            blobs: the cache.
            model: the model's name and version: another one's vectors are other values.
            ttl: seconds.
        """
        self._blobs = blobs
        self._model = model
        self._ttl = ttl

    async def get_many(self, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors that are there, by the SHA-256 of their content; each of shape (dimensions,), read-only."""
        keys = {embedding_key(sha256, self._model): sha256 for sha256 in hashes}
        blobs = await self._blobs.get_blobs(list(keys)) if keys else {}
        found = {}
        for key, blob in blobs.items():
            vector = _vector(blob)
            if vector is not None:
                found[keys[key]] = vector
        return found

    async def set_many(self, vectors: Mapping[str, NDArray[np.float32]]) -> int:
        """Keeps vectors, by the SHA-256 of their content; how many were stored.

        Raises:
            TypeError: something is no one-dimensional array of floats.
        """
        blobs = {}
        for sha256, vector in vectors.items():
            if vector.ndim != 1 or vector.dtype.kind != "f":
                raise TypeError(
                    f"The embedding of {sha256} must be one row of floats, not {vector.dtype}{vector.shape}."
                )
            blobs[embedding_key(sha256, self._model)] = pack_floats(vector.astype("<f4"))
        return await self._blobs.set_blobs(blobs, self._ttl) if blobs else 0


def _vector(blob: bytes) -> NDArray[np.float32] | None:
    try:
        vector = unpack_floats(blob)
    except ValueError:
        return None
    return vector if vector.ndim == 1 and vector.dtype.itemsize == 4 else None
