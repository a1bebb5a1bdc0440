"""The domain's answers as a model reads them: Markdown, with the same as data where a program may want it.

Files are named as `Places` names them; lines are counted from one, and last lines are included. Nothing is looked up here
and nothing is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from magnetar.context.markdown import last_line, printable, render_markdown
from magnetar.mcp.places import Places
from magnetar.mcp.refusals import REASONS
from magnetar.model import (
    ContextAnswer,
    Dropped,
    DropReason,
    IndexState,
    Item,
    Prediction,
    SearchHit,
    Symbol,
    SymbolHit,
)

_NAMED = 8
"""So many of the files there was no room for are named."""

STILL_READING = "The workspace is still being read: ask again in a while for a fuller answer."


class Result(BaseModel):
    """The base of what is given as data."""

    model_config: ClassVar[ConfigDict] = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    def data(self) -> dict[str, Any]:
        """As it goes over the wire."""
        return self.model_dump(by_alias=True, exclude_none=True)


class FoundLine(Result):
    """A line that matches a search."""

    path: str
    line: int
    score: float
    preview: str


class FoundLines(Result):
    """`magnetar_search`, best first."""

    hits: list[FoundLine]


class FoundSymbol(Result):
    """A definition."""

    name: str
    kind: str
    container: str | None = None
    path: str
    line: int
    end_line: int
    signature: str


class FoundSymbols(Result):
    """`magnetar_symbols`."""

    symbols: list[FoundSymbol]


class LikelyFile(Result):
    """A file that is likely to be opened next."""

    path: str
    probability: float
    reasons: list[str]


class LikelyFiles(Result):
    """`magnetar_predict`, likeliest first."""

    predictions: list[LikelyFile]


# -- context -----------------------------------------------------------------------------------------------------------


def context_text(answer: ContextAnswer, places: Places) -> str:
    """The pieces, in prompt order."""
    base = places.base(places.holder(answer.items[0].path)) if answer.items else places.roots[0]
    return (
        render_markdown(answer, base) or "Nothing in the workspace fits this question. Try other words, or name a file."
    )


def context_note(answer: ContextAnswer, places: Places) -> str:
    """How full the answer is, and what is not in it and why."""
    files = "1 file" if len(answer.items) == 1 else f"{len(answer.items):,} files"
    return "\n".join(
        [
            f"{files}, {answer.tokens:,} of {answer.token_budget:,} tokens with their headings.",
            *_left_out([one for one in answer.dropped if one.reason is DropReason.BUDGET], places),
            *(
                f"Not given: {_named(one, places)}, for {REASONS[one.reason]}."
                for one in answer.dropped
                if one.reason not in (DropReason.BUDGET, DropReason.EXCLUDED)
            ),
            *([f"Not heard in time: {', '.join(answer.late_sources)}."] if answer.late_sources else []),
            *([] if answer.index.state is IndexState.READY else [STILL_READING]),
        ]
    )


def context_ledger(answer: ContextAnswer, places: Places) -> dict[str, Any]:
    """What the answer consists of, and why: for a host to show, not for the model to read."""
    return {
        "tokens": answer.tokens,
        "tokenBudget": answer.token_budget,
        "items": [_ledger_row(item, places) for item in answer.items],
        "dropped": [{"path": _named(one, places), "reason": one.reason.value} for one in answer.dropped],
    }


def _left_out(dropped: Sequence[Dropped], places: Places) -> Iterator[str]:
    if dropped:
        named = ", ".join(_named(one, places) for one in dropped[:_NAMED])
        more = f" and {len(dropped) - _NAMED} more" if len(dropped) > _NAMED else ""
        yield f"No room for: {named}{more}. Raise tokenBudget, or put what you need into mustInclude."


def _named(dropped: Dropped, places: Places) -> str:
    path = dropped.target.path
    return printable(dropped.target.uri if path is None else places.name(path))


def _ledger_row(item: Item, places: Places) -> dict[str, Any]:
    return {
        "path": places.name(item.path),
        "kind": item.kind.value,
        "lines": [[shown.start.line + 1, last_line(shown)] for shown in item.ranges],
        "tokens": item.tokens,
        "score": item.score,
        "reasons": [
            {
                "signal": reason.signal.value,
                "weight": reason.weight,
                **({} if reason.detail is None else {"detail": reason.detail}),
            }
            for reason in item.reasons
        ],
        "sha256": item.sha256,
    }


# -- the others --------------------------------------------------------------------------------------------------------


def search_result(hits: Sequence[SearchHit], places: Places) -> FoundLines:
    """Places that match a search."""
    return FoundLines(
        hits=[
            FoundLine(path=places.name(hit.path), line=hit.range.start.line + 1, score=hit.score, preview=hit.preview)
            for hit in hits
        ]
    )


def search_text(result: FoundLines) -> str:
    """One line for each place, as grep prints them."""
    if not result.hits:
        return "Nothing was found. Try fewer or other words; identifiers are matched whole and by their parts."
    return "\n".join(f"{printable(hit.path)}:{hit.line}: {' '.join(hit.preview.split())}" for hit in result.hits)


def symbols_result(hits: Sequence[SymbolHit], places: Places) -> FoundSymbols:
    """Definitions."""
    return FoundSymbols(symbols=[_symbol(hit, places) for hit in hits])


def symbols_text(result: FoundSymbols) -> str:
    """One line for each symbol: where it stands and how it is declared."""
    if not result.symbols:
        return "There is no such symbol. Try a part of its name, or magnetar_search."
    return "\n".join(
        f"{printable(one.path)}:{_lines(one.line, one.end_line)}: {one.signature or one.name}"
        + (f"  (in {one.container})" if one.container else "")
        for one in result.symbols
    )


def predict_result(predictions: Sequence[Prediction], places: Places) -> LikelyFiles:
    """Likely next files."""
    return LikelyFiles(
        predictions=[
            LikelyFile(
                path=places.name(one.path),
                probability=round(one.probability, 4),
                reasons=[reason.signal.value for reason in one.reasons],
            )
            for one in predictions
        ]
    )


def predict_text(result: LikelyFiles) -> str:
    """One line for each file."""
    if not result.predictions:
        return "Nothing is known yet about what follows this file. magnetar_context finds what belongs to it."
    return "\n".join(
        f"{one.probability:.0%} {printable(one.path)} ({', '.join(one.reasons)})" for one in result.predictions
    )


def outline_text(name: str, symbols: Sequence[tuple[Symbol, str]], line_count: int) -> str:
    """The symbols of a file with their signatures, each in those that hold it."""
    rows = [f"# {printable(name)} ({line_count:,} lines)", ""]
    for symbol, signature in symbols:
        depth = symbol.container.count(".") + 1 if symbol.container else 0
        span = _lines(symbol.range.start.line + 1, last_line(symbol.range))
        rows.append(f"{'  ' * depth}- {signature or symbol.name}  ({span})")
    return "\n".join(rows if symbols else [*rows, "It defines nothing that magnetar knows of."]) + "\n"


def _symbol(hit: SymbolHit, places: Places) -> FoundSymbol:
    symbol = hit.symbol
    return FoundSymbol(
        name=symbol.name,
        kind=symbol.kind.name.lower(),
        container=symbol.container,
        path=places.name(hit.path),
        line=symbol.range.start.line + 1,
        end_line=last_line(symbol.range),
        signature=hit.signature,
    )


def _lines(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
