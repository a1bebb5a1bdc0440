"""What a worker process does to a file: read it safely, find its secrets, extract its facts.

Everything here is picklable and synchronous. What comes back holds no text, only facts and terms for the index, and those
know nothing of lines with a secret. Facts that this machine knows from an earlier day spare the search for secrets, the
parse and the tokenizer. What another machine tells spares the parse alone, once it is known to fit the text.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from magnetar.cache.keys import symbols_key
from magnetar.config import Settings
from magnetar.files.fingerprint import Fingerprint
from magnetar.files.kinds import Classification, classify
from magnetar.files.read import Text, read_text
from magnetar.files.secrets import manner_of, secret_lines
from magnetar.model import DropReason
from magnetar.search.store import Entry, FileRow, Role
from magnetar.symbols import build, codec
from magnetar.symbols.extract import Extracted as Extraction
from magnetar.symbols.facts import Facts
from magnetar.symbols.hearsay import agrees
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import first_line
from magnetar.symbols.terms import name_stem
from magnetar.symbols.words import count_terms, lexicon_of, path_terms, total_of
from magnetar.workspace.imports import import_keys, module_keys


@frozen
class Rules:
    """How the files of a folder are read and priced."""

    root: Path
    """Its real path."""
    max_file_bytes: int
    encoding: str

    @classmethod
    def of(cls, root: Path, settings: Settings) -> Rules:
        """The rules of a folder, by whatever path it was opened."""
        return cls(Path(os.path.realpath(root)), settings.warm.max_file_bytes, settings.context.encoding)


@frozen(eq=False)
class Extracted:
    """One file's entry for the index and, where it is indexed, its facts as they are stored and under which key."""

    entry: Entry
    key: str
    facts: bytes


@frozen(eq=False)
class Recalled:
    """A file as it was just read, and the stored facts of its content."""

    path: str
    text: Text
    read_ns: int
    facts: bytes


@frozen(eq=False)
class Told:
    """A file as it was just read, and what another machine says that its content defines and imports."""

    path: str
    text: Text
    read_ns: int
    extraction: bytes


def facts_key(path: str, sha256: str, language: str, encoding: str) -> str:
    """The cache key of a content's facts: all that they depend on. A path decides what in it counts as a secret."""
    return symbols_key(sha256, f"{language}:{manner_of(path)}:{encoding}:{build.VERSION}.{codec.FORMAT}")


def extract_files(rules: Rules, paths: Sequence[str], *, parse: bool = True) -> list[Extracted]:
    """Reads and extracts files; one that can't be read or served comes back refused, never as an error."""
    return [_extract_file(rules, path, parse=parse) for path in paths]


def extract_text(
    rules: Rules,
    path: str,
    text: str,
    sha256: str,
    fingerprint: Fingerprint,
    read_ns: int,
    *,
    parse: bool = True,
    told: Extraction | None = None,
) -> Extracted:
    """Extracts one text, of a file or of a buffer.

    What a machine wrote (generated, minified) keeps its pieces, to be shown where it is asked for, but neither symbols
    nor words: nothing it holds should bring it up. What was `told` of a text with a secret is not made use of, for nobody
    tells anything of such a one.
    """
    written = _is_written(path, text)
    hidden = secret_lines(text, path)
    built = build.build_facts(
        path,
        text,
        secret_lines=hidden,
        encoding=rules.encoding,
        parse=parse and written,
        told=None if hidden else told,
    )
    facts = built.facts
    row = _row(path, facts, sha256, fingerprint, read_ns)
    key = facts_key(path, sha256, facts.language, rules.encoding)
    return Extracted(entry_of(row, facts, built.lexicon if written else ""), key, codec.encode_facts(facts))


def recall_files(rules: Rules, files: Sequence[Recalled]) -> list[Entry | None]:
    """The entries of files whose facts are stored; None where what is stored is damaged or belongs to another text."""
    return [_recall_file(rules, file) for file in files]


def take_told(rules: Rules, files: Sequence[Told]) -> list[Extracted | None]:
    """Files that others have parsed, extracted with what they tell; None where that is damaged or does not fit the text."""
    return [_take_told(rules, file) for file in files]


def entry_of(row: FileRow, facts: Facts, lexicon: str) -> Entry:
    """What the index stores of a file whose facts are known."""
    names = {(Role.DEFINES, name) for name, _ in facts.defined}
    names |= {(Role.IMPORTS, key) for key in import_keys(row.path, facts.imports)}
    names |= {(Role.MODULE, key) for key in module_keys(row.path)}
    names.add((Role.CALLED, name_stem(row.path)))
    return Entry(row, path_terms(row.path), lexicon, frozenset(names))


def refused_row(rules: Rules, path: str, read_ns: int, reason: DropReason) -> FileRow:
    """The row of a file that is listed but whose contents are not indexed."""
    fingerprint = Fingerprint.at(rules.root / path) or Fingerprint(0, 0, 0, 0)
    return FileRow(path, fingerprint, read_ns, "", "", 0, 0, 0, reason)


def _recall_file(rules: Rules, file: Recalled) -> Entry | None:
    path, text = file.path, file.text.text
    try:
        facts = codec.decode_facts(file.facts, build.price_header(path, rules.encoding))
    except ValueError:
        return None
    lines = build.shown_lines(text, facts.secret_lines)
    if not facts.fits(language_of(path, first_line(text)), len(lines)):
        return None
    lexicon = lexicon_of(total_of(count_terms(lines, facts.runs))) if _is_written(path, text) else ""
    return entry_of(_row(path, facts, file.text.sha256, file.text.fingerprint, file.read_ns), facts, lexicon)


def _take_told(rules: Rules, file: Told) -> Extracted | None:
    path, found = file.path, file.text
    try:
        told = codec.decode_extraction(file.extraction)
    except ValueError:
        return None
    if not agrees(told, found.text, language_of(path, first_line(found.text))):
        return None
    return extract_text(rules, path, found.text, found.sha256, found.fingerprint, file.read_ns, told=told)


def _is_written(path: str, text: str) -> bool:
    """Whether a person wrote it, rather than a machine."""
    return classify(path, text) is Classification.SOURCE


def _row(path: str, facts: Facts, sha256: str, fingerprint: Fingerprint, read_ns: int) -> FileRow:
    return FileRow(
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


def _extract_file(rules: Rules, path: str, *, parse: bool) -> Extracted:
    read_ns = time.time_ns()
    found = read_text(rules.root, rules.root / path, rules.max_file_bytes)
    if isinstance(found, DropReason):
        return Extracted(Entry(refused_row(rules, path, read_ns, found)), "", b"")
    return extract_text(rules, path, found.text, found.sha256, found.fingerprint, read_ns, parse=parse)
