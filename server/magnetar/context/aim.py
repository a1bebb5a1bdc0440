"""Taking aim: the lines a request seems to be about, and the words and names that follow from them.

Where a cursor or selection says it, those are the lines; else the pieces of the likeliest files that match the query and
change most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from magnetar.context.chronicle import Chronicle
from magnetar.context.content import hashed, idf
from magnetar.context.pieces import Aim, Pieces, Telling
from magnetar.context.question import name_term
from magnetar.context.sources.base import Moment, best, rarity
from magnetar.symbols.terms import IDENTIFIER, term_hash, terms

_PROFILE = 40
_SHORTEST_NAME = 4
_FEW_USERS, _SHARE_OF_USERS = 5, 0.2
_OWN_NAME = 0.3
_REPEATS = 3
_BESIDE_FOCUS = 0.3
_FOCI = 5


async def take_aim(
    moment: Moment, pieces: Pieces, pseudo: Sequence[tuple[str, float]], chronicle: Chronicle | None
) -> Aim:
    """Finds what the request is about.

    Args:
        moment: the request.
        pieces: the documents that may be shown, the focus and the pseudo-foci among them.
        pseudo: files the answer seems to be about, likeliest first, with their probability.
        chronicle: the history, where there is one.
    """
    if moment.focus is not None:
        shares = {moment.focus.path: 1.0} | {path: _BESIDE_FOCUS * share for path, share in pseudo}
    else:
        shares = dict(pseudo)
    shares = dict(list(shares.items())[:_FOCI])
    files = len(moment.workspace.files)
    question = moment.question
    asked_terms = {name: name_term(name) for name in question.names}
    frequencies = await moment.workspace.document_frequency({*question.terms, *asked_terms.values()})
    weights = {term: w * idf(frequencies[term], files) for term, w in question.terms.items() if term in frequencies}
    question_weights = hashed(weights)
    asked_uses = {
        term_hash(asked_terms[name]): strength * rarity(frequencies[asked_terms[name]], files)
        for name, strength in question.names.items()
        if asked_terms[name] in frequencies
    }
    match, uses = pieces.matches(question_weights, asked_uses)
    lines = pieces.telling(match, shares, moment.lines)
    telling = await _read_lines(moment, pieces, {path: _weighted(runs, shares[path]) for path, runs in lines.items()})
    alike = chronicle.alike(hashed(question.terms))[1] if chronicle else {}
    return Aim(
        question=question_weights,
        match=match,
        asked=question.names,
        asked_uses=uses,
        telling=telling,
        needed=moment.needed.defined,
        commits_alike=alike,
        commits_shared=chronicle.shared_commits(shares) if chronicle else {},
    )


Lines = Mapping[str, Sequence[tuple[int, int, float]]]
"""Path to runs of lines, each with its weight, the weightiest first."""


async def _read_lines(moment: Moment, pieces: Pieces, lines: Lines) -> Telling:
    """The words of some lines, and the names they define and use, all weighted by rarity."""
    bags = {
        path: [(Counter(IDENTIFIER.findall(pieces.text(path, a, b))), weight) for a, b, weight in runs]
        for path, runs in lines.items()
    }
    own = {path: dict.fromkeys(name for name, _ in pieces.facts(path).defined) for path in lines}
    names = {name for path in lines for name in own[path]}
    names.update(name for runs in bags.values() for bag, _ in runs for name in bag)
    by_name = {name: (name_term(name), terms(name)) for name in sorted(names)}
    files = len(moment.workspace.files)
    frequencies = await moment.workspace.document_frequency(
        {term for one, parts in by_name.values() for term in (one, *parts)}
    )
    most_users = max(_FEW_USERS, _SHARE_OF_USERS * files)
    telling = {
        name: rarity(frequencies[term], files)
        for name, (term, _) in by_name.items()
        if len(name) >= _SHORTEST_NAME and 0 < frequencies.get(term, 0) <= most_users
    }
    words: dict[str, float] = {}
    provided: dict[str, float] = {}
    needed: dict[str, float] = {}
    for path, runs in bags.items():
        for bag, share in runs:
            counts: Counter[str] = Counter()
            for name, count in bag.items():
                for term in by_name[name][1]:
                    counts[term] += count
                if name in telling:
                    into = provided if name in own[path] else needed
                    into[name] = into.get(name, 0.0) + share * telling[name]
            for term, count in counts.items():
                words[term] = words.get(term, 0.0) + share * min(count, _REPEATS) ** 0.5
        highest = max((share for _, share in runs), default=0.0)
        for name in own[path]:
            if name in telling:
                provided.setdefault(name, _OWN_NAME * highest)
    weighted = {term: weight * idf(frequencies.get(term, 0), files) for term, weight in words.items()}
    profile = best({term: weight for term, weight in weighted.items() if weight > 0}, _PROFILE)
    return Telling(hashed(profile), provided, needed)


def _weighted(runs: Sequence[tuple[int, int, float]], share: float) -> list[tuple[int, int, float]]:
    return [(start, end, share * weight) for start, end, weight in runs]
