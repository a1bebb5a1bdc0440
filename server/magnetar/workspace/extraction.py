"""What a worker process does to a file: read it safely, find its secrets, extract its facts.

Everything here is picklable and synchronous. What comes back holds no text, only facts, and those know nothing of lines
with a secret.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from magnetar.cache.keys import symbols_key
from magnetar.files.fingerprint import Fingerprint
from magnetar.files.kinds import Classification, classify
from magnetar.files.read import read_text
from magnetar.files.secrets import secret_lines
from magnetar.model import DropReason
from magnetar.search.store import Entry, FileRow, Role
from magnetar.symbols import build, codec
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import name_stem
from magnetar.workspace.imports import import_keys, module_keys


@frozen
class Rules:
    """How the files of a folder are read and priced."""

    root: Path
    max_file_bytes: int
    encoding: str


@frozen(eq=False)
class Extracted:
    """One file's entry for the index and, where it is indexed, its facts as they are stored and under which key."""

    entry: Entry
    key: str
    facts: bytes


def facts_key(sha256: str, language: str, encoding: str) -> str:
    """The cache key of a content's facts: all that they depend on."""
    return symbols_key(sha256, f"{language}:{encoding}:{build.VERSION}.{codec.FORMAT}")


def extract_files(rules: Rules, paths: Sequence[str], *, parse: bool = True) -> list[Extracted]:
    """Reads and extracts files; one that can't be read or served comes back refused, never as an error."""
    return [_extract_file(rules, path, parse=parse) for path in paths]


def extract_text(
    rules: Rules, path: str, text: str, sha256: str, fingerprint: Fingerprint, read_ns: int, *, parse: bool = True
) -> Extracted:
    """Extracts one text, of a file or of a buffer.

    What a machine wrote (generated, minified) keeps its pieces, to be shown where it is asked for, but neither symbols
    nor words: nothing it holds should bring it up.
    """
    written = classify(path, text) is Classification.SOURCE
    hidden = secret_lines(text, path)
    built = build.build_facts(path, text, secret_lines=hidden, encoding=rules.encoding, parse=parse and written)
    if not written:
        built = evolve(built, lexicon="")
    facts = built.facts
    row = FileRow(
        path=path,
        fingerprint=fingerprint,
        read_ns=read_ns,
        sha256=sha256,
        language=facts.language,
        lines=facts.line_count,
        symbols=facts.symbol_count,
        header_tokens=facts.header_tokens,
        refused=None,
    )
    key = facts_key(sha256, facts.language, rules.encoding)
    return Extracted(entry_of(row, facts, built.lexicon), key, codec.encode_facts(built))


def price_headers(paths: Sequence[str], encoding: str) -> list[int]:
    """Tokens of each path's header."""
    return [build.price_header(path, encoding) for path in paths]


def entry_of(row: FileRow, facts: Facts, lexicon: str) -> Entry:
    """What the index stores of a file whose facts are known."""
    names = {(Role.DEFINES, name) for name, _ in facts.defined}
    names |= {(Role.IMPORTS, key) for key in import_keys(row.path, facts.imports)}
    names |= {(Role.MODULE, key) for key in module_keys(row.path)}
    names.add((Role.CALLED, name_stem(row.path)))
    return Entry(row, build.path_terms(row.path), lexicon, frozenset(names))


def refused_row(rules: Rules, path: str, read_ns: int, reason: DropReason) -> FileRow:
    """The row of a file that is listed but whose contents are not indexed."""
    fingerprint = Fingerprint.at(rules.root / path) or Fingerprint(0, 0, 0, 0)
    return FileRow(path, fingerprint, read_ns, "", "", 0, 0, 0, reason)


def _extract_file(rules: Rules, path: str, *, parse: bool) -> Extracted:
    read_ns = time.time_ns()
    found = read_text(rules.root, rules.root / path, rules.max_file_bytes)
    if isinstance(found, DropReason):
        return Extracted(Entry(refused_row(rules, path, read_ns, found)), "", b"")
    return extract_text(rules, path, found.text, found.sha256, found.fingerprint, read_ns, parse=parse)
