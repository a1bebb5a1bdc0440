"""The main job: gather, rank, pack. One engine answers for one workspace folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from magnetar.context.aim import take_aim
from magnetar.context.chronicle import Chronicle
from magnetar.context.content import Floats, Integers
from magnetar.context.definitions import Needed, definitions_used, surroundings
from magnetar.context.features import Table
from magnetar.context.intake import Intake, take_in
from magnetar.context.items import content_of, make_item
from magnetar.context.knowledge import Knowledge
from magnetar.context.ledger import Conversation, Held, digest_of
from magnetar.context.packing import Shelf, Units
from magnetar.context.pieces import Pieces
from magnetar.context.pointed import pointed_lines
from magnetar.context.question import Question
from magnetar.context.ranking import ALL_SIGNALS, reasons
from magnetar.context.recall import Recall
from magnetar.context.second_look import Layers, look_again
from magnetar.context.selection import Offer, Selection, select
from magnetar.context.shortlist import EVERY_FILE, Ranker, Shortlist
from magnetar.context.sources.base import Moment
from magnetar.context.turn import Turn, next_turn
from magnetar.context.weights import Weights
from magnetar.model import (
    Candidate,
    ContextAnswer,
    ContextRequest,
    Dropped,
    DropReason,
    Item,
    Reason,
    Signal,
    Target,
    document_path,
)
from magnetar.workspace.documents import Source
from magnetar.workspace.history import History

_DEADLINE_MS = 1_000
_MOST_DROPPED = 50
_MOST_EXPLAINED = 200
_ATTEMPTS = 3
"""How often an answer is packed anew because something changed under it."""


@frozen(eq=False)
class Probe:
    """The features behind an answer, for fitting the weights."""

    shortlist: Shortlist
    sources: Sequence[Source]
    offsets: Integers
    """(sources + 1,) where each document's pieces begin in the columns of `pieces`."""
    piece_tokens: Floats
    pieces: Table


@frozen(eq=False)
class _Served:
    """What one pass of packing came to."""

    turn: Turn
    shortlist: Shortlist
    """The ranking after the second look."""
    selection: Selection
    sources: Mapping[str, Source]
    missed: frozenset[str]
    """Documents that were asked for and can't be served any more."""
    items: tuple[Item, ...]
    """The new ones, in prompt order."""
    held: tuple[Item, ...]


