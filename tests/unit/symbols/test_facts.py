"""What is stored of a text: no words of it but names, nothing that damage could turn into a failure."""

import struct
import zlib
from contextlib import suppress

import numpy as np
import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from magnetar.context.content import Corpus
from magnetar.context.layout import symbols_named_in
from magnetar.context.outline import outline
from magnetar.symbols.build import build_facts
from magnetar.symbols.codec import decode_facts, encode_facts
from magnetar.symbols.extract import extract
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import split_lines
from magnetar.symbols.terms import IDENTIFIER, term_hash, terms, text_terms
from magnetar.symbols.wording import Wording
from magnetar.symbols.words import count_terms, count_words, identifiers, lexicon_of, total_of
from magnetar.workspace.imports import import_keys, resolve
from unit.symbols.more_source_examples import MORE_SOURCES
from unit.symbols.source_examples import SOURCES

PYTHON = '''"""Opening remark about marmalade."""

import gearbox
from gearbox.clutch import pedal as brake

# A note on porcelain.
LIMIT = "tangerine"


class Carriage(Base):
    """Rolls over cobblestones."""

    @memoize(depth="plywood")
    def accelerate(self, throttle: Percentage = "turnip") -> None:  # nolint sandalwood
        # beware of hedgehogs
        message = f"buttercup {throttle}"
        password = "hunter2-Zx81-kQ9v"
        self.engine.ignite(message)

    def halt(self, pressure=3):
        total = 0
        for wheel in self.wheels:
            total += wheel.squeeze(pressure)
            if total > LIMIT:
                break
        self.engine.idle()
        return total
'''
TYPESCRIPT = """import { valve } from "./gearbox";

/** Describes porcelain. */
export class Carriage<Turnip extends Tangerine> {
  // marmalade
  accelerate(throttle: Percentage = "plywood"): void { const message = `buttercup ${throttle}`; ignite(message); }
}
"""
MARKDOWN = "# Carriage\n\nRolls over *cobblestones*, see [the gearbox](gearbox.md).\n\nMarmalade\n\n    turnip\n"
SECRET = ((16, 17),)
TEXTS = {
    "carriage.py": (
        PYTHON,
        {"Carriage", "accelerate", "halt", "LIMIT", "gearbox", "gearbox.clutch", "pedal"},
        (
            "marmalade porcelain tangerine Base cobblestones memoize plywood throttle Percentage turnip sandalwood nolint"
            " hedgehogs message buttercup password hunter2 Zx81 engine ignite brake"
        ),
    ),
    "carriage.ts": (
        TYPESCRIPT,
        {"Carriage", "accelerate", "./gearbox", "valve"},
        "porcelain Turnip Tangerine marmalade throttle Percentage plywood message buttercup ignite",
    ),
    "carriage.md": (MARKDOWN, {"Carriage", "gearbox.md"}, "Rolls cobblestones Marmalade turnip"),
}


EXAMPLES = {**SOURCES, **MORE_SOURCES}
SUFFIXES = "py js jsx ts tsx go rs java c cpp cs rb php sh kt swift scala lua vue svelte md".split()
PATHS = {language_of(f"example.{suffix}", ""): f"example.{suffix}" for suffix in SUFFIXES}


def facts_of(path):
    text = TEXTS[path][0]
    return build_facts(path, text, secret_lines=SECRET if path == "carriage.py" else ()).facts


BLOB = encode_facts(facts_of("carriage.py"))


def inflated(data):
    """Everything that may be deflated in some bytes, wherever it begins."""
    for start in range(len(data)):
        for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS, zlib.MAX_WBITS | 16):
            with suppress(zlib.error):
                yield zlib.decompressobj(bits).decompress(data[start:])


@pytest.mark.parametrize("path", TEXTS)
def test_the_stored_form_holds_names_and_no_other_word(path):
    text, names, words = TEXTS[path]
    blob = encode_facts(facts_of(path))
    for name in names:
        assert name.encode() in blob
    for hidden in words.split():
        assert hidden in text
        for data in (blob, *inflated(blob)):
            assert hidden.lower().encode() not in data.lower(), hidden


def test_a_search_for_hidden_words_would_find_them_where_they_were_deflated():
    assert any(b"porcelain" in data for data in inflated(b"stored: " + zlib.compress(b"a note on porcelain")))


