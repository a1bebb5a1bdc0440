"""Words: files that hold the query's terms, and files that speak of the same things as a document.

Ranking itself counts the words in the facts of the candidates; this source says which words count how much and, in
large folders, which files hold them at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from magnetar.context.content import Corpus, hashed, idf
from magnetar.context.sources.base import Document, Evidence, Moment, Scores, best
from magnetar.symbols.terms import term_hash, terms

_SEARCHED = 24
"""Terms that are searched for at once: the rarest say nearly all."""
_PROPOSED = 150
_PROFILE = 40
_PROFILE_SEARCHED = 12
_PROFILE_PROPOSED = 60
_PROFILE_WORDS = 600


class Lexical:
    """Files by the words they hold."""

    name = "lexical"

    async def gather(self, moment: Moment) -> Evidence:
        """Scores candidates by the query's terms, weighted by rarity."""
        question = moment.question.terms
        rarities = await term_rarities(moment, question)
        weights = {term: question[term] * rarity for term, rarity in rarities.items()}
        return Evidence(needles={"bm": hashed(weights)}, proposed=await _search(moment, weights, _SEARCHED, _PROPOSED))

    async def relate(self, moment: Moment, document: Document) -> Evidence:
        """Scores candidates by the terms that mark the document out."""
        counts = _term_counts(document)
        rarities = await term_rarities(moment, counts)
        marks = best({term: sqrt(counts[term]) * rarity for term, rarity in rarities.items()}, _PROFILE)
        largest = max(marks.values(), default=1.0)
        weights = {term: mark / largest * rarities[term] for term, mark in marks.items()}
        proposed = await _search(moment, marks, _PROFILE_SEARCHED, _PROFILE_PROPOSED)
        return Evidence(needles={"sim": hashed(weights)}, proposed=proposed)


async def term_rarities(moment: Moment, wanted: Iterable[str]) -> dict[str, float]:
    """Inverse document frequency of the terms that some file holds and not nearly every file does."""
    files = len(moment.workspace.files)
    frequencies = await moment.workspace.document_frequency(wanted)
    return {term: rarity for term in wanted if (rarity := idf(frequencies.get(term, 0), files)) and term in frequencies}


async def _search(moment: Moment, weights: Mapping[str, float], terms_searched: int, limit: int) -> Scores:
    if not moment.wide or not weights:
        return {}
    return dict(await moment.workspace.lexical(best(weights, terms_searched), limit))


def _term_counts(document: Document) -> dict[str, float]:
    """How often each term stands in a text, by its most frequent identifiers."""
    words = dict.fromkeys(term for name in document.identifiers[:_PROFILE_WORDS] for term in terms(name))
    corpus = Corpus([document.facts])
    hits = corpus.find([term_hash(term) for term in words])
    (counts,) = corpus.frequencies(hits)
    return {term: float(counts[hits.needles[term_hash(term)]]) for term in words}
