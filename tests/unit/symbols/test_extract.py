"""What is found in small texts of every language, told as one line per symbol: kind, dotted name, signature, doc."""

import json
import time

import pytest

from magnetar.model import Position, Range, SymbolKind
from magnetar.symbols.extract import Extracted, extract
from magnetar.symbols.grammars import GRAMMARS
from unit.symbols.described import described
from unit.symbols.import_examples import IMPORTS
from unit.symbols.more_source_examples import MORE_SOURCES
from unit.symbols.source_examples import SOURCES


def outline(text, language):
    return [
        f"{one.symbol.kind.name.lower()} {'.'.join(filter(None, (one.symbol.container, one.symbol.name)))}"
        f" | {one.signature}" + (f" | {one.doc}" if one.doc else "")
        for one in described(text, language)
    ]


def imports(text, language):
    return [(one.module, one.names) for one in extract(text, language).imports]


def doc_of(name, text, language):
    return next(one.doc for one in described(text, language) if one.symbol.name == name)


def symbol_named(name, text, language):
    return next(symbol for symbol in extract(text, language).symbols if symbol.name == name)


EXAMPLES = {**SOURCES, **MORE_SOURCES}


@pytest.mark.parametrize("language", EXAMPLES)
def test_definitions_are_found_with_kind_container_signature_and_doc(language):
    text, expected = EXAMPLES[language]
    assert outline(text, language) == expected.strip().splitlines()


def test_every_grammar_has_its_example():
    assert set(EXAMPLES) >= GRAMMARS


@pytest.mark.parametrize("language", IMPORTS)
def test_imports_are_found_as_they_are_written(language):
    text, expected = IMPORTS[language]
    assert imports(text, language) == expected


def test_imports_know_their_line():
    found = extract("x = 1\nfrom a import (\n  b,\n)\nimport c\n", "python").imports
    assert [(one.module, one.line) for one in found] == [("a", 1), ("c", 4)]


def test_references_are_uses_and_neither_keywords_nor_what_the_line_defines():
    text = "from a import helper\n\ndef run(self, item):\n    if item:\n        return helper(item.size, f'{deep}', 'helper')\n"
    found = {(one.name, one.line) for one in extract(text, "python").references}
    assert {("helper", 0), ("item", 3), ("helper", 4), ("size", 4), ("deep", 4)} <= found
    assert not {name for name, _ in found} & {"run", "self", "if", "return"}


def test_a_name_is_one_reference_per_line():
    assert [one.line for one in extract("f(x, x)\nf(x)\n", "python").references if one.name == "x"] == [0, 1]


def test_types_and_members_are_references():
    names = {
        one.name for one in extract("class A extends Base { run(o: Options) { o.start() } }", "typescript").references
    }
    assert {"Base", "Options", "start"} <= names


def test_a_range_takes_in_decorators_attributes_and_wrappers_but_no_comment():
    assert symbol_named("f", "x = 1\n\n@a\n@b(1)\ndef f():\n    pass\n", "python").range == span(2, 0, 5, 8)
    assert symbol_named("S", "/// Doc\n#[a]\n// c\n#[b]\nstruct S {}\n", "rust").range == span(1, 0, 4, 11)
    assert symbol_named("A", "// c\n@D()\nexport class A {}\n", "typescript").range == span(1, 0, 2, 17)
    assert symbol_named("T", "template <class X>\nstruct T {};\n", "cpp").range == span(0, 0, 1, 12)


def test_columns_count_utf8_bytes():
    text = "é = {'ключ': 1}; wörld = 2\n"
    symbol = symbol_named("wörld", text, "python")
    start = len("é = {'ключ': 1}; ".encode())
    assert symbol.selection == span(0, start, 0, start + len("wörld".encode()))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_the_protocol_says(end):
    text = end.join(
        ["# c", "def f():", "    '''Doc.", "    '''", "class C:", "    def g(self):  # x", "        pass", ""]
    )
    found = {one.symbol.name: (one.symbol.range, one.signature, one.doc) for one in described(text, "python")}
    assert found["f"] == (span(1, 0, 3, 7), "def f()", "Doc.")
    assert found["g"] == (span(5, 4, 6, 12), "def g(self)", "")


def test_form_feeds_and_unicode_separators_end_no_line():
    assert symbol_named("f", "x = '\x0c\u2028\x85'\ndef f(): pass\n", "python").selection.start.line == 1


def test_a_signature_is_one_short_line():
    text = "def f(" + ",\n      ".join(f"argument_{i}: int = {i}" for i in range(100)) + "):\n    pass\n"
    signature = described(text, "python")[0].signature
    assert signature.startswith("def f(argument_0: int = 0, argument_1: int = 1,")
    assert len(signature) == 200
    assert signature.endswith("…")


def test_a_comment_behind_the_line_before_is_no_documentation():
    assert doc_of("f", "int x; // about x\nvoid f(void) {}\n", "c") == ""


def test_a_comment_with_a_gap_after_it_is_no_documentation():
    assert doc_of("f", "// Copyright\n\nvoid f(void) {}\n", "c") == ""


