"""From evidence to numbers: the feature table that ranking is linear in.

A feature is called `name`, `name#r` (reciprocal rank) or `name#a` (logarithm); a `f:` before it says that it relates a file
to the focus, a `p:` to the files that the first stage thinks the answer is about. `left*right` is a product. `SIGNALS`
says which of the protocol's signals each name speaks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from magnetar.context.candidates import Candidates
from magnetar.context.content import Floats
from magnetar.context.sources.base import Evidence
from magnetar.model import Signal
from magnetar.symbols.terms import is_test

Table = dict[str, Floats]
"""Feature to an array over the candidates."""

SIGNALS: Mapping[str, Signal] = {
    "bm": Signal.LEXICAL,  # BM25 of the file for the query
    "cbm": Signal.LEXICAL,  # of its best piece
    "cbm3": Signal.LEXICAL,  # of its three best pieces
    "sim": Signal.LEXICAL,  # shares the terms that mark a document out
    "pq": Signal.PATH,  # words of the path stand in the query
    "same": Signal.PATH,  # called alike
    "twin": Signal.PATH,  # called alike, one of them a test
    "sdir": Signal.PATH,  # in the same directory
    "dsim": Signal.PATH,  # in a near directory
    "ext": Signal.PATH,  # of the same suffix
    "xtest": Signal.PATH,  # test for source, source for test
    "base": Signal.MENTIONED,  # the query spells its name
    "dq": Signal.DEFINITION,  # defines a name in the query
    "rq": Signal.REFERENCE,  # uses a name in the query
    "refo": Signal.DEFINITION,  # defines what a document uses
    "refi": Signal.REFERENCE,  # uses what a document defines
    "imp": Signal.IMPORTS,  # a document imports it
    "rimp": Signal.IMPORTED_BY,  # imports a document
    "co": Signal.COCHANGE,  # changed with a document: decayed, shared among the commit's files
    "co2": Signal.COCHANGE,  # the share of the document's commits it stands in
    "co3": Signal.COCHANGE,  # undecayed
    "msg": Signal.COCHANGE,  # stands in commits whose message is like the query
    "pop": Signal.COCHANGE,  # changed often of late
    "pop2": Signal.COCHANGE,  # changed often over long
    "rec": Signal.COCHANGE,  # changed lately at all
    "never": Signal.COCHANGE,  # not changed in the history that is read
    "near": Signal.DEFINITION,  # defines what the code under the cursor uses
    "fsg": Signal.LEXICAL,  # and of its best piece: shares the words of the lines the request is about
    "bmg": Signal.LEXICAL,  # is like the query
    "h1": Signal.COCHANGE,  # was changed of late
    "h2": Signal.COCHANGE,  # was changed
    "h3": Signal.COCHANGE,  # was changed together with what the request is about
    "h4": Signal.COCHANGE,  # was changed by a commit whose message is like the query
    "fref": Signal.REFERENCE,  # uses what those lines define
    "fdef": Signal.DEFINITION,  # defines what those lines use
    "dfq": Signal.DEFINITION,  # defines a name in the query
    "rfq": Signal.REFERENCE,  # uses one
    "recent": Signal.RECENT,
    "edited": Signal.EDITED,
    "predicted": Signal.PREDICTED,
}
"""What each feature speaks for; `code`, `test` and `size` describe a file and are no reason to show it."""

_PLAIN = frozenset(
    "code test size never imp rimp same twin sdir dsim base co2 ext xtest near recent edited predicted".split()
)
"""Features that are already comparable between requests."""
_WITH_LOGARITHM = frozenset({"co", "co3", "msg", "pop"})
_PRODUCTS = (("f:imp", "f:xtest"), ("f:rimp", "f:xtest"), ("f:sdir", "f:ext"), ("code", "f:ext"))
_RANKED = 200
_RANK_HALVING = 4.0


def bare(feature: str) -> str:
    """A feature's name without its prefix, its form and the second factor: `f:co#r` is `co`."""
    return feature.partition("*")[0].rpartition(":")[2].partition("#")[0]


def describe(candidates: Candidates, priors: Mapping[str, Mapping[str, float]]) -> Table:
    """What can be said of files without any question: kind, size, how much and how lately they change."""
    table: Table = {name: candidates.column(priors.get(name, {})) for name in ("pop", "pop2", "rec")}
    table["code"] = candidates.is_code
    table["test"] = candidates.is_test
    table["size"] = candidates.length
    table["never"] = (table["rec"] == 0).astype(np.float64)
    return table


def relate_paths(candidates: Candidates, path: str) -> Table:
    """How paths compare with one document's."""
    alike = candidates.name_likeness(path)
    return {
        "same": alike,
        "twin": alike * abs(candidates.is_test - is_test(path)),
        "sdir": candidates.same_directory(path),
        "dsim": candidates.path_nearness(path),
    }


def measure(candidates: Candidates, evidence: Iterable[Evidence]) -> Table:
    """The columns of some evidence, its needles looked up in the candidates' facts."""
    evidence = tuple(evidence)
    table: Table = {}
    for one in evidence:
        for name, scores in one.columns.items():
            table[name] = candidates.column(scores)
    needles = {name: weights for one in evidence for name, weights in one.needles.items()}
    if not any(needles.values()):
        return table | {name: np.zeros(len(candidates)) for name in needles}
    corpus = candidates.corpus
    hits = corpus.find([term for weights in needles.values() for term in weights])
    counts = corpus.frequencies(hits)
    for name, by_hash in needles.items():
        weights = hits.weights(by_hash)
        if name in ("rq", "refi"):
            table[name] = (counts > 0) @ weights
        else:
            table[name] = corpus.file_scores(counts, weights)
        if name == "bm":
            pieces = corpus.piece_scores(hits, weights)
            table["cbm"], table["cbm3"] = corpus.best(pieces), corpus.best_three(pieces)
    return table


def expand(table: Table) -> Table:
    """Makes features comparable between requests: each over its maximum, its reciprocal rank, some as logarithms."""
    found: Table = {}
    for name, values in table.items():
        if bare(name) in _PLAIN:
            found[name] = values
            continue
        largest = values.max(initial=0.0)
        found[name] = values / largest if largest > 0 else values
        found[name + "#r"] = _reciprocal_ranks(values)
        if bare(name) in _WITH_LOGARITHM:
            found[name + "#a"] = np.log1p(3 * values)
    return found


def multiply(table: Table) -> Table:
    """The products of features that mean more together."""
    return {f"{a}*{b}": table[a] * table[b] for a, b in _PRODUCTS if a in table and b in table}


def prefixed(prefix: str, table: Table) -> Table:
    """The same columns under a prefix."""
    return {prefix + name: values for name, values in table.items()}


def _reciprocal_ranks(values: Floats) -> Floats:
    positive = np.flatnonzero(values > 0)
    order = positive[np.argsort(-values[positive], kind="stable")[:_RANKED]]
    found = np.zeros(len(values))
    found[order] = 1 / (1 + np.arange(len(order)) / _RANK_HALVING)
    return found
