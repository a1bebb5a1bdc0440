"""What is found in small texts of every language, told as one line per symbol: kind, dotted name, signature, doc."""

import json
import time

import pytest

from magnetar.model import Position, Range, SymbolKind
from magnetar.symbols.extract import Extracted, extract
from magnetar.symbols.grammars import GRAMMARS


def outline(text, language):
    return [
        f"{symbol.kind.name.lower()} {'.'.join(filter(None, (symbol.container, symbol.name)))}"
        f" | {symbol.signature}" + (f" | {symbol.doc}" if symbol.doc else "")
        for symbol in extract(text, language).symbols
    ]


def imports(text, language):
    return [(one.module, one.names) for one in extract(text, language).imports]


def symbol_named(name, text, language):
    return next(symbol for symbol in extract(text, language).symbols if symbol.name == name)


SOURCES = {
    "python": (
        '''
X: int = 1
LIMIT = 2
a, b = 1, 2
@dec(lambda q: 1)
async def f(a: int = 1,  # why
            b=2) -> int:
    """First line.

    More."""
    local = 1
    def inner(): pass
class C(B, metaclass=M):
    r"Doc of C"
    y: int
    def __init__(self): pass
    @property
    def p(self):
        return 1
''',
        """
variable X | X: int = 1
constant LIMIT | LIMIT = 2
variable a | a, b = 1, 2
variable b | a, b = 1, 2
function f | async def f(a: int = 1, b=2) -> int | First line.
function f.inner | def inner()
class C | class C(B, metaclass=M) | Doc of C
field C.y | y: int
constructor C.__init__ | def __init__(self)
method C.p | def p(self)
""",
    ),
    "javascript": (
        """
/** Makes f. */
export const f = async (x) => { const local = 1; };
const K = 1, L = 2;
let v;
// eslint-disable-next-line
// What A is.
export default class A extends B {
  static z = 1; #p = 2;
  constructor() {}
  async *m() {}
  fn = () => {}
}
export function g({a, b}, [c]) {}
exports.foo = function () {};
""",
        """
function f | export const f = async (x) | Makes f.
constant K | K = 1
constant L | L = 2
variable v | let v
class A | export default class A extends B | What A is.
field A.z | static z = 1
field A.#p | #p = 2
constructor A.constructor | constructor()
method A.m | async *m()
method A.fn | fn = ()
function g | export function g({a, b}, [c])
function foo | exports.foo = function ()
""",
    ),
    "typescript": (
        """
@Dec({a: 1})
export abstract class A<T> extends B implements C {
  @Input() private x: string = "";
  abstract foo(): void;
}
interface I { a: string; m(x: number): void }
export type T = { x: 1 };
type U = string | number;
export enum E { A, B = 2 }
declare module "foo" { export function q(): void; }
namespace N.M { export const z = 1; }
declare const dd: number;
export function over(a: string): void;
""",
        """
class A | export abstract class A<T> extends B implements C
field A.x | private x: string = ""
method A.foo | abstract foo(): void
interface I | interface I
property I.a | a: string
method I.m | m(x: number): void
class T | export type T
class U | type U = string | number
enum E | export enum E
enum_member E.A | A
enum_member E.B | B = 2
module foo | declare module "foo"
function foo.q | export function q(): void
namespace N.M | namespace N.M
constant N.M.z | export const z = 1
constant dd | declare const dd: number
function over | export function over(a: string): void
""",
    ),
    "typescriptreact": (
        "export const Page: FC = () => <div className='x'><Foo.Bar>{v}</Foo.Bar></div>;\n",
        "function Page | export const Page: FC = ()",
    ),
    "go": (
        """
package foo
// T is a thing.
type T struct {
	// A is first.
	A, B int
}
type I interface { M(a int) error }
const ( X = iota; Y )
var V int = 1
// Do does.
//
//go:noinline
func (t *T[K]) Do(a int) (b error) { var local = 1; return nil }
func G[K any](k K) {}
func assembly()
""",
        """
struct T | type T struct | T is a thing.
field T.A | A, B int | A is first.
field T.B | A, B int | A is first.
interface I | type I interface
method I.M | M(a int) error
constant X | X = iota
constant Y | Y
variable V | var V int = 1
method T.Do | func (t *T[K]) Do(a int) (b error) | Do does.
function G | func G[K any](k K)
function assembly | func assembly()
""",
    ),
    "rust": (
        """
/// A doc
/// line.
#[derive(Debug)]
pub struct S<T> { pub a: T }
enum E { A, B(u8) }
impl<T> Tr for S<T> { const K: u8 = 1; fn f(&self) -> Vec<u8> { let x = 1; vec![] } }
trait Tr { fn f(&self); }
mod inner { pub fn x() {} }
macro_rules! mm { () => {} }
type Alias = u8;
""",
        """
struct S | pub struct S<T> | A doc
field S.a | pub a: T
enum E | enum E
enum_member E.A | A
enum_member E.B | B(u8)
constant S.K | const K: u8 = 1
method S.f | fn f(&self) -> Vec<u8>
interface Tr | trait Tr
method Tr.f | fn f(&self)
module inner | mod inner
function inner.x | pub fn x()
function mm | macro_rules! mm
class Alias | type Alias = u8
""",
    ),
    "java": (
        """
/** <p>Doc. */
@Ann(x = "a(b)") public class A<T> extends B implements C {
  @Inject private int x = 1, y;
  static final int K1 = 1;
  A(int q) {}
  @Override
  public <K> void m(int a) throws E { int local; }
}
interface I { void m(); }
enum E { A, B(1) { void z() {} }; }
record R(int a) {}
""",
        """
class A | public class A<T> extends B implements C | Doc.
field A.x | private int x = 1, y
field A.y | private int x = 1, y
constant A.K1 | static final int K1 = 1
constructor A.A | A(int q)
method A.m | public <K> void m(int a) throws E
interface I | interface I
method I.m | void m()
enum E | enum E
enum_member E.A | A
enum_member E.B | B(1)
method E.B.z | void z()
class R | record R(int a)
""",
    ),
    "c": (
        """
#ifndef X_H
#define X_H
/* Greater of two. */
#define MAX(a,b) ((a)>(b))
#define K 1
struct S { int a; struct S *next; void (*cb)(int); };
typedef struct { int q; } T;
typedef struct foo_s { int q; } foo_t;
enum E { A, B = 2 };
static const char *name(int a, char **b)
{ int local = 1; return 0; }
int proto(int);
extern int gv;
#endif
""",
        """
function MAX | #define MAX(a,b) | Greater of two.
constant K | #define K 1
struct S | struct S
field S.a | int a
field S.next | struct S *next
field S.cb | void (*cb)(int)
struct T | typedef struct
field T.q | int q
struct foo_s | struct foo_s
field foo_s.q | int q
class foo_t | foo_t
enum E | enum E
enum_member E.A | A
enum_member E.B | B = 2
function name | static const char *name(int a, char **b)
function proto | int proto(int)
variable gv | extern int gv
""",
    ),
    "cpp": (
        """
namespace a::b {
// What A is.
class A final : public B<int> {
 public:
  A(int x) : x_(x) {}
  ~A();
  virtual int m() const = 0;
  A& self();
  template <class T> T t(T a) { return a; }
  int x_ = 1;
};
}
int A::n() const { std::lock_guard<X> lk(m); return 1; }
A::A() {}
template <class T> T a::b::A::u(T q) { return q; }
enum class E : int { Q };
using Al = std::vector<int>;
std::ostream& operator<<(std::ostream& o, int x) { return o; }
""",
        """
namespace a::b | namespace a::b
class a.b.A | class A final : public B<int> | What A is.
constructor a.b.A.A | A(int x) : x_(x)
method a.b.A.~A | ~A()
method a.b.A.m | virtual int m() const = 0
method a.b.A.self | A& self()
method a.b.A.t | template <class T> T t(T a)
field a.b.A.x_ | int x_ = 1
method A.n | int A::n() const
constructor A.A | A::A()
method a.b.A.u | template <class T> T a::b::A::u(T q)
enum E | enum class E : int
enum_member E.Q | Q
class Al | using Al = std::vector<int>
function operator<< | std::ostream& operator<<(std::ostream& o, int x)
""",
    ),
    "csharp": (
        """
namespace N.M {
  /// <summary>
  /// Doc of A</summary>
  [Attr]
  public class A<T> : B where T : new() {
    private int x = 1;
    public int P { get; set; }
    public A(int a) : base(a) {}
    [Fact]
    // x
    public async Task<int> M<T>(int a) { int local = 1; return 1; }
    public event Handler Changed;
    enum En { Q }
    int L(int a) => a;
  }
  record R(int A);
}
""",
        """
namespace N.M | namespace N.M
class N.M.A | public class A<T> : B where T : new() | Doc of A
field N.M.A.x | private int x = 1
property N.M.A.P | public int P
constructor N.M.A.A | public A(int a) : base(a)
method N.M.A.M | public async Task<int> M<T>(int a)
event N.M.A.Changed | public event Handler Changed
enum N.M.A.En | enum En
enum_member N.M.A.En.Q | Q
method N.M.A.L | int L(int a)
class N.M.R | record R(int A)
""",
    ),
    "ruby": (
        """
# Doc
# more
module M::N
  class A < B
    K = 1
    attr_accessor :foo, :bar
    def initialize(a); @a = a; end
    def self.s? = 1
    class << self
      # What q is.
      def q; end
    end
    def name=(v); end
  end
end
def top
  1
end
""",
        """
module M.N | module M::N | Doc
class M.N.A | class A < B
constant M.N.A.K | K = 1
property M.N.A.foo | attr_accessor :foo, :bar
property M.N.A.bar | attr_accessor :foo, :bar
constructor M.N.A.initialize | def initialize(a)
method M.N.A.s? | def self.s?
method M.N.A.q | def q | What q is.
method M.N.A.name= | def name=(v)
method top | def top
""",
    ),
    "php": (
        """<html><?php
/**
 * Doc.
 */
#[Attr]
abstract class C extends D implements I {
  const K = 1;
  public ?int $p = 1;
  public function __construct(private int $z) {}
  static function s(): int { return $this->x; }
}
trait T { }
enum E: string { case A = 'a'; }
function f(int $a): int { return 1; }
define('Q', 1);
""",
        """
class C | abstract class C extends D implements I | Doc.
constant C.K | const K = 1
property C.p | public ?int $p = 1
constructor C.__construct | public function __construct(private int $z)
method C.s | static function s(): int
class T | trait T
enum E | enum E: string
enum_member E.A | case A = 'a'
function f | function f(int $a): int
constant Q | define('Q', 1)
""",
    ),
    "kotlin": (
        """
/** Doc */
@Ann
data class A<T>(val a: Int, b: String) : B() {
  val p: Int get() = 1
  constructor(x: Int) : this() {}
  @Test
  override suspend fun <K> m(a: Int): Int { val local = 1; return 1 }
  companion object { const val LIMIT = 1 }
}
interface I { fun f() }
object O
enum class E(val x: Int) { A(1), B; fun z() {} }
fun String.ext(a: Int) = 1
val top by lazy { val local = 1; local }
typealias TA = Int
""",
        """
class A | data class A<T>(val a: Int, b: String) : B() | Doc
property A.a | val a: Int
property A.p | val p: Int get() = 1
constructor A.constructor | constructor(x: Int) : this()
method A.m | override suspend fun <K> m(a: Int): Int
property A.LIMIT | const val LIMIT = 1
interface I | interface I
method I.f | fun f()
class O | object O
enum E | enum class E(val x: Int)
property E.x | val x: Int
enum_member E.A | A(1)
enum_member E.B | B
method E.z | fun z()
function ext | fun String.ext(a: Int)
property top | val top by lazy { val local = 1; local }
class TA | typealias TA = Int
""",
    ),
    "swift": (
        """
/// Doc
@objc public final class A<T>: B where T: Q {
  var b: String { return "x" }
  init(x: Int) {}
  @discardableResult
  func m(_ a: Int, with b: T) throws -> Int { let local = 1; return 1 }
}
protocol P { func f() }
extension A.C: P { func ext() {} }
enum E: Int {
  case a, b = 2
}
struct S {}
let top = 1
""",
        """
class A | public final class A<T>: B where T: Q | Doc
property A.b | var b: String
constructor A.init | init(x: Int)
method A.m | func m(_ a: Int, with b: T) throws -> Int
interface P | protocol P
method P.f | func f()
method A.C.ext | func ext()
enum E | enum E: Int
enum_member E.a | case a, b = 2
enum_member E.b | case a, b = 2
struct S | struct S
property top | let top = 1
""",
    ),
    "scala": (
        """
/** Doc */
@ann case class A[T](val a: Int) extends B {
  val p = 1
  def m[K](a: Int)(implicit b: K): Int = { val local = 1; 1 }
}
object O { def z = 1 }
trait T { def f: Int }
enum E { case A, B }
def top = 1
""",
        """
class A | case class A[T](val a: Int) extends B | Doc
field A.p | val p = 1
method A.m | def m[K](a: Int)(implicit b: K): Int
module O | object O
method O.z | def z
interface T | trait T
method T.f | def f: Int
enum E | enum E
enum_member E.A | A
enum_member E.B | B
function top | def top
""",
    ),
    "lua": (
        """
-- Doc
local function f(a)
  return a
end
function M.g(a) return a end
function M.sub:h(a) local t2 = { fn = function() return 1 end } end
M.k = function() return 1 end
local t = { fn = function() return 1 end, v = 1 }
""",
        """
function f | local function f(a) | Doc
function M.g | function M.g(a)
method M.sub.h | function M.sub:h(a)
function M.sub.h.fn | fn = function()
function M.k | M.k = function()
variable t | local t = { fn = function() return 1 end, v = 1 }
function t.fn | fn = function()
""",
    ),
    "shellscript": (
        """#!/bin/bash
# Says a.
function f { local a=1; echo "$a"; }
g() { f x; }
readonly LIMIT=3
export y=2
""",
        """
function f | function f | Says a.
function g | g()
constant LIMIT | readonly LIMIT=3
variable y | export y=2
""",
    ),
    "markdown": (
        "---\ntitle: x\n---\n# Top `a` #\ntext\n\nSub\n---\n```\n# no heading\n```\n### Deep\n## Next\n",
        """
string Top `a` | # Top `a`
string Top `a`.Sub | ## Sub
string Top `a`.Sub.Deep | ### Deep
string Top `a`.Next | ## Next
""",
    ),
    "vue": (
        '<template><p>{{ a }}</p></template>\n<script setup lang="ts">\nconst a: number = 1\nfunction f() {}\n</script>\n',
        "constant a | const a: number = 1\nfunction f | function f()",
    ),
}


