"""Which key is accessed next: the prediction model of the public API.

It learns from accesses alone. Whoever loads a key because it was predicted does not record that as an access, or the
model would learn to believe itself. No clock, no files but `save` and `load`; memory is bounded in every table.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Final, Literal

from magnetar.prediction import persistence
from magnetar.prediction.context import Context, Explained, Statistics
from magnetar.prediction.tables import drop_oldest

MOST_CONTEXTS: Final = 64
"""Contexts a model keeps; a person has fewer workspaces. The one used least recently is forgotten."""


class PredictionModel:
    """Learns which keys follow which, in each context apart, and predicts the next different one.

    A context is a workspace, a session within it an editor window or an agent; both may be None, and then are the
    default one. Every method may be called from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contexts: dict[str | None, Context] = {}

    # -- learning --------------------------------------------------------------------------------------------------

    def record_access(
        self,
        key: str,
        context: str | None = None,
        *,
        session: str | None = None,
        at: float | None = None,
        kind: Literal["open", "edit"] = "open",
    ) -> None:
        """Learns from one access.

        Args:
            key: Any string; what looks like a path is compared as one.
            context: Where it happened; contexts never see each other's transitions.
            session: Who did it, so that interleaved work is told apart.
            at: When, in seconds of any clock; accesses within a second of each other count as one act.
            kind: Whether the key was looked at or changed.
        """
        moment = float(at) if at is not None and isfinite(at) else None
        with self._lock:
            self._enter(context).access(session, key, moment, edit=kind == "edit")

    def record_results(self, keys: Sequence[str], context: str | None = None, *, session: str | None = None) -> None:
        """Takes in keys that a search or an answer showed, best first; they are no accesses."""
        if keys:
            with self._lock:
                self._enter(context).results(session, list(dict.fromkeys(keys)))

    def seed_cochange(self, pairs: Iterable[tuple[str, str, float]], context: str | None = None) -> None:
        """Tells a model what is known to change together; never as transitions.

        Args:
            pairs: Two keys and how strongly they belong together, 1 being about once. Seeding again changes nothing.
            context: For which context.
        """
        with self._lock:
            self._enter(context).seed(pairs)

    def rename(self, old: str, new: str, context: str | None = None) -> None:
        """What was learned of a key follows it to its new name, joined with what is known of that."""
        with self._lock:
            found = self._contexts.get(context)
            if found is not None and old != new:
                found.rename({old: new})

    def rename_prefix(self, old: str, new: str, context: str | None = None) -> None:
        """Renames every key that starts with `old`, as when a folder is renamed; end both with the separator."""
        with self._lock:
            found = self._contexts.get(context)
            if found is not None and old not in ("", new):
                found.rename({key: new + key[len(old) :] for key in found.known() if key.startswith(old)})

    def forget(self, context: str | None = None) -> None:
        """Forgets everything learned in a context."""
        with self._lock:
            self._contexts.pop(context, None)

    # -- predicting ------------------------------------------------------------------------------------------------

    def predict_next(
        self, current_key: str, context: str | None = None, top_k: int = 5, *, session: str | None = None
    ) -> list[str]:
        """The likeliest next keys after `current_key`, likeliest first; fewer than `top_k` where fewer are known."""
        found = self._contexts.get(context)
        ranking = None if found is None else found.rankings.get(session)
        if ranking is not None and ranking.current == current_key and 0 < top_k <= len(ranking.keys):
            return ranking.keys[:top_k]
        return [key for key, _ in self.predict(current_key, context, top_k, session=session)]

    def predict(
        self, current_key: str, context: str | None = None, top_k: int = 5, *, session: str | None = None
    ) -> list[tuple[str, float]]:
        """As `predict_next`, each with the probability that it is the next different key; they sum to 1 at most."""
        with self._lock:
            found = self._contexts.get(context)
            if found is None or top_k <= 0:
                return []
            ranking = found.ranking(session, current_key)
            likely = list(zip(ranking.keys[:top_k], ranking.probabilities, strict=False))
            if len(likely) < top_k:
                likely += found.likely(ranking, top_k - len(likely))
            return likely

    def explain(
        self, current_key: str, context: str | None = None, top_k: int = 5, *, session: str | None = None
    ) -> list[Explained]:
        """As `predict`, each with the signals that speak for it; at most as many as are weighed at once."""
        with self._lock:
            found = self._contexts.get(context)
            if found is None or top_k <= 0:
                return []
            return found.explain(found.ranking(session, current_key), top_k)

    def get_related_keys(self, key: str, context: str | None = None, threshold: int = 2) -> list[str]:
        """Keys that directly followed `key` at least `threshold` times, most often first; counts never decay."""
        with self._lock:
            found = self._contexts.get(context)
            row = {} if found is None else found.knowledge.successors.row(key)
            related = [other for other, count in row.items() if count >= threshold]
            return sorted(related, key=row.__getitem__, reverse=True)

    # -- figures ---------------------------------------------------------------------------------------------------

    def statistics(self, context: str | None = None) -> Statistics:
        """The figures of one context."""
        with self._lock:
            found = self._contexts.get(context)
            return Statistics() if found is None else found.statistics

    @property
    def transitions(self) -> int:
        """Accesses learned that followed one to a different key, in all contexts."""
        return self._total.transitions

    @property
    def documents(self) -> int:
        """Keys that were accessed, in all contexts."""
        return self._total.documents

    @property
    def evaluated(self) -> int:
        """Accesses that were predicted before they were learned from."""
        return self._total.evaluated

    @property
    def hit_at_1(self) -> float:
        """Percent of those that were predicted first."""
        return self._total.hit_at_1

    @property
    def hit_at_5(self) -> float:
        """Percent of those that were among the first five predicted."""
        return self._total.hit_at_5

    @property
    def seeded(self) -> bool:
        """Whether any context was told what changes together."""
        with self._lock:
            return any(context.knowledge.seeded for context in self._contexts.values())

    # -- files -----------------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Writes the model as versioned JSON, atomically.

        Raises:
            ModelFileError: It cannot be written; a file that was there is still whole.
        """
        with self._lock:
            for context in self._contexts.values():
                context.rankings.clear()  # both models make them anew, from the same state
            snapshot = persistence.snapshot(self._contexts)
        persistence.save(snapshot, path)

    def load(self, path: Path) -> None:
        """Replaces what was learned by what a file holds.

        Raises:
            ModelFileError: It cannot be read or is not such a file; the model is as it was.
        """
        contexts = persistence.load(path)
        with self._lock:
            self._contexts = contexts

    @property
    def _total(self) -> Statistics:
        with self._lock:
            return sum((context.statistics for context in self._contexts.values()), Statistics())

    def _enter(self, context: str | None) -> Context:
        found = self._contexts.pop(context, None) or Context()
        self._contexts[context] = found
        drop_oldest(self._contexts, MOST_CONTEXTS)
        return found
