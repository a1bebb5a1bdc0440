"""From a moment to ranked files: sources are asked side by side, candidates scored twice.

Nothing here grows with the workspace: folders of up to `EVERY_FILE` files are ranked whole, of larger ones only what some
source proposes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from weakref import ReferenceType, ref

from attrs import frozen

from magnetar.context import features
from magnetar.context.candidates import Candidates
from magnetar.context.features import Table
from magnetar.context.ranking import Ranked, rank
from magnetar.context.sources.base import Document, Evidence, Moment, Relation, Source, best
from magnetar.context.sources.cursor import Cursor
from magnetar.context.sources.history import Past
from magnetar.context.sources.imports import Imports
from magnetar.context.sources.kin import Kin
from magnetar.context.sources.lexical import Lexical
from magnetar.context.sources.mentions import Mentions
from magnetar.context.sources.names import Names
from magnetar.context.sources.session import Session
from magnetar.context.weights import Weights
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import is_test

_Key = TypeVar("_Key")

EVERY_FILE = 400
_MOST_CANDIDATES = 600
_PSEUDO_WITH_FOCUS, _PSEUDO_WITHOUT = 4, 5
_PER_COLUMN = 80
_RELATED_PER_COLUMN = 30
_REMEMBERED = 512
_LEAST_FILES, _MOST_FILES = 60, 200
_TOKENS_PER_FILE = 136
"""A budget's tokens for each document that is looked at line by line."""


