"""The rest of the examples, from Ruby on."""

MORE_SOURCES = {
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
