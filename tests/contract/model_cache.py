"""What a cache should hold, one model for memory and one for stores that write in transactions.

Neither predicts which of several entries with nearly equal scores is evicted: each is told what is gone, and says whether
that may be. What the documentation leaves open is left open here, and nothing else:

- memory sorts ranks into buckets, so its victim's score may be 2 ** (1/64) of the lowest, and works off what hits mean
  for the order before anything is evicted, not when they come;
- SQLite and Redis count all accesses of one transaction as simultaneous, and spare what it used while something else is left.
"""

from collections import Counter
from dataclasses import dataclass

from contract.eviction_oracle import BUCKET, ROUNDING, EveryAccess


@dataclass
class Expected:
    """An entry that should be there."""

    value: object
    size: int
    expiry: float


class ModelCache:
    """Values by key, with limits."""

    bound = ROUNDING

    def __init__(self, clock, max_size, max_size_bytes):
        self.clock = clock
        self.max_size = max_size
        self.max_size_bytes = max_size_bytes
        self.entries = {}
        self.policy = EveryAccess()
        self.used = {}
        self.spared = set()

    @property
    def size_bytes(self):
        return sum(entry.size for entry in self.entries.values())

    def sweep(self):
        for key in [key for key, entry in self.entries.items() if entry.expiry <= self.clock()]:
            self.discard(key)

    def discard(self, key):
        self.entries.pop(key, None)
        self.policy.discard(key)

    def value(self, key):
        self.sweep()
        return self.entries[key].value if key in self.entries else None

    def delete(self, keys):
        self.sweep()
        there = [key for key in keys if key in self.entries]
        for key in there:
            self.discard(key)
        return len(there)

    def conclude(self, gone):
        """Takes out what was found to be gone, if evictions for the sake of the limits explain it."""
        if not gone:
            assert not self.over(0, 0)
            return
        kept = self.entries.keys() - gone
        assert self.policy.may_evict(gone, kept, self.spared, self.bound), (gone, self.scores(), self.spared)
        sizes = {key: self.entries[key].size for key in gone}
        assert not self.over(len(gone), sum(sizes.values()))
        # One of them went last, and it was still needed.
        last = [key for key in gone if self.policy.may_evict(gone - {key}, {key}, self.spared, self.bound)]
        assert any(self.over(len(gone) - 1, sum(sizes.values()) - sizes[key]) for key in last), (gone, self.scores())
        for key in gone:
            self.discard(key)

    def over(self, fewer, bytes_fewer):
        return len(self.entries) - fewer > self.max_size or self.size_bytes - bytes_fewer > self.max_size_bytes

    def scores(self):
        return {key: self.policy.score(key) for key in self.entries}


class MemoryModel(ModelCache):
    """Every access counts by itself; what hits mean is noted and worked off when something is set."""

    bound = BUCKET

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.noted = []

    def hit(self, keys):
        self.noted += keys

    def set(self, entries, *, access=True):
        """Stores one entry; who is evicted for it is decided before the access to it counts."""
        ((key, entry),) = entries.items()
        for noted in self.noted:
            if noted in self.entries:
                self.policy.pass_time(1, len(self.entries))
                self.policy.access(noted)
        self.noted = []
        self.sweep()
        self.used = {key: int(access)}
        self.known = key in self.entries
        self.entries[key] = entry
        if not self.known:
            self.policy.access(key, 0)
        self.spared = {key}

    def conclude(self, gone):
        super().conclude(gone)
        for key, count in self.used.items():
            self.policy.pass_time(count, len(self.entries) - (not self.known))
            if not self.known:  # it stood in no order while room was made for it
                self.policy.discard(key)
            self.policy.access(key, count)
        self.used = {}

    def flush(self):
        """Nothing is written."""


class TransactionModel(ModelCache):
    """Accesses are counted until the next transaction, and simultaneous in it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.used = Counter()

    def hit(self, keys):
        self.used.update(keys)

    def set(self, entries, *, access=True):
        """Stores entries in one transaction."""
        self.sweep()
        self.entries |= entries
        self.used.update({key: int(access) for key in entries})
        self.flush()

    def flush(self):
        """A transaction in which nothing is stored."""
        self.sweep()
        self.policy.pass_time(self.used.total(), len(self.entries))
        for key, count in self.used.items():
            if key in self.entries:
                self.policy.access(key, count)
        self.spared = set(self.used)
        self.used = Counter()

    def forget_accesses(self):
        """The process ended before it wrote them."""
        self.used = Counter()
