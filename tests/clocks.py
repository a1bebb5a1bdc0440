"""Time that passes when a test says so."""


class FakeClock:
    """Seconds since the epoch, beginning at a round number."""

    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds
