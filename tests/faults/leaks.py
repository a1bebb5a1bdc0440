"""Everything that a server left behind on disk, opened up as far as it can be, to look for what must not be there."""

import sqlite3
import zlib
from contextlib import closing, suppress


def kept_in(cache):
    """All that lies in a cache directory: the bytes of its files, the values of its databases, what was packed unpacked."""
    for path in sorted(cache.rglob("*")):
        if path.is_file():
            yield path.read_bytes()
        if path.suffix == ".db":
            yield from _values(path)


def unpacked(value):
    """A value as it is and, where it was compressed, as it was."""
    yield value
    with suppress(zlib.error):
        yield zlib.decompress(value)


def found(needles, haystacks):
    """Those of some strings that stand in any of some bytes, in any case, as words of a full-text index are folded."""
    whole = b"\n".join(haystacks).lower()
    return sorted(needle for needle in needles if needle.lower().encode() in whole)


def _values(path):
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, (str, bytes)):
                        yield from unpacked(value.encode("utf-8", "replace") if isinstance(value, str) else value)
