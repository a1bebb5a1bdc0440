"""How long the tests of faults try: a short form that always runs, and `--torture`, which takes hours."""


class Effort:
    """Says how often something is tried, and keeps count for the summary."""

    def __init__(self, share, seed, record):
        self._share = share
        self._record = record
        self.seed = seed

    @property
    def long(self):
        """Whether this is torture."""
        return self._share is not None

    def times(self, what, short, full):
        """How often to try it: so often in the short form, so often in the whole of the long one."""
        count = max(short, round(full * self._share)) if self.long else short
        self._record("tried", f"{what}: {count:,}")
        return count
