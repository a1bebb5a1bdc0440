"""The domain's answers as the plain dictionaries that go over the wire: the result shapes of the protocol, by hand.

Every field of a result is always there; the optional ones (`detail`, `tokens`, `symbols`, `version`, `mtime`,
`unchanged`, `containerName`) only where they exist. Nothing is looked up here and nothing is decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from magnetar.lsp.convert import uri_of, wire_range
from magnetar.lsp.encoded import Encoded
from magnetar.model import (
    Candidate,
    ContextAnswer,
    Dropped,
    IndexStatus,
    Item,
    PositionEncoding,
    Prediction,
    PrefetchReport,
    Reason,
    SearchHit,
    ServerStats,
    ServerStatus,
    SymbolHit,
    WarmReport,
)

Wire = Mapping[str, Any]

_Part = TypeVar("_Part")


def context_result(answer: ContextAnswer, encoding: PositionEncoding, encoded: Encoded | None = None) -> Wire:
    """`magnetar/context`; its long lists as bytes, where there is someone to keep these."""

    def listed(part: Sequence[_Part], wire: Callable[[_Part], Wire]) -> object:
        return [wire(one) for one in part] if encoded is None else encoded.of(part, wire)

    return {
        "items": listed(answer.items, partial(_item, encoding=encoding)),
        "tokens": answer.tokens,
        "tokenBudget": answer.token_budget,
        "heldTokens": answer.held_tokens,
        "removed": [target.uri for target in answer.removed],
        "dropped": listed(answer.dropped, _dropped),
        "lateSources": answer.late_sources,
        "index": _index(answer.index),
        "cache": {"hits": answer.hits, "misses": answer.misses},
        "elapsedMs": answer.elapsed_ms,
    }


def explain_result(candidates: Sequence[Candidate]) -> Wire:
    """`magnetar/explain`."""
    return {"candidates": [_candidate(candidate) for candidate in candidates]}


def predict_result(predictions: Sequence[Prediction]) -> Wire:
    """`magnetar/predict`."""
    return {
        "predictions": [
            {
                "uri": uri_of(prediction.path),
                "probability": prediction.probability,
                "reasons": [{"signal": reason.signal.value, "weight": reason.weight} for reason in prediction.reasons],
            }
            for prediction in predictions
        ]
    }


def prefetch_result(report: PrefetchReport) -> Wire:
    """`magnetar/prefetch`."""
    return {
        "prefetched": report.prefetched,
        "skipped": report.skipped,
        "failed": [{"uri": target.uri, "error": error} for target, error in report.failed],
    }


def warm_result(report: WarmReport) -> Wire:
    """`magnetar/warm`."""
    return {
        "files": report.files,
        "symbols": report.symbols,
        "reused": report.reused,
        "skipped": {
            "ignored": report.skipped.ignored,
            "binary": report.skipped.binary,
            "tooLarge": report.skipped.too_large,
            "secret": report.skipped.secret,
            "unreadable": report.skipped.unreadable,
        },
        "elapsedMs": report.elapsed_ms,
    }


def search_result(hits: Sequence[SearchHit], elapsed_ms: float, encoding: PositionEncoding) -> Wire:
    """`magnetar/search`."""
    return {
        "hits": [
            {
                "uri": uri_of(hit.path),
                "range": wire_range(hit.range, hit.lines, encoding),
                "score": hit.score,
                "preview": hit.preview,
                "signals": [signal.value for signal in hit.signals],
            }
            for hit in hits
        ],
        "elapsedMs": elapsed_ms,
    }


def symbols_result(hits: Sequence[SymbolHit], encoding: PositionEncoding) -> Wire:
    """`magnetar/symbols`."""
    return {"symbols": [_symbol(hit, encoding) for hit in hits]}


def stats_result(stats: ServerStats) -> Wire:
    """`magnetar/stats`."""
    return {
        "cache": {
            **_camel(stats.cache),
            "backend": stats.backend,
            "tiers": [
                {
                    "name": tier.name,
                    "hits": tier.hits,
                    "misses": tier.misses,
                    "entries": tier.entries,
                    "sizeBytes": tier.size_bytes,
                }
                for tier in stats.tiers
            ],
        },
        "prediction": _camel(stats.prediction),
        "index": {
            **_index(stats.index),
            "symbols": stats.symbols,
            "embeddings": stats.embeddings,
            "sizeBytes": stats.index_bytes,
        },
        "process": {
            "rssBytes": stats.rss_bytes,
            "cpuSeconds": stats.cpu_seconds,
            "uptimeSeconds": stats.uptime_seconds,
            "logFile": None if stats.log_file is None else str(stats.log_file),
        },
        "watcher": {"mode": stats.watcher_mode, "pending": stats.watcher_pending},
    }


def clear_result(entries: int) -> Wire:
    """`magnetar/clear`."""
    return {"entries": entries}


def status_params(status: ServerStatus) -> Wire:
    """`experimental/serverStatus`."""
    params: dict[str, Any] = {"health": status.health.value, "quiescent": status.quiescent}
    if status.message is not None:
        params["message"] = status.message
    return params


def _item(item: Item, encoding: PositionEncoding) -> Wire:
    wire: dict[str, Any] = {
        "uri": uri_of(item.path),
        "kind": item.kind.value,
        "languageId": item.language,
        "ranges": [wire_range(span, item.lines, encoding) for span in item.ranges],
        "content": item.content,
        "tokens": item.tokens,
        "score": item.score,
        "reasons": [_reason(reason) for reason in item.reasons],
        "source": "buffer" if item.from_buffer else "disk",
        "sha256": item.sha256,
        "cached": item.cached,
    }
    if item.symbols:
        wire["symbols"] = [
            {
                "name": symbol.name,
                "kind": int(symbol.kind),
                "range": wire_range(symbol.range, item.lines, encoding),
            }
            for symbol in item.symbols
        ]
    if item.version is not None:
        wire["version"] = item.version
    if item.mtime is not None:
        wire["mtime"] = item.mtime
    if item.unchanged:
        wire["unchanged"] = True
    return wire


def _reason(reason: Reason) -> Wire:
    wire: dict[str, Any] = {"signal": reason.signal.value, "weight": reason.weight}
    if reason.detail is not None:
        wire["detail"] = reason.detail
    return wire


def _dropped(dropped: Dropped) -> Wire:
    wire: dict[str, Any] = {"uri": dropped.target.uri, "reason": dropped.reason.value, "score": dropped.score}
    if dropped.tokens is not None:
        wire["tokens"] = dropped.tokens
    return wire


def _candidate(candidate: Candidate) -> Wire:
    return {
        "uri": uri_of(candidate.path),
        "score": candidate.score,
        "signals": [
            {"signal": signal.value, "rank": rank, "weight": weight} for signal, rank, weight in candidate.signals
        ],
        "chosen": candidate.chosen,
        "reason": candidate.reason,
    }


def _symbol(hit: SymbolHit, encoding: PositionEncoding) -> Wire:
    symbol = hit.symbol
    wire: dict[str, Any] = {
        "name": symbol.name,
        "kind": int(symbol.kind),
        "uri": uri_of(hit.path),
        "range": wire_range(symbol.range, hit.lines, encoding),
        "selectionRange": wire_range(symbol.selection, hit.lines, encoding),
        "signature": hit.signature,
    }
    if symbol.container is not None:
        wire["containerName"] = symbol.container
    return wire


def _index(index: IndexStatus) -> dict[str, Any]:
    return {"state": index.state.value, "files": index.files, "indexedFiles": index.indexed}


def _camel(values: Mapping[str, float]) -> dict[str, float]:
    return {re.sub(r"_(\w)", lambda match: match[1].upper(), name): value for name, value in values.items()}