def test_values_inside_code_are_no_symbols():
    for language, text in {
        "javascript": "function f() { const a = 1 }\ncall(() => { let b = 1 })\n",
        "c": "void f(void) { int a = 1; struct S *b; int c(void); }\n",
        "kotlin": "fun f() { val a = 1 }\n",
        "go": "package p\nfunc f() { var a = 1; const b = 2 }\n",
    }.items():
        assert [symbol.name for symbol in extract(text, language).symbols] in (["f"], [])


def test_a_header_may_be_cplusplus():
    assert outline("#pragma once\nclass A {\n public:\n  int m();\n};\n", "c") == [
        "class A | class A",
        "method A.m | int m()",
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def before(): pass\ndef broken(:\nclass After:\n    def ok(self): return 1\n"),
        ("javascript", "function before() {}\nfunction broken( {\nclass After { ok() {} }\n"),
        ("go", "package p\nfunc before() {}\nfunc broken( {\ntype After struct { ok int }\n"),
        ("rust", "fn before() {}\nfn broken( {\nstruct After { ok: u8 }\n"),
        ("java", "class A { void before() {} void broken( { } void ok() {} }\n"),
        ("c", "int before(void) { return 1; }\nint broken( {\nint ok(void) { return 1; }\n"),
        ("ruby", "def before; end\ndef broken(\nclass After\n  def ok; end\nend\n"),
        ("php", "<?php function before() {}\nfunction broken( {\nfunction ok() {}\n"),
    ],
)
def test_broken_syntax_loses_no_more_than_what_is_broken(language, text):
    names = {symbol.name for symbol in extract(text, language).symbols}
    assert "before" in names


@pytest.mark.parametrize("language", ["plaintext", "json", "yaml", "a language nobody knows", ""])
def test_other_text_has_no_symbols(language):
    assert extract('{"def f(): pass": 1}', language) == Extracted()


@pytest.mark.parametrize("language", sorted([*GRAMMARS, "markdown", "vue", "svelte", "javascriptreact"]))
@pytest.mark.parametrize("text", ["", "\n", "\r", "\ufeff", "\0", "\ud800", "é", "#", "(", "'"])
def test_tiny_and_odd_texts_are_taken(language, text):
    extract(text, language)


def test_lone_surrogates_never_reach_the_answer():
    text = "def f(a='\ud800'):\n    '''\ud800 doc'''\nx\ud800y = 1\n"
    one = described(text, "python")[0]
    assert (one.signature, one.doc) == ("def f(a='\ufffd\ufffd\ufffd')", "\ufffd\ufffd\ufffd doc")
    json.dumps([one.signature, one.doc]).encode()


def test_nul_bytes_move_nothing():
    assert symbol_named("f", "a = '\0\0'\n\0def f(): pass\n".replace("\n\0", "\n"), "python").range == span(1, 0, 1, 13)


PATHOLOGICAL = {
    "open brackets": "(" * 100_000,
    "closed brackets": "x = " + "[" * 10_000 + "]" * 10_000,
    "nested functions": "function f(){" * 10_000 + "}" * 10_000,
    "nested classes": "class A{" * 10_000 + "}" * 10_000,
    "one line": "x=1;" * 60_000,
    "one name": "a" * 1_000_000,
    "commas": "[" + "," * 100_000 + "]",
    "quotes": "\"'" * 20_000,
    "templates": "a<" * 50_000,
    "nul": "\0" * 100_000,
    "comments": "// x\n# x\n" * 5_000 + "function f() {}\n",
    "attributes": "#[a]\n@b\n" * 2_500 + "fn f() {}\n",
}


@pytest.mark.parametrize("case", PATHOLOGICAL)
@pytest.mark.parametrize("language", ["python", "javascript", "cpp", "markdown"])
def test_pathological_texts_take_bounded_time(case, language):
    started = time.thread_time()
    symbols = extract(PATHOLOGICAL[case], language).symbols
    assert time.thread_time() - started < 10
    assert len(symbols) <= 20_000
    assert all(len(symbol.container or "") < 10_000 for symbol in symbols)


def test_kotlin_members_may_share_a_line_with_their_brace():
    text = "interface I { fun f() }\nclass A {\n  companion object { const val K = 1 }\n}\n"
    assert [symbol.name for symbol in extract(text, "kotlin").symbols] == ["I", "f", "A", "K"]


def test_headings_reach_to_the_next_of_their_level():
    symbols = extract("# A\n\n## B\ntext\n\n## C\n# D", "markdown").symbols
    assert [(symbol.name, symbol.range) for symbol in symbols] == [
        ("A", span(0, 0, 6, 0)),
        ("B", span(2, 0, 5, 0)),
        ("C", span(5, 0, 6, 0)),
        ("D", span(6, 0, 6, 3)),
    ]
    assert {symbol.kind for symbol in symbols} == {SymbolKind.STRING}


def span(first_line, first_column, last_line, last_column):
    return Range(Position(first_line, first_column), Position(last_line, last_column))
