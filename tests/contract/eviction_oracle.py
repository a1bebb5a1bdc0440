"""Who may be evicted, by the definition of the policy: every access is kept, and every score summed up when it is asked for."""

from magnetar.cache.entry import FREQUENCY_SHARE, RECENCY_SHARE
from magnetar.cache.eviction import BUCKETS_PER_HALF_LIFE, UNASKED

ROUNDING = 1 + 1e-9
BUCKET = 2 ** (1 / BUCKETS_PER_HALF_LIFE) * ROUNDING
"""By how much the score of memory's victim may be over the lowest."""


class EveryAccess:
    """The accesses to each key of one cache, on the clock that half-lives are counted on."""

    def __init__(self):
        self.now = 0.0
        self.uses = {}
        self.last = {}

    def pass_time(self, accesses, entries):
        self.now += accesses / max(entries, 1)

    def access(self, key, count=1):
        new = key not in self.last
        self.uses.setdefault(key, []).append((self.now, UNASKED if new and not count else count))
        if count or new:
            self.last[key] = self.now

    def discard(self, key):
        self.uses.pop(key, None)
        self.last.pop(key, None)

    def score(self, key):
        worth = sum(count * 2.0 ** (moment - self.now) for moment, count in self.uses[key])
        return RECENCY_SHARE * 2.0 ** (self.last[key] - self.now) + FREQUENCY_SHARE * worth

    def may_evict(self, gone, kept, spared, bound):
        """Whether nothing in `kept` should have gone before something in `gone`; what is spared goes last of all."""

        def order(key):
            return key in spared, self.score(key)

        def first(one, other):
            return one[0] < other[0] or (one[0] == other[0] and one[1] <= other[1] * bound)

        return all(first(order(victim), order(key)) for victim in gone for key in kept)
