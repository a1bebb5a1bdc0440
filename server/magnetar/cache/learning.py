"""Accesses on their way to the prediction model, and whether what was predicted came true.

Learning from an access can cost a hundred times what a cache hit does. So a hit only appends to a queue, and the queue is
folded into the model in portions: before anything is predicted or shown, when it is long, and when the owner has time.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Final

from magnetar.prediction.model import PredictionModel

LONG: Final = 1_024
"""An access that finds this many queued folds a portion of them."""

_PORTION: Final = 8  # at some 160 µs each on real accesses, more would be felt as a stall
_MOST_CONTEXTS: Final = 256
_MOST_PREDICTIONS: Final = 64
_MOST_LIKELY: Final = 1_000


class Learner:
    """The queue in front of one model, and the counters of its predictions. Thread-safe."""

    def __init__(self, model: PredictionModel) -> None:
        self.queue: deque[tuple[str, str | None]] = deque()
        """Accessed keys with their contexts; whoever appends looks after `LONG`."""
        self.predictions = 0
        self.correct_predictions = 0
        self._model = model
        self._lock = threading.Lock()
        # For each context, what was predicted to follow which key since the last access to a different one.
        self._open: dict[str | None, dict[str, set[str]]] = {}
        self._latest: dict[str | None, str] = {}

    @property
    def model(self) -> PredictionModel:
        """The model, which has learned every access so far."""
        self.fold()
        return self._model

    def fold_portion(self) -> bool:
        """Folds some of the queue; whether something is left."""
        self.fold(_PORTION)
        return bool(self.queue)

    def fold(self, most: int | None = None) -> None:
        """Folds the oldest accesses into the model, all by default."""
        with self._lock:
            count = len(self.queue) if most is None else min(most, len(self.queue))
            for _ in range(count):
                key, context = self.queue.popleft()
                self._settle(key, context)
                self._model.record_access(key, context)

    def predict_next(self, key: str, context: str | None, top_k: int) -> list[str]:
        """The likeliest next keys, counted as predicted."""
        if self.queue:
            self.fold()
        predicted = self._model.predict_next(key, context, top_k)
        if predicted:
            with self._lock:
                self.predictions += len(predicted)
                open_here = self._open.get(context)
                if open_here is not None and key in open_here:
                    open_here[key].update(predicted)
                else:
                    self._expect(key, context, set(predicted))
        return predicted

    def likely(self, context: str) -> list[str]:
        """The key accessed last in a context and those likeliest to follow, likeliest first; nothing is counted."""
        model = self.model
        latest = self._latest.get(context)
        following = model.predict_next(latest or "", context, _MOST_LIKELY)
        return following if latest is None else [latest, *following]

    def _expect(self, key: str, context: str | None, predicted: set[str]) -> None:
        open_here = self._open.pop(context, {})
        self._open[context] = open_here
        open_here[key] = predicted
        _drop_oldest(open_here, _MOST_PREDICTIONS)
        _drop_oldest(self._open, _MOST_CONTEXTS)

    def _settle(self, key: str, context: str | None) -> None:
        """An access decides every prediction that was made at another key; it proves one of them right at most."""
        self._latest.pop(context, None)
        self._latest[context] = key
        _drop_oldest(self._latest, _MOST_CONTEXTS)
        expected = self._open.get(context)
        if not expected:
            return
        decided = [current for current in expected if current != key]
        self.correct_predictions += any(key in expected[current] for current in decided)
        for current in decided:
            del expected[current]


def _drop_oldest(items: dict[Any, Any], most: int) -> None:
    while len(items) > most:
        del items[next(iter(items))]
