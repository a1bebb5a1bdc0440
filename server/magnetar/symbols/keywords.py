"""The reserved words and the comment marks of each language: what is no name, and what is no code.

Contextual words that are commonly used as names (`type`, `data`, `match`, `get`) are left out on purpose.
"""

from __future__ import annotations

from functools import cache

_ECMASCRIPT = """async await break case catch class const continue debugger default delete do else export extends false
    finally for from function if import in instanceof let new null of return static super switch this throw true try
    typeof undefined var void while with yield"""
_TYPESCRIPT = """abstract any as asserts boolean declare enum implements infer interface is keyof namespace never number
    object private protected public readonly satisfies string symbol unknown"""
_C = """auto bool break case char const continue default do double else enum extern false float for goto if inline int
    long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    true NULL define ifdef ifndef endif include defined pragma undef elif"""
_JVM = """abstract boolean break byte case catch char class continue default do double else enum extends false final
    finally float for if implements import instanceof int interface long native new null package private protected
    public return short static super switch synchronized this throw throws transient true try void volatile while"""

_KEYWORDS = {
    "python": """False None True and as assert async await break class cls continue def del elif else except finally
        for from global if import in is lambda nonlocal not or pass raise return self try while with yield""",
    "javascript": _ECMASCRIPT,
    "typescript": _ECMASCRIPT + " " + _TYPESCRIPT,
    "go": """append bool break byte cap case chan const continue default defer else error fallthrough false float32
        float64 for func go goto if import int int32 int64 interface iota len make map new nil package range return
        rune select string struct switch true type uint uint32 uint64 uint8 var""",
    "rust": """Self as async await bool box break char const continue crate dyn else enum extern f32 f64 false fn for
        i16 i32 i64 i8 if impl in isize let loop match mod move mut pub ref return self static str struct super trait
        true type u16 u32 u64 u8 unsafe use usize where while""",
    "java": _JVM + " assert const goto strictfp var record sealed permits",
    "c": _C,
    "cpp": _C
    + """ catch class const_cast constexpr constinit consteval decltype delete dynamic_cast explicit friend mutable
        namespace new noexcept nullptr operator private protected public reinterpret_cast static_assert static_cast
        template this throw try typename using virtual override final""",
    "csharp": """abstract as async await base bool break byte case catch char checked class const continue decimal
        default delegate do double else enum event explicit extern false finally fixed float for foreach goto if
        implicit in int interface internal is lock long namespace new null object operator out override params private
        protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch this
        throw true try typeof uint ulong unchecked unsafe ushort using var virtual void volatile where while""",
    "ruby": """BEGIN END alias and begin break case class def defined do else elsif end ensure false for if in module
        next nil not or raise redo require require_relative rescue retry return self super then true undef unless
        until when while yield""",
    "php": """abstract and array as bool break callable case catch class clone const continue declare default do echo
        else elseif empty enddeclare endfor endforeach endif endswitch endwhile enum extends false final finally fn for
        foreach function global goto if implements include include_once instanceof insteadof int interface isset list
        mixed namespace new null or parent print private protected public readonly require require_once return self
        static string switch this throw trait true try unset use var void while xor yield""",
    "kotlin": """as break by class companion const constructor continue crossinline data do else enum false final for
        fun get if import in inline init interface internal is it lateinit noinline null object open override package
        private protected public reified return sealed set super suspend this throw true try typealias val var vararg
        when while""",
    "swift": """Any Self as associatedtype async await break case catch class continue default defer deinit do else
        enum extension fallthrough false fileprivate for func guard if import in init inout internal is lazy let nil
        open operator override private protocol public repeat rethrows return self static struct subscript super
        switch throw throws true try typealias var weak where while""",
    "scala": """abstract case catch class def do else enum extends extension false final finally for forSome given if
        implicit import lazy match new null object override package private protected return sealed super then this
        throw trait true try type using val var while with yield""",
    "lua": """and break do else elseif end false for function goto if in local nil not or repeat require return self
        then true until while""",
    "shellscript": """. [ [[ alias break case cd continue coproc declare do done echo elif else esac eval exec exit export
        false fi for function if in local printf read readonly return select set shift source test then time trap true
        typeset unset until while""",
}
_SAME_AS = {
    "javascriptreact": "javascript",
    "typescriptreact": "typescript",
    "vue": "typescript",
    "svelte": "typescript",
    "objective-c": "c",
    "objective-cpp": "cpp",
    "starlark": "python",
    "groovy": "java",
    "dart": "java",
}
_DEFAULT = """break case catch class const continue def default do else end enum export extends false finally fn for
    func function if import in interface let local module namespace new nil not null or package private protected
    public require return self static struct switch then this throw true try type use using var void while with"""

_COMMENT_PREFIXES = {
    ("#",): """python ruby shellscript yaml toml makefile dockerfile perl r julia elixir nim nix crystal coffeescript
        powershell graphql gdscript starlark cmake dotenv ignore properties just terraform tcl""",
    ("--",): "lua sql haskell elm vhdl",
    (";",): "lisp clojure scheme racket",
    ("#", ";"): "ini",
    ("%",): "latex erlang prolog bibtex",
    ("'",): "vb",
    ("<!--",): "markdown html xml",
    ("..",): "restructuredtext",
    ("(*", "*"): "ocaml",
    ("//", "/*", "*", "#"): "php",
    ("//", "/*", "*", "<!--"): "vue svelte",
    ("/*", "*"): "css",
    ("!",): "fortran-modern",
    ("@rem", "rem", "::"): "bat",
    (): "json jsonl csv plaintext log diff",
}
_PREFIXES_OF = {
    language: prefixes for prefixes, languages in _COMMENT_PREFIXES.items() for language in languages.split()
}


@cache
def keywords(language: str) -> frozenset[str]:
    """The words of a language that name nothing; for a language not known well, those most languages share."""
    return frozenset(["_", *_KEYWORDS.get(_SAME_AS.get(language, language), _DEFAULT).split()])


def comment_prefixes(language: str) -> tuple[str, ...]:
    """What a stripped line that is all comment starts with; C's marks where nothing else is known."""
    return _PREFIXES_OF.get(language, ("//", "/*", "*"))