@pytest.mark.parametrize("language", EXAMPLES)
def test_stored_facts_say_of_symbols_what_was_found(language):
    text = EXAMPLES[language][0]
    found = extract(text, language)
    facts = build_facts(PATHS[language], text).facts
    assert facts.language == language
    read = decode_facts(encode_facts(facts), 7)
    assert read.header_tokens == 7
    assert read.symbols == found.symbols
    assert read.declarations == found.declarations
    assert read.imports == found.imports


def test_definitions_belong_to_the_piece_that_names_them():
    facts = facts_of("carriage.py")
    pieces = {name: facts.runs[piece] for name, piece in facts.defined}
    lines = {symbol.name: symbol.selection.start.line for symbol in facts.symbols}
    assert pieces.keys() == {"LIMIT", "Carriage", "accelerate", "halt"}
    assert all(start <= lines[name] < end for name, (start, end) in pieces.items())


def test_names_on_lines_of_a_secret_belong_to_no_piece():
    facts = evolve(facts_of("carriage.py"), starts=np.array([0], np.int32), ends=np.array([1], np.int32))
    assert facts.defined == ()


def test_identifiers_are_words_but_no_keywords_the_most_frequent_first():
    text = "import os\n\n\n# tin tin tin and os\ndef lid(tin):\n    return 'zinc'\n"
    words = count_words(split_lines(text), facts_named("a.py", text).runs)
    assert identifiers(words, "python") == ("tin", "os", "lid", "zinc")


@pytest.mark.parametrize("path", TEXTS)
def test_terms_are_the_same_from_a_parse_and_from_known_pieces(path):
    built = build_facts(path, TEXTS[path][0])
    bags = count_terms(split_lines(TEXTS[path][0]), decode_facts(encode_facts(built.facts), 0).runs)
    assert lexicon_of(total_of(bags)) == built.lexicon != ""


@given(st.text("aB_$1é +.\n\x1f", max_size=12))
def test_the_terms_of_a_text_are_those_of_its_identifiers(text):
    assert [*text_terms(text)] == [term for word in IDENTIFIER.findall(text) for term in terms(word)]


def facts_named(path, text):
    return build_facts(path, text).facts


def used(facts):
    """Reads everything that is decoded late, and does what answers do with it."""
    wording = Wording(split_lines(PYTHON), facts.language)
    for declaration in facts.declarations:
        assert len(wording.signature(declaration)) <= 200
        assert len(wording.doc(declaration)) <= 200
    assert len(facts.symbols) == facts.symbol_count
    assert all(piece < len(facts.starts) for _, piece in facts.defined)
    modules = dict.fromkeys(import_keys("a.py", facts.imports), ("b.py", "c/d.py"))
    resolve("a.py", facts.imports, modules)
    assert all(end <= facts.line_count for _, end in outline(facts))
    assert set(symbols_named_in(facts, outline(facts))) <= set(facts.symbols)
    assert facts.tokens(0, facts.line_count) >= 0
    corpus = Corpus([facts, facts])
    hits = corpus.find([term_hash("carriage"), *facts.terms[:2].tolist()])
    assert np.isfinite(corpus.piece_scores(hits, np.ones(len(hits.needles)))).all()
    assert np.isfinite(facts.shapes).all()


