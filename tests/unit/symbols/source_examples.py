"""A small text of every language with the outline it has: kind, dotted name, signature and doc of each symbol."""

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
}