class Engine:
    """Answers context requests about one workspace."""

    def __init__(
        self, workspace: Knowledge, *, weights: Weights | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Makes an engine.

        Args:
            workspace: what it answers from.
            weights: what it ranks by; the ones that come with the package by default.
            clock: seconds, for deadlines and `elapsed_ms` alone; no score depends on it.
        """
        self._workspace = workspace
        self._weights = weights or Weights.load()
        self._clock = clock
        self._ranker = Ranker(self._weights)
        self._recall = Recall(workspace)

    async def prepare(self, history: History) -> None:
        """Indexes a history, which takes a second where it is long, before a request needs it."""
        await self._ranker.past.chronicle(history)

    async def context(self, request: ContextRequest, conversation: Conversation | None = None) -> ContextAnswer:
        """The answer to one request; what it shows is remembered in the conversation, unless it is a preview.

        Raises:
            OutsideWorkspace: The document that the request is about lies outside the folder.
        """
        started, began = self._clock(), self._workspace.generation
        intake = take_in(self._workspace, request)
        held = conversation.held if conversation else ()
        asked = (request, intake, held) if conversation is None or request.preview else None
        if asked is not None and (known := self._recall.again(asked)) is not None:
            return evolve(known, elapsed_ms=(self._clock() - started) * 1_000)
        moment, shortlist = await self._rank(request, intake, held)
        for _ in range(_ATTEMPTS):
            generation = self._workspace.generation
            served = await self._serve(request, intake, moment, shortlist, held)
            if generation == self._workspace.generation:
                break
        if conversation is not None and not request.preview:
            conversation.remember((*served.turn.kept, *(self._held(item, served) for item in served.items)))
        loaded = [served.sources[path] for path in served.selection.runs]
        answer = ContextAnswer(
            items=(*served.held, *served.items),
            tokens=sum(item.tokens for item in served.items),
            token_budget=request.token_budget,
            held_tokens=served.turn.tokens,
            removed=tuple(self._target(path) for path in served.turn.removed),
            dropped=self._dropped(intake, served),
            late_sources=shortlist.late,
            index=self._workspace.status,
            hits=sum(source.cached for source in loaded),
            misses=sum(not source.cached for source in loaded),
            elapsed_ms=(self._clock() - started) * 1_000,
        )
        if asked is not None and began == self._workspace.generation:
            shown = (*served.selection.runs, *(one.path for one in served.turn.kept))
            self._recall.keep(asked, began, answer, [served.sources[path] for path in shown])
        return answer

    async def explain(self, request: ContextRequest) -> Sequence[Candidate]:
        """Every candidate with what speaks for it, best first, and whether it would be in the answer."""
        intake = take_in(self._workspace, request)
        moment, shortlist = await self._rank(request, intake, ())
        served = await self._serve(request, intake, moment, shortlist, ())
        ranked, candidates = served.shortlist.ranked, served.shortlist.candidates
        places = (-ranked.contributions).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 1
        rows: list[Candidate] = []
        for place in map(int, (-ranked.scores).argsort(kind="stable")[:_MOST_EXPLAINED]):
            path = candidates.paths[place]
            signals = [
                (signal, int(places[place, number]), round(float(ranked.contributions[place, number]), 4))
                for number, signal in enumerate(ALL_SIGNALS)
                if ranked.contributions[place, number] > 0
            ]
            signals.sort(key=lambda row: -row[2])
            chosen = path in served.selection.runs
            reason = (
                "chosen"
                if chosen
                else DropReason.EXCLUDED.value
                if path in intake.excluded
                else DropReason.BUDGET.value
            )
            score_ = float(ranked.probabilities[place])
            rows.append(Candidate(self._workspace.root / path, score_, tuple(signals), chosen, reason))
        return rows

    async def probe(self, request: ContextRequest, wanted: Sequence[str]) -> Probe:
        """The features of every candidate and of every piece that would be looked at, `wanted` documents among them."""
        intake = evolve(take_in(self._workspace, request), wanted=tuple(wanted))
        moment, shortlist = await self._rank(request, intake, ())
        worth = shortlist.competing(moment, intake.excluded, request.token_budget)
        focus = [moment.focus.path] if moment.focus else []
        sources = await self._workspace.load(dict.fromkeys((*wanted, *focus, *worth, *dict(shortlist.pseudo))))
        pieces, table = await self._piece_features(moment, shortlist, list(sources.values()))
        return Probe(shortlist, pieces.sources, pieces.corpus.offsets, pieces.corpus.piece_tokens, table)

    async def _rank(self, request: ContextRequest, intake: Intake, held: Sequence[Held]) -> tuple[Moment, Shortlist]:
        """The moment of a request and its ranked candidates."""
        workspace = self._workspace
        focus, lines, needed = None, None, Needed.nothing()
        if intake.focus is not None:
            focus = (await workspace.load([intake.focus])).get(intake.focus)
            if focus is not None:
                lines = pointed_lines(request, focus.facts)
                if lines is not None:
                    text = surroundings(focus.facts, focus.lines, *lines)
                    needed = await definitions_used(workspace, focus.path, focus.facts, text)
        moment = Moment(workspace, Question.of(request.query), focus, lines, needed, len(workspace.files) > EVERY_FILE)
        seconds = (request.deadline_ms or _DEADLINE_MS) / 1_000
        wanted = (*intake.wanted, *(one.path for one in held))
        return moment, await self._ranker.rank(moment, seconds, wanted)

    async def _serve(
        self, request: ContextRequest, intake: Intake, moment: Moment, shortlist: Shortlist, held: Sequence[Held]
    ) -> _Served:
        """Loads the best documents, chooses their lines, and makes the items."""
        likely = shortlist.competing(moment, intake.excluded, request.token_budget)
        focus = [moment.focus.path] if moment.focus else []
        needed = moment.needed.paths
        paths = dict.fromkeys(
            (*intake.wanted, *(one.path for one in held), *focus, *needed, *likely, *dict(shortlist.pseudo))
        )
        sources = dict(await self._workspace.load(paths))
        for path in sources.keys() & shortlist.read:
            sources[path] = evolve(sources[path], cached=False)
        limits = request.token_budget, request.max_items
        turn = next_turn(held, sources, intake.excluded, request.include, *limits)
        values, shortlist = await self._look(moment, shortlist, list(sources.values()))
        worth = shortlist.competing(moment, intake.excluded, request.token_budget)
        for path in turn.changed:
            worth.setdefault(path, 1.0)
        needed_pieces = {path: moment.needed.pieces(sources[path]) for path in needed if path in sources}
        for path, pieces in needed_pieces.items():
            if pieces and path not in intake.excluded:
                worth[path] = max(worth.get(path, 0.0), *pieces.values())
        servable = moment.focus and moment.focus.path not in intake.excluded
        offer = Offer(
            sources=sources,
            values=values,
            worth={path: value for path, value in worth.items() if path in sources},
            wanted=[path for path in intake.wanted if path in sources],
            focus=moment.focus.path if moment.focus and servable else None,
            lines=moment.lines,
            needed=needed_pieces,
            kinds=request.include,
        )
        room = max(request.max_items - len(turn.kept), 0)
        selection = select(offer, turn, request.token_budget - turn.tokens, room)
        order = [path for path in offer.wanted if path in selection.runs]
        others = [path for path in offer.worth if path in selection.runs and path not in offer.wanted]
        order += sorted(others, key=lambda path: -offer.worth[path])
        items = tuple(
            make_item(
                self._workspace.root,
                sources[path],
                selection.shelves[path],
                selection.runs[path],
                round(offer.worth.get(path, 1.0), 6),
                self._reasons(path, intake, moment, shortlist),
                request.include,
            )
            for path in order
        )
        kept = tuple(self._unchanged(one, sources, shortlist, intake, moment) for one in turn.kept)
        return _Served(turn, shortlist, selection, sources, frozenset(paths) - sources.keys(), items, kept)

    async def _look(
        self, moment: Moment, shortlist: Shortlist, sources: Sequence[Source]
    ) -> tuple[dict[str, Floats], Shortlist]:
        """Path to the share of what matters in it that each of its pieces is expected to hold; and the files ranked anew."""
        if not sources:
            return {}, shortlist
        pieces, table = await self._piece_features(moment, shortlist, sources)
        layers = Layers.of(pieces.corpus)
        return look_again(sources, layers, table, shortlist, self._weights, focused=moment.focus is not None)

    async def _piece_features(
        self, moment: Moment, shortlist: Shortlist, sources: Sequence[Source]
    ) -> tuple[Pieces, Table]:
        chronicle = await self._chronicle(moment, shortlist)
        pieces = Pieces(sources, chronicle)
        return pieces, pieces.features(await take_aim(moment, pieces, shortlist.pseudo, chronicle))

    async def _chronicle(self, moment: Moment, shortlist: Shortlist) -> Chronicle | None:
        past = self._ranker.past
        return None if past.name in shortlist.late else await past.chronicle(moment.workspace.history)

    def _reasons(self, path: str, intake: Intake, moment: Moment, shortlist: Shortlist) -> tuple[Reason, ...]:
        place = shortlist.candidates.place.get(path)
        own: list[Signal] = []
        if path in intake.wanted:
            own.append(Signal.PINNED)
        if moment.focus is not None and path == moment.focus.path:
            own.append(Signal.SELECTION if moment.lines else Signal.FOCUS)
        return reasons(None if place is None else shortlist.ranked.contributions[place], own)

    def _unchanged(
        self, held: Held, sources: Mapping[str, Source], shortlist: Shortlist, intake: Intake, moment: Moment
    ) -> Item:
        source = sources[held.path]
        place = shortlist.candidates.place.get(held.path)
        value = float(shortlist.ranked.probabilities[place]) if place is not None else 0.0
        shelf = Shelf(held.path, source.facts, Units.none(), value)
        why = self._reasons(held.path, intake, moment, shortlist)
        item = make_item(self._workspace.root, source, shelf, held.runs, round(value, 6), why, frozenset({held.kind}))
        return evolve(item, kind=held.kind, content="", tokens=0, unchanged=True)

    def _held(self, item: Item, served: _Served) -> Held:
        path = item.path.relative_to(self._workspace.root).as_posix()
        runs = served.selection.runs[path]
        digest = digest_of(content_of(item.lines, runs))
        return Held(path, item.kind, runs, digest, item.tokens)

    def _dropped(self, intake: Intake, served: _Served) -> tuple[Dropped, ...]:
        """What was named and is not served, then the best candidates that the budget left out."""
        shortlist = served.shortlist
        ranked, candidates = shortlist.ranked, shortlist.candidates
        named = {one.target.path for one in intake.refused}
        left_out = {*served.selection.runs, *(one.path for one in served.turn.kept), *intake.excluded}
        wanted = [path for path in intake.wanted if path not in left_out]
        found = [*intake.refused, *(self._left_out(path, shortlist, served) for path in wanted)]
        left_out.update(wanted)
        for place in (-ranked.scores).argsort(kind="stable").tolist():
            if len(found) >= max(_MOST_DROPPED, len(intake.refused) + len(wanted)):
                break
            path = candidates.paths[place]
            if path not in left_out and not (named and self._workspace.root / path in named):
                found.append(self._left_out(path, shortlist, served))
        return tuple(found)

    def _left_out(self, path: str, shortlist: Shortlist, served: _Served) -> Dropped:
        """A document that was not shown for want of room, or because it could not be read after all."""
        if path in served.missed:
            reason = self._workspace.refusal(self._workspace.root / path) or DropReason.UNREADABLE
            return Dropped(self._target(path), reason, self._score(path, shortlist))
        candidates = shortlist.candidates
        place = candidates.place.get(path)
        facts = served.sources[path].facts if place is None else candidates.corpus.facts[place]
        tokens = facts.header_tokens + facts.tokens(0, facts.line_count)
        return Dropped(self._target(path), DropReason.BUDGET, self._score(path, shortlist), tokens)

    @staticmethod
    def _score(path: str, shortlist: Shortlist) -> float:
        place = shortlist.candidates.place.get(path)
        return 0.0 if place is None else round(float(shortlist.ranked.probabilities[place]), 6)

    def _target(self, path: str) -> Target:
        return Target.of(document_path(self._workspace.root, path))
