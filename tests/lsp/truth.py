"""What the protocol promises of an answer, checked against the disk and the buffers, with the real tokenizer.

Nothing of the server is used here.
"""

import hashlib
import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import bpe_openai

SIGNALS = {
    "focus", "selection", "recent", "edited", "predicted", "mentioned", "imports", "importedBy",
    "definition", "reference", "cochange", "lexical", "semantic", "path", "pinned",
}  # fmt: skip
DROPS = {
    "budget", "excluded", "ignored", "secret", "binary", "tooLarge", "unreadable", "outsideWorkspace", "missing",
}  # fmt: skip
KINDS = {"file", "outline", "symbol", "snippet"}
SEPARATOR = "⋯"

_ENCODER = bpe_openai.get_encoding("o200k_base")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def count_tokens(text):
    return len(_ENCODER.encode_ordinary(text.encode("utf-8", "replace").decode()))


def path_of(uri):
    return Path(unquote(urlsplit(uri).path))


class Truth:
    """What can be served of some folders at this moment: the open buffers, else the disk's bytes."""

    def __init__(self, *roots, position_encoding="utf-8"):
        self.roots = roots
        self.buffers = {}
        self.encodings = {}
        """Path to the encoding of a file that is not UTF-8."""
        self._unit = _UNITS[position_encoding]
        self._held = {}

    def bytes_of(self, path):
        """What a document's hash is over."""
        return self.buffers[path].encode() if path in self.buffers else path.read_bytes()

    def text_of(self, path):
        if path in self.buffers:
            return self.buffers[path]
        return path.read_bytes().decode(self.encodings.get(path, "utf-8-sig"))

    def slices(self, path, ranges):
        """The text at each range."""
        lines = split_lines(self.text_of(path))
        return [self._slice(lines, one) for one in ranges]

    def _slice(self, lines, span):
        start, end = span["start"], span["end"]
        assert (start["line"], start["character"]) <= (end["line"], end["character"])
        assert end["line"] < len(lines), "a range ends beyond the document"
        part = lines[start["line"] : end["line"] + 1]
        part[-1] = self._cut(part[-1], end["character"])[0]
        part[0] = self._cut(part[0], start["character"])[1]
        return "".join(part)

    def _cut(self, line, character):
        codec, width = self._unit
        data = line.encode(codec)
        assert character * width <= len(data), "a range ends beyond its line"
        return data[: character * width].decode(codec), data[character * width :].decode(codec)

    # -- answers ---------------------------------------------------------------------------------------------------

    def check(self, answer, **params):
        """Holds an answer of `magnetar/context` to everything that is promised of it."""
        budget = params.get("tokenBudget", 8_192)
        chat = self._held.setdefault(params["conversationId"], {}) if "conversationId" in params else {}
        assert answer["tokenBudget"] == budget
        assert answer["tokens"] == sum(item["tokens"] for item in answer["items"])
        assert answer["tokens"] + answer.get("heldTokens", 0) <= budget
        assert len(answer["items"]) <= params.get("maxItems", 64)
        shown = {}
        for item in answer["items"]:
            self._check_item(item, params, chat)
            shown.setdefault(item["uri"], []).extend(item["ranges"])
        for ranges in shown.values():
            assert_disjoint(ranges)
        self._check_order(answer["items"], params)
        self._check_dropped(answer, params)
        assert {item["uri"] for item in answer["items"]}.isdisjoint(params.get("exclude", ()))
        if "conversationId" in params:
            self._held[params["conversationId"]] = {
                key_of(item): chat[key_of(item)] if item.get("unchanged") else item for item in answer["items"]
            }
            held = sum(self._held[params["conversationId"]][key_of(one)]["tokens"] for one in answer["items"])
            assert held == answer["tokens"] + answer["heldTokens"]
        return answer

    def _check_item(self, item, params, chat):
        path = path_of(item["uri"])
        assert any(path.is_relative_to(root) for root in self.roots), f"{path} lies outside"
        assert item["kind"] in params.get("include", KINDS)
        assert item["source"] == ("buffer" if path in self.buffers else "disk")
        assert item["sha256"] == hashlib.sha256(self.bytes_of(path)).hexdigest(), f"{path} is stale"
        assert item["ranges"]
        assert item["ranges"] == sorted(item["ranges"], key=start_of)
        slices = self.slices(path, item["ranges"])
        text = f"\n{SEPARATOR}\n".join(slices)
        if item.get("unchanged"):
            before = chat[key_of(item)]
            assert before["content"] == text, f"what is held of {path} is stale"
            assert (item["content"], item["tokens"]) == ("", 0)
        else:
            assert item["content"] == text, f"{path} is stale"
            self._check_tokens(item, path)
        if item["kind"] == "file":
            assert text == self.text_of(path)
            assert len(item["ranges"]) == 1
        assert item["score"] is not None, f"the score of {path} is no number"
        assert 0 <= item["score"] <= 1
        assert_explained(item["reasons"])
        for symbol in item.get("symbols", ()):
            assert symbol["name"] in self.slices(path, [symbol["range"]])[0]

    def _check_tokens(self, item, path):
        root = max((root for root in self.roots if path.is_relative_to(root)), key=lambda one: len(one.parts))
        true = count_tokens(item["content"])
        header = count_tokens(f"{path.relative_to(root).as_posix()}\n")
        assert item["tokens"] >= true + header
        # Of the price three tokens are room for the mark before the header and for a seam that merges.
        assert item["tokens"] <= 1.05 * (true + header) + 3, f"{path}: {item['tokens']} for {true} and {header}"

    def _check_order(self, items, params):
        held = [bool(item.get("unchanged")) for item in items]
        assert held == sorted(held, reverse=True), "what is held comes first"
        new = [item for item in items if not item.get("unchanged")]
        pinned = [item["uri"] in params.get("mustInclude", ()) for item in new]
        assert pinned == sorted(pinned, reverse=True), "what must be included comes next"
        scores = [item["score"] for item, pin in zip(new, pinned, strict=True) if not pin]
        assert scores == sorted(scores, reverse=True), "the rest is ordered by score"

    def _check_dropped(self, answer, params):
        dropped = {one["uri"]: one for one in answer["dropped"]}
        assert len(dropped) == len(answer["dropped"]), "one document is dropped twice"
        assert {one["reason"] for one in answer["dropped"]} <= DROPS
        served = {item["uri"] for item in answer["items"]}
        assert served.isdisjoint(dropped)
        assert all(0 <= one["score"] <= 1 for one in answer["dropped"])
        assert sum(one["reason"] == "budget" for one in answer["dropped"]) <= 50
        for uri in params.get("exclude", ()):
            assert dropped[uri]["reason"] == "excluded"
        for uri in params.get("mustInclude", ()):
            assert uri in served or uri in dropped, f"{uri} is neither served nor accounted for"

    def check_hits(self, hits):
        """Holds the hits of a search to what is there now."""
        for hit in hits:
            (line,) = self.slices(path_of(hit["uri"]), [hit["range"]])
            assert hit["preview"] in line, f"{hit['uri']} is stale"

    def check_symbols(self, symbols):
        """Holds symbols to what is there now."""
        for symbol in symbols:
            assert self.slices(path_of(symbol["uri"]), [symbol["selectionRange"]]) == [symbol["name"]]


def split_lines(text):
    """The lines with their ends, and the empty one after the last."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text) + ([""] if not text or text[-1] in "\r\n" else [])


def start_of(span):
    return span["start"]["line"], span["start"]["character"]


def end_of(span):
    return span["end"]["line"], span["end"]["character"]


def assert_disjoint(ranges):
    for one, other in itertools.pairwise(sorted(ranges, key=start_of)):
        assert end_of(one) <= start_of(other), "the same text is sent twice"


def assert_explained(reasons):
    assert reasons
    assert {reason["signal"] for reason in reasons} <= SIGNALS
    weights = [reason["weight"] for reason in reasons]
    assert weights == sorted(weights, reverse=True), "the strongest reason comes first"


def key_of(item):
    """What a client knows an item by."""
    return item["uri"], item["kind"], tuple((start_of(one), end_of(one)) for one in item["ranges"])


def comparable(answer):
    """An answer without what may differ between two equal requests."""
    rest = {name: value for name, value in answer.items() if name not in {"elapsedMs", "cache"}}
    items = [{name: value for name, value in item.items() if name != "cached"} for item in answer["items"]]
    return {**rest, "items": items}