@given(st.lists(st.tuples(st.integers(0, len(BLOB) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_refused_or_do_no_harm(flips):
    damaged = bytearray(BLOB)
    for at, value in flips:
        damaged[at] = value
    try:
        facts = decode_facts(bytes(damaged), 3)
    except ValueError:
        return
    used(facts)


@given(st.integers(0, len(BLOB) - 1), st.binary(max_size=8))
def test_bytes_that_are_cut_off_or_go_on_are_refused(size, more):
    with pytest.raises(ValueError, match=r"facts|JSON|unexpected|buffer|zero-length"):
        decode_facts(BLOB[:size], 3)
    if more:
        with pytest.raises(ValueError, match="cut off"):
            decode_facts(BLOB + more, 3)


def test_undamaged_facts_are_used():
    used(decode_facts(BLOB, 3))
    used(decode_facts(encode_facts(facts_named("empty.py", "")), 3))


def changed(name, at, value):
    """The facts with one number of an array put wrong."""
    array = getattr(GOOD, name).copy()
    array[at] = value
    return evolve(GOOD, **{name: array})


def renamed(**names):
    return evolve(GOOD, names_json=orjson.dumps({**orjson.loads(GOOD.names_json), **names}))


GOOD = facts_of("carriage.py")
LINES = GOOD.line_count
WRONG = {
    "pieces overlap": changed("ends", 0, int(GOOD.ends[-1])),
    "a piece is empty": changed("ends", 0, int(GOOD.starts[0])),
    "a piece starts before the file": changed("starts", 0, -1),
    "a piece ends behind the file": changed("ends", -1, LINES + 1),
    "fewer ends than starts": evolve(GOOD, ends=GOOD.ends[:-1]),
    "a share above one": changed("shapes", (0, 0), 1.5),
    "a share that is no number": changed("shapes", (0, 0), np.nan),
    "shapes of other pieces": evolve(GOOD, shapes=GOOD.shapes[1:]),
    "prices fall": changed("cumulative_tokens", 1, 1_000_000),
    "prices start above nothing": evolve(GOOD, cumulative_tokens=GOOD.cumulative_tokens + np.int32(1)),
    "prices of fewer lines": evolve(GOOD, cumulative_tokens=GOOD.cumulative_tokens[:-1]),
    "a posting in no piece": changed("pieces", 0, len(GOOD.starts)),
    "terms in no order": changed("terms", 0, 2**32 - 1),
    "counts of other postings": evolve(GOOD, counts=GOOD.counts[1:]),
    "a header's posting in no piece": changed("head_pieces", 0, len(GOOD.starts)),
    "a secret behind the file": evolve(GOOD, secret_lines=((1, LINES + 1),)),
    "secrets in no order": evolve(GOOD, secret_lines=((5, 6), (1, 2))),
    "a secret that is no number": evolve(GOOD, secret_lines=((1, "2"),)),
    "a secret of no line": evolve(GOOD, secret_lines=((2, 2),)),
    "an unknown kind": changed("places", (0, 0), 27),
    "a range that ends before it starts": changed("places", (0, 1), LINES),
    "a range behind the file": changed("places", (0, 3), LINES + 1),
    "a name behind the file": changed("places", (0, slice(5, 9)), [LINES, 0, LINES, 1]),
    "a negative column": changed("places", (0, 2), -1),
    "an unknown container": changed("places", (0, 9), 5),
    "a signature of no symbol": changed("signatures", (-1, 0), GOOD.symbol_count),
    "a signature before the file": changed("signatures", (0, 1), -1),
    "a signature without end": changed("signatures", (0, 2), 1_000_000),
    "an empty signature": changed("signatures", (0, 2), int(GOOD.signatures[0, 1])),
    "doc lines in no order": evolve(GOOD, docs=np.concatenate((GOOD.docs, [[0, 5, 6]])).astype(np.int32)),
    "a passage that comes twice": evolve(GOOD, signatures=GOOD.signatures.repeat(2, axis=0)),
    "fewer names than symbols": renamed(symbols=[]),
    "a name that is a number": renamed(symbols=[1] * GOOD.symbol_count),
    "a container that is none": renamed(containers=[None]),
    "imports of another shape": renamed(imports=[["os", []]]),
    "an import behind the file": renamed(imports=[["os", [], LINES]]),
    "imported names that are no list": renamed(imports=[["os", "path", 0]]),
    "a line that is true": renamed(imports=[["os", [], True]]),
    "names of something else": renamed(comments=["marmalade"]),
    "no names at all": evolve(GOOD, names_json=b"[]"),
    "no JSON": evolve(GOOD, names_json=b"{"),
    "a language that is a number": evolve(GOOD, language=1),
    "fewer than no lines": evolve(GOOD, line_count=-1),
    "more lines than memory": evolve(GOOD, line_count=2**62),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_no_text_has_is_refused(what):
    with pytest.raises(ValueError, match=r"facts|JSON|unexpected|EOF"):
        decode_facts(encode_facts(WRONG[what]), 3)


@pytest.mark.parametrize(
    "header",
    [[], {}, {"language": "python", "lines": 1, "secret": [], "sections": [0]}],
)
def test_other_headers_are_refused(header):
    encoded = orjson.dumps(header)
    with pytest.raises(ValueError, match="header"):
        decode_facts(struct.pack("<B3xI", BLOB[0], len(encoded)) + encoded, 3)