@pytest.mark.parametrize("language", SOURCES)
def test_definitions_are_found_with_kind_container_signature_and_doc(language):
    text, expected = SOURCES[language]
    assert outline(text, language) == expected.strip().splitlines()


def test_every_grammar_has_its_example():
    assert set(SOURCES) >= GRAMMARS


IMPORTS = {
    "python": (
        "from .a.b import (c,  # why\n  d as e)\nimport x.y as z, q\nfrom . import *\nfrom __future__ import annotations\n",
        [
            (".a.b", ("c", "d")),
            ("x.y", ()),
            ("q", ()),
            (".", ("*",)),
            ("__future__", ("annotations",)),
        ],
    ),
    "javascript": (
        (
            'import D, {a as b, default as c} from "x";\nimport * as ns from "n";\nimport "side";\nexport * from "./y";\n'
            'export {q} from "./z";\nconst {r, s: t} = require("r");\nconst fs = require("fs");\nimport("./lazy");\n'
        ),
        [
            ("x", ("D", "a", "default")),
            ("n", ("*",)),
            ("side", ()),
            ("./y", ("*",)),
            ("./z", ("q",)),
            ("r", ("r", "s")),
            ("fs", ()),
            ("./lazy", ()),
        ],
    ),
    "typescript": (
        'import type { X } from "./x";\nimport E, { type Q as R } from "e";\nimport fs = require("fs");\n',
        [("./x", ("X",)), ("e", ("E", "Q")), ("fs", ())],
    ),
    "go": ('package a\nimport (\n "fmt"\n x "a/b"\n)\nimport . "d"\n', [("fmt", ()), ("a/b", ()), ("d", ())]),
    "rust": (
        "use a::b::{c, d as e, f::*, self};\npub(crate) use crate::x;\nmod m;\nextern crate foo;\nuse bar;\n",
        [
            ("a::b", ("c", "d", "self")),
            ("a::b::f", ("*",)),
            ("crate", ("x",)),
            ("self::m", ()),
            ("foo", ()),
            ("bar", ()),
        ],
    ),
    "java": (
        "import a.b.C;\nimport static a.b.C.d;\nimport a.b.*;\n",
        [("a.b.C", ()), ("a.b.C", ("d",)), ("a.b", ("*",))],
    ),
    "c": ('#include "x/y.h"\n#include <z.h>\n', [("x/y.h", ()), ("<z.h>", ())]),
    "cpp": ("#include <vector>\n", [("<vector>", ())]),
    "csharp": (
        "using System;\nusing static A.B;\nusing X = A.C;\nglobal using G.H;\n",
        [("System", ()), ("A.B", ()), ("A.C", ()), ("G.H", ())],
    ),
    "ruby": (
        "require 'x'\nrequire_relative \"y\"\nautoload :Foo, 'foo/bar'\nit 'x' do\n  require 'inside'\nend\n",
        [("x", ()), ("./y", ()), ("foo/bar", ("Foo",)), ("inside", ())],
    ),
    "php": (
        "<?php\nuse X\\Y;\nuse X\\{Z, W as V};\nuse function q\\r;\nrequire 'a.php';\ninclude_once __DIR__ . '/b.php';\n",
        [("X\\Y", ()), ("X", ("Z", "W")), ("q\\r", ()), ("a.php", ()), ("/b.php", ())],
    ),
    "kotlin": (
        "import x.y.Z\nimport x.q.*\nimport x.R as S\n",
        [("x.y.Z", ()), ("x.q", ("*",)), ("x.R", ())],
    ),
    "swift": (
        "import Foundation\n@testable import App\nimport struct A.B\n",
        [("Foundation", ()), ("App", ()), ("A", ("B",))],
    ),
    "scala": (
        "import x.y.{Z, W => V}, q._\nimport p.q.R\n",
        [("x.y", ("Z", "W")), ("q", ("*",)), ("p.q.R", ())],
    ),
    "lua": ('local m = require("a.b")\nlocal x = require "q"\n', [("a.b", ()), ("q", ())]),
    "shellscript": ('source ./x.sh\n. "$DIR/y.sh"\necho source\n', [("./x.sh", ()), ("$DIR/y.sh", ())]),
    "markdown": ("[a](./b.md#x) ![b](img/c.png) [m](https://x) [t](#top)\n", [("./b.md", ()), ("img/c.png", ())]),
}


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
    found = {symbol.name: (symbol.range, symbol.signature, symbol.doc) for symbol in extract(text, "python").symbols}
    assert found["f"] == (span(1, 0, 3, 7), "def f()", "Doc.")
    assert found["g"] == (span(5, 4, 6, 12), "def g(self)", "")


def test_form_feeds_and_unicode_separators_end_no_line():
    assert symbol_named("f", "x = '\x0c\u2028\x85'\ndef f(): pass\n", "python").selection.start.line == 1


def test_a_signature_is_one_short_line():
    text = "def f(" + ",\n      ".join(f"argument_{i}: int = {i}" for i in range(100)) + "):\n    pass\n"
    signature = extract(text, "python").symbols[0].signature
    assert signature.startswith("def f(argument_0: int = 0, argument_1: int = 1,")
    assert len(signature) == 200
    assert signature.endswith("…")


def test_a_comment_behind_the_line_before_is_no_documentation():
    assert symbol_named("f", "int x; // about x\nvoid f(void) {}\n", "c").doc == ""


def test_a_comment_with_a_gap_after_it_is_no_documentation():
    assert symbol_named("f", "// Copyright\n\nvoid f(void) {}\n", "c").doc == ""


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
    symbol = extract(text, "python").symbols[0]
    assert (symbol.signature, symbol.doc) == ("def f(a='\ufffd\ufffd\ufffd')", "\ufffd\ufffd\ufffd doc")
    json.dumps([symbol.signature, symbol.doc]).encode()


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
