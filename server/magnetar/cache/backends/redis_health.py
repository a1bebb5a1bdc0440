"""What a Redis server says of itself, for whoever wants to know why it is of no use. Nothing is written."""

from __future__ import annotations

from attrs import frozen
from redis.exceptions import ResponseError

from magnetar.cache.backends.redis_layout import BOOKS, Layout
from magnetar.cache.backends.redis_link import RedisLink


@frozen
class RedisHealth:
    """One look at a server."""

    limit: int
    """Bytes that it may hold; 0 where it has no limit."""
    used: int
    """Bytes that it holds."""
    evicts: bool
    """Whether it makes room when it is full."""
    writable: bool
    """Whether it takes values: a replica does not."""
    misplaced: tuple[str, ...]
    """Keys of ours at which something else is."""


async def examine(url: str, namespace: str) -> RedisHealth:
    """Looks at a server.

    Args:
        url: as for `RedisLink`.
        namespace: as for `RedisBackend`.

    Raises:
        BackendUnavailable: it cannot be reached, or refuses to answer.
    """
    layout = Layout(namespace)
    link = RedisLink(url)
    await link.connect(layout.books[0])
    try:
        about = _fields(await link.call("INFO", "memory")) | _fields(await link.call("INFO", "replication"))
        types = [
            (book, await link.call("TYPE", book), right) for book, (_, right) in zip(layout.books, BOOKS, strict=True)
        ]
    except ResponseError as error:
        raise link.refused(error) from error
    finally:
        await link.close()
    return RedisHealth(
        limit=int(about.get("maxmemory", "0")),
        used=int(about.get("used_memory", "0")),
        evicts=about.get("maxmemory_policy") != "noeviction",
        writable=about.get("role") != "slave" or about.get("slave_read_only") == "0",
        misplaced=tuple(book for book, found, right in types if found not in (right, b"none")),
    )


def _fields(info: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in info.decode("utf-8", "replace").splitlines())
    return {name: value for name, separator, value in lines if separator}
