"""Which lines of the chosen files matter: every piece gets a probability, from features that are again linear.

A piece counts for what it says (the query's words, its neighbours', its header's), for what it shares with the lines
the request seems to be about, for the names it defines or uses, and for how the history has touched it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from attrs import frozen

from magnetar.context.chronicle import Chronicle, Heat, by_number
from magnetar.context.content import Corpus, Floats, ranks_within, segment_max, summed
from magnetar.context.features import Table
from magnetar.context.question import name_term
from magnetar.symbols.facts import Facts
from magnetar.symbols.pieces import LONGEST
from magnetar.symbols.terms import is_test, term_hash
from magnetar.workspace.documents import Source

_FOCI = 3
_PIECES_PER_FOCUS = 4

Definitions = Sequence[tuple[int, str]]
"""Numbers of pieces, each with a name that it defines."""


@frozen(eq=False)
class Telling:
    """What some lines say, weighted by rarity: pieces that share it matter."""

    words: Mapping[int, float]
    """Their terms."""
    provided: Mapping[str, float]
    """Names they define, whose uses count."""
    needed: Mapping[str, float]
    """Names they use, whose definitions count."""


@frozen(eq=False)
class Aim:
    """What every piece is compared with."""

    question: Mapping[int, float]
    """Query weight times rarity by term hash."""
    match: Floats
    """(pieces,) how well each matches those."""
    asked: Mapping[str, float]
    """Names in the query, by how sure it is that they are names."""
    asked_uses: Floats
    """(pieces,) how many of these each uses, weighted by rarity."""
    telling: Telling
    """The lines the request is about."""
    needed: Mapping[str, Mapping[str, float]]
    """Path to the names that the code under the cursor needs of it."""
    commits_alike: Mapping[int, float]
    """First-parent commits whose messages are like the query."""
    commits_shared: Mapping[int, float]
    """First-parent commits that touched what the request is about."""


class Pieces:
    """The pieces of some documents, side by side."""

    def __init__(self, sources: Sequence[Source], chronicle: Chronicle | None) -> None:
        self.sources = sources
        self._place = {source.path: number for number, source in enumerate(sources)}
        self.corpus = Corpus([source.facts for source in sources])
        self.heats = [
            chronicle.heat(source.path, source.facts) if chronicle else Heat.none(source.facts) for source in sources
        ]

    def facts(self, path: str) -> Facts:
        """The facts of one of the documents."""
        return self.sources[self._place[path]].facts

    def text(self, path: str, start: int, end: int) -> str:
        """Some lines of one of the documents."""
        return "".join(self.sources[self._place[path]].lines[start:end])

    def matches(self, question: Mapping[int, float], names: Mapping[int, float]) -> tuple[Floats, Floats]:
        """(pieces,) BM25 of each for a question's weights by term hash, and the weights of the names each uses."""
        hits = self.corpus.find([*question, *names])
        uses = summed(hits.piece, hits.weights(names)[hits.needle], int(self.corpus.offsets[-1]))
        return self.corpus.piece_scores(hits, hits.weights(question)), uses

    def telling(
        self, match: Floats, foci: Iterable[str], lines: tuple[int, int] | None
    ) -> dict[str, list[tuple[int, int, float]]]:
        """For the first few of the given files, the lines the request is likeliest about, with their share.

        Args:
            match: (pieces,) how well each matches the question.
            foci: paths, the most important first.
            lines: what the user points at in the first of them.
        """
        found: dict[str, list[tuple[int, int, float]]] = {}
        for path in [path for path in foci if path in self._place][:_FOCI]:
            if lines is not None and not found:
                found[path] = [(*lines, 1.0)]
                continue
            number = self._place[path]
            facts = self.sources[number].facts
            first, last = self.corpus.offsets[number], self.corpus.offsets[number + 1]
            own = match[first:last] + 2 * self.heats[number].recent
            order = np.argsort(-own, kind="stable")[:_PIECES_PER_FOCUS]
            largest = float(own.max(initial=0.0)) or 1.0
            found[path] = [(int(facts.starts[i]), int(facts.ends[i]), float(own[i]) / largest) for i in order]
        return found

    def features(self, aim: Aim) -> Table:
        """Every feature of every piece."""
        corpus, match = self.corpus, aim.match
        defined = self._definitions(aim.asked.keys() | aim.telling.needed.keys())
        return {
            "bm": self._by_file(match),
            "bmg": match / (match.max(initial=0.0) or 1.0),
            "bmr": np.where(match > 0, 1 / (1 + ranks_within(match, corpus.offsets)), 0.0),
            "nb": self._by_file(match, self._neighbours(match)),
            "hd": np.minimum(self._head_scores(aim.question) / 10, 2.0),
            "dfq": np.minimum(self._defining(defined, aim.asked), 2.0),
            "rfq": np.minimum(aim.asked_uses / 5, 2.0),
            "near": self._needed(aim.needed),
            **self._resemblance(aim.telling, defined),
            **self._heat_features(aim),
            **self._shape_features(),
        }

    def _resemblance(self, telling: Telling, defined: Definitions) -> Table:
        """How much every piece shares with some telling lines: words, names used there, names defined there."""
        provided = {term_hash(name_term(name)): weight for name, weight in telling.provided.items()}
        hits = self.corpus.find([*telling.words, *provided])
        alike = self.corpus.piece_scores(hits, hits.weights(telling.words))
        uses = summed(hits.piece, hits.weights(provided)[hits.needle], int(self.corpus.offsets[-1]))
        defines = self._defining(defined, telling.needed)
        return {
            "fs": self._by_file(alike),
            "fsg": alike / (alike.max(initial=0.0) or 1.0),
            "FR": self._by_file(uses),
            "FD": self._by_file(defines),
            "fref": np.log1p(uses),
            "fdef": np.log1p(defines),
        }

    def _by_file(self, values: Floats, numerator: Floats | None = None) -> Floats:
        """Values over the largest in their file."""
        largest = segment_max(values, self.corpus.offsets)
        largest[largest <= 0] = 1.0
        return (values if numerator is None else numerator) / largest[self.corpus.file_of_piece]

    def _neighbours(self, values: Floats) -> Floats:
        """The larger value of the pieces before and after, within the file."""
        file = self.corpus.file_of_piece
        before, after = np.zeros(len(values)), np.zeros(len(values))
        if len(values) > 1:
            same = file[1:] == file[:-1]
            before[1:] = np.where(same, values[:-1], 0.0)
            after[:-1] = np.where(same, values[1:], 0.0)
        return np.maximum(before, after)

    def _head_scores(self, weights: Mapping[int, float]) -> Floats:
        """What the headers around each piece say of the query."""
        facts = self.corpus.facts
        size = int(self.corpus.offsets[-1])
        if not weights or not facts:
            return np.zeros(size)
        terms_ = np.concatenate([one.head_terms for one in facts])
        pieces = np.concatenate(
            [one.head_pieces + offset for one, offset in zip(facts, self.corpus.offsets, strict=False)]
        ).astype(np.int64)
        keys = np.array(sorted(weights), np.uint32)
        values = np.array([weights[int(key)] for key in keys])
        at = np.minimum(keys.searchsorted(terms_), len(keys) - 1)
        gains = np.where(keys[at] == terms_, values[at], 0.0)
        return summed(pieces, gains, size)

    def _definitions(self, names: AbstractSet[str]) -> Definitions:
        """Where some names are defined, in order."""
        return [
            (offset + piece, name)
            for source, offset in zip(self.sources, self.corpus.offsets.tolist(), strict=False)
            for name, piece in source.facts.defined
            if name in names
        ]

    def _defining(self, definitions: Definitions, names: Mapping[str, float]) -> Floats:
        """The weights of the names that each piece defines."""
        found = np.zeros(int(self.corpus.offsets[-1]))
        for piece, name in definitions:
            found[piece] += names.get(name, 0.0)
        return found

    def _needed(self, needed: Mapping[str, Mapping[str, float]]) -> Floats:
        """The weights of the names that each piece defines, by what is needed of its document."""
        found = np.zeros(int(self.corpus.offsets[-1]))
        for source, offset in zip(self.sources, self.corpus.offsets, strict=False):
            names = needed.get(source.path)
            if names:
                for name, piece in source.facts.defined:
                    if name in names:
                        found[offset + piece] += names[name]
        return found

    def _heat_features(self, aim: Aim) -> Table:
        size = int(self.corpus.offsets[-1])
        recent, lasting, shared, alike = np.zeros((4, size))
        ties, likeness = by_number(aim.commits_shared), by_number(aim.commits_alike)
        for heat, start, end in zip(self.heats, self.corpus.offsets, self.corpus.offsets[1:], strict=False):
            if len(heat.mainline):
                recent[start:end], lasting[start:end] = heat.recent, heat.lasting
                shared[start:end], alike[start:end] = heat.weighted(ties), heat.weighted(likeness)
        unknown = np.array([not len(heat.mainline) for heat in self.heats], np.float64)
        return {
            "h1": np.log1p(5 * recent),
            "h2": np.log1p(3 * lasting),
            "h3": np.log1p(5 * shared),
            "h4": np.log1p(5 * alike),
            "H1": self._by_file(recent),
            "H2": self._by_file(lasting),
            "H3": self._by_file(shared),
            "H4": self._by_file(alike),
            "nh": self._by_file(lasting, self._neighbours(lasting)),
            "nohist": unknown[self.corpus.file_of_piece],
        }

    def _shape_features(self) -> Table:
        corpus = self.corpus
        file = corpus.file_of_piece
        size = len(file)
        place = np.arange(size) - corpus.offsets[file]
        count = corpus.sizes[file]
        shapes = np.concatenate([one.shapes for one in corpus.facts]) if corpus.facts else np.zeros((0, 3))
        lines = np.concatenate([one.ends - one.starts for one in corpus.facts]) if corpus.facts else np.zeros(0)
        test = np.array([is_test(source.path) for source in self.sources], np.float64)[file] if size else np.zeros(0)
        position = place / np.maximum(count, 1)
        tail = (place == count - 1).astype(np.float64)
        return {
            "imp": shapes[:, 0].astype(np.float64),
            "com": shapes[:, 1].astype(np.float64),
            "def": shapes[:, 2].astype(np.float64),
            "top": (place == 0).astype(np.float64),
            "tail": tail,
            "ttail": tail * test,
            "test": test,
            "pos": position,
            "tpos": position * test,
            "ln": np.log(np.maximum(count, 1)),
            "len": lines / LONGEST,
        }
