"""Names: files that define what the query or a document names, and files that use what a document defines."""

from __future__ import annotations

from collections.abc import Iterable

from magnetar.context.question import name_term
from magnetar.context.sources.base import Document, Evidence, Moment, Scores, best, rarity
from magnetar.symbols.terms import term_hash

_SHORTEST = 4
_MOST_DEFINERS = 4
"""A name defined in more files than this ties nobody to anybody."""
_COMMON = 0.4
_FEW_FILES = 20
_WIDELY_USED = 20
_SEARCHED = 16
_PROPOSED = 60


class Names:
    """Files by the identifiers they define and use."""

    name = "names"

    async def gather(self, moment: Moment) -> Evidence:
        """Files that define or use an identifier of the query."""
        strengths = moment.question.names
        files = len(moment.workspace.files)
        frequencies = await _frequencies(moment, strengths)
        definers = await moment.workspace.defining([name for name in strengths if frequencies[name]])
        defines: dict[str, float] = {}
        uses: dict[int, float] = {}
        for name, strength in strengths.items():
            if not frequencies[name]:
                continue
            uses[term_hash(name_term(name))] = (
                strength * rarity(frequencies[name], files) / (1 if frequencies[name] < _WIDELY_USED else 2)
            )
            paths = definers.get(name, ())
            for path in paths:
                defines[path] = defines.get(path, 0.0) + strength * rarity(len(paths), files) / len(paths) ** 0.5
        return Evidence(columns={"dq": best(defines, _PROPOSED)}, needles={"rq": uses})

    async def relate(self, moment: Moment, document: Document) -> Evidence:
        """Files that define what the document uses, and names of the document whose users count."""
        files = len(moment.workspace.files)
        defined = list(dict.fromkeys(name for name, _ in document.facts.defined if len(name) >= _SHORTEST))
        own = frozenset(name for name, _ in document.facts.defined)
        used = [name for name in document.identifiers if len(name) >= _SHORTEST and name not in own]
        definers = await moment.workspace.defining([*defined, *used], _MOST_DEFINERS)
        telling = [name for name in [*defined, *used] if name in definers]
        frequencies = await _frequencies(moment, telling)
        provides: dict[str, float] = {}
        wanted: dict[str, float] = {}
        for name in telling:
            paths = definers[name]
            weight = rarity(frequencies[name], files) / len(paths)
            if name not in own:
                for path in paths:
                    provides[path] = provides.get(path, 0.0) + weight
            elif frequencies[name] <= _COMMON * files or files <= _FEW_FILES:
                wanted[name_term(name)] = weight
        provides.pop(document.path, None)
        return Evidence(
            columns={"refo": best(provides, _PROPOSED)},
            needles={"refi": {term_hash(term): weight for term, weight in wanted.items()}},
            proposed=await _users(moment, wanted),
        )


async def _frequencies(moment: Moment, names: Iterable[str]) -> dict[str, int]:
    """In how many files each name stands, spelled in any case."""
    by_name = {name: name_term(name) for name in names}
    found = await moment.workspace.document_frequency(dict.fromkeys(by_name.values()))
    return {name: found.get(term, 0) for name, term in by_name.items()}


async def _users(moment: Moment, wanted: Scores) -> Scores:
    if not moment.wide or not wanted:
        return {}
    return dict(await moment.workspace.lexical(best(wanted, _SEARCHED), _PROPOSED))
