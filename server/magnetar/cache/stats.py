"""The cache's counters as the public API shows them: a snapshot, with the rates derived from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class CacheStats:
    """What the cache did since it was made, how full it is, and how full it may get."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    predictions: int = 0
    """Keys predicted."""
    correct_predictions: int = 0
    """Predicted keys that were the next different access in their context."""
    size: int = 0
    size_bytes: int = 0
    max_size: int = 0
    max_size_bytes: int = 0

    @property
    def hit_rate(self) -> float:
        """Percentage of lookups that hit; 0.0 before the first."""
        return _percentage(self.hits, self.hits + self.misses)

    @property
    def prediction_accuracy(self) -> float:
        """Percentage of predicted keys that came true; 0.0 before the first."""
        return _percentage(self.correct_predictions, self.predictions)

    def to_dict(self) -> dict[str, float | int]:
        """The fields, both rates, and `utilization`, the percentage of `max_size` in use."""
        return {
            **asdict(self),
            "hit_rate": self.hit_rate,
            "prediction_accuracy": self.prediction_accuracy,
            "utilization": _percentage(self.size, self.max_size),
        }


def _percentage(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