@frozen(eq=False)
class Shortlist:
    """The ranked candidates of one request and what they were ranked by."""

    candidates: Candidates
    ranked: Ranked
    table: Table
    """The second stage's features, for `explain` and for fitting the weights."""
    first: Ranked
    pseudo: tuple[tuple[str, float], ...]
    """The files that the answer seems to be about, with the probability that it is."""
    late: tuple[str, ...]
    """Names of the sources that did not answer in time."""
    read: frozenset[str]
    """Documents that had to be read or parsed on the way."""

    def competing(self, moment: Moment, excluded: frozenset[str], budget: int) -> dict[str, float]:
        """The documents that compete for a budget, best first, with the probability that each matters."""
        most = min(max(_LEAST_FILES, budget // _TOKENS_PER_FILE), _MOST_FILES)
        found: dict[str, float] = {}
        if moment.focus is not None and moment.focus.path not in excluded:
            found[moment.focus.path] = 1.0
        probabilities = self.ranked.probabilities
        for place in (-self.ranked.scores).argsort(kind="stable").tolist():
            if len(found) >= most:
                break
            path = self.candidates.paths[place]
            if path not in excluded:
                found.setdefault(path, float(probabilities[place]))
        return found


class Ranker:
    """Ranks the files of one workspace for one moment after another; remembers what relations said."""

    def __init__(self, weights: Weights) -> None:
        self.past = Past()
        self._weights = weights
        self._sources: tuple[Source, ...] = (Lexical(), Names(), Mentions(), self.past, Session(), Cursor())
        self._relations: tuple[Relation, ...] = (Lexical(), Names(), Imports(), Kin(), self.past)
        self._related: dict[tuple[str, str], tuple[ReferenceType[Facts], Evidence]] = {}
        self._state = (-1, -1)

    async def rank(self, moment: Moment, seconds: float, wanted: Iterable[str] = ()) -> Shortlist:
        """Ranks every candidate.

        Args:
            moment: the request.
            seconds: how long the sources may take in all.
            wanted: paths that are candidates whatever the sources say.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        about, focus, late = await self._ask(moment, ends)
        chronicle = await self.past.chronicle(moment.workspace.history) if self.past.name not in late else None
        priors = chronicle.priors if chronicle else {}
        focused = moment.focus is not None

        facts: dict[str, Facts] = {}

        async def first_stage(paths: Iterable[str]) -> tuple[Candidates, Table, Ranked]:
            unknown = [path for path in paths if path not in facts]
            facts.update(await moment.workspace.facts(unknown, max(ends - loop.time(), 0.0)))
            candidates = Candidates(facts)
            table = _first_table(moment, candidates, priors, about, focus)
            return candidates, table, rank(table, self._weights.files(1, focused=focused))

        paths = self._paths(moment, [*about, focus], wanted)
        candidates, table, first = await first_stage(paths)
        about_most = _about(moment, candidates, first)
        asked = loop.time()
        documents = await moment.workspace.load([path for path, _ in about_most])
        ends += loop.time() - asked  # the deadline is the sources', and the answer needs these documents anyway
        pseudo = tuple((path, share) for path, share in about_most if path in documents)
        jobs = [
            (one.name, self._relate(one, moment, document))
            for document in documents.values()
            for one in self._relations
        ]
        answers, later = await _answers(jobs, ends)
        late |= later
        related = _merge(answers, [share for _, share in pseudo for _ in self._relations])
        added = _proposed([related], _RELATED_PER_COLUMN) - set(candidates.paths) if moment.wide else set()
        if added:
            candidates, table, first = await first_stage(sorted({*candidates.paths, *added}))
        second = table | features.expand(features.prefixed("p:", _related_table(candidates, related, pseudo)))
        ranked = rank(second, self._weights.files(2, focused=focused), first)
        seen = [*documents.values(), *([moment.focus] if moment.focus else [])]
        read = frozenset(document.path for document in seen if not document.cached)
        return Shortlist(candidates, ranked, second, first, pseudo, tuple(sorted(late)), read)

    async def _ask(self, moment: Moment, ends: float) -> tuple[list[Evidence], Evidence, set[str]]:
        """What the sources say of the request and of the focus, and the names of those that were late."""
        jobs = [(source.name, source.gather(moment)) for source in self._sources]
        if moment.focus is not None:
            jobs += [(one.name, self._relate(one, moment, moment.focus)) for one in self._relations]
        answers, late = await _answers(jobs, ends)
        return answers[: len(self._sources)], _merge(answers[len(self._sources) :]), late

    def _paths(self, moment: Moment, evidence: Sequence[Evidence], wanted: Iterable[str]) -> list[str]:
        files = moment.workspace.files
        if not moment.wide:
            return list(files)
        focus = [moment.focus.path] if moment.focus else []
        proposed = sorted(_proposed(evidence, _PER_COLUMN))[:_MOST_CANDIDATES]
        return sorted({path for path in (*proposed, *focus, *wanted) if path in files})

    async def _relate(self, relation: Relation, moment: Moment, document: Document) -> Evidence:
        """One relation's answer, remembered as long as index, history, number of files and the document stay."""
        state = (moment.workspace.index_generation, len(moment.workspace.files))
        if self._state != state:
            self._state = state
            self._related.clear()
        key = (relation.name, document.path)
        of, found = self._related.get(key, (None, Evidence()))
        if of is None or of() is not document.facts:
            found = await relation.relate(moment, document)
            if state == (moment.workspace.index_generation, len(moment.workspace.files)) == self._state:
                while len(self._related) >= _REMEMBERED:
                    del self._related[next(iter(self._related))]
                self._related[key] = (ref(document.facts), found)
        return found


async def _answers(
    jobs: Sequence[tuple[str, Coroutine[Any, Any, Evidence]]], ends: float
) -> tuple[list[Evidence], set[str]]:
    """Runs jobs side by side until the loop's clock says so; those late count as silent, and are named."""
    if not jobs:
        return [], set()
    tasks = [asyncio.ensure_future(job) for _, job in jobs]
    try:
        await asyncio.wait(tasks, timeout=max(ends - asyncio.get_running_loop().time(), 0.0))
        answers = [task.result() if task.done() else None for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
    late = {name for (name, _), answer in zip(jobs, answers, strict=True) if answer is None}
    return [answer or Evidence() for answer in answers], late


def _first_table(
    moment: Moment,
    candidates: Candidates,
    priors: Mapping[str, Mapping[str, float]],
    about: Sequence[Evidence],
    focus: Evidence,
) -> Table:
    """What is known of each candidate before the pseudo-foci are."""
    table = features.describe(candidates, priors) | features.measure(candidates, about)
    table["pq"] = candidates.path_match(moment.question.terms)
    if moment.focus is not None:
        path = moment.focus.path
        related = features.measure(candidates, [focus]) | features.relate_paths(candidates, path)
        table |= features.prefixed("f:", related)
        table["f:ext"] = candidates.same_suffix(path)
        table["f:xtest"] = abs(candidates.is_test - is_test(path))
    table = features.expand(table)
    return table | features.multiply(table)


def _related_table(candidates: Candidates, related: Evidence, pseudo: Sequence[tuple[str, float]]) -> Table:
    """How the candidates are related to the pseudo-foci, each by its share."""
    table = features.measure(candidates, [related])
    for path, share in pseudo:
        for name, values in features.relate_paths(candidates, path).items():
            table[name] = table.get(name, 0.0) + share * values
    return table


def _about(moment: Moment, candidates: Candidates, first: Ranked) -> tuple[tuple[str, float], ...]:
    """The candidates that the answer seems to be about, and how likely it is."""
    focus = moment.focus.path if moment.focus else None
    order = (-first.scores).argsort(kind="stable")
    most = _PSEUDO_WITH_FOCUS if focus else _PSEUDO_WITHOUT
    chosen = [place for place in map(int, order[: most + 1]) if candidates.paths[place] != focus][:most]
    return tuple((candidates.paths[place], float(first.probabilities[place])) for place in chosen)


def _merge(evidence: Sequence[Evidence], shares: Sequence[float] | None = None) -> Evidence:
    """The sum of several pieces of evidence, weighted where shares are given."""
    columns: dict[str, dict[str, float]] = {}
    needles: dict[str, dict[int, float]] = {}
    proposed: dict[str, float] = {}
    for one, share in zip(evidence, shares or [1.0] * len(evidence), strict=True):
        for name, scores in one.columns.items():
            _add(columns.setdefault(name, {}), scores, share)
        for name, weights in one.needles.items():
            _add(needles.setdefault(name, {}), weights, share)
        _add(proposed, one.proposed, share)
    return Evidence(columns, needles, proposed)


def _add(total: dict[_Key, float], scores: Mapping[_Key, float], share: float) -> None:
    for key, score in scores.items():
        total[key] = total.get(key, 0.0) + share * score


def _proposed(evidence: Iterable[Evidence], per_column: int) -> set[str]:
    """The best of every column, and all that is proposed."""
    found: set[str] = set()
    for one in evidence:
        for scores in one.columns.values():
            found.update(best(scores, per_column))
        found.update(one.proposed)
    return found
