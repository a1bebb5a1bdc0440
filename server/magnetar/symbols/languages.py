"""Which language a file is written in, by its name and its first line, as LSP language identifiers.

Leaves out everything that needs the content beyond the first line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PLAIN_TEXT = "plaintext"

_CODE_EXTENSIONS = """
    bat: bat cmd
    c: c h
    clojure: clj cljs cljc edn
    coffeescript: coffee
    cpp: cpp cc cxx c++ hpp hh hxx h++ ipp inl tpp cppm ixx ino cu cuh
    crystal: cr
    csharp: cs csx cake
    d: d di
    dart: dart
    elixir: ex exs
    elm: elm
    erlang: erl hrl
    fortran-modern: f f77 f90 f95 f03 f08 for
    fsharp: fs fsi fsx
    gdscript: gd
    glsl: glsl vert frag comp geom
    go: go
    graphql: graphql gql
    groovy: groovy gradle gvy
    haskell: hs lhs
    java: java
    javascript: js mjs cjs es6
    javascriptreact: jsx
    julia: jl
    kotlin: kt kts
    lisp: lisp lsp cl el
    lua: lua rockspec luau
    nim: nim nims
    nix: nix
    objective-c: m
    objective-cpp: mm
    ocaml: ml mli
    pascal: pas dpr pp
    perl: pl pm t pod
    php: php php3 php4 php5 phtml
    powershell: ps1 psm1 psd1
    prolog: prolog
    proto3: proto
    python: py pyi pyw pyx pxd
    r: r
    racket: rkt
    ruby: rb rake gemspec ru podspec rbi
    rust: rs
    scala: scala sc sbt
    scheme: scm ss sld
    shellscript: sh bash zsh ksh bats ebuild
    solidity: sol
    sql: sql ddl dml
    svelte: svelte
    swift: swift
    tcl: tcl
    terraform: tf tfvars
    typescript: ts mts cts
    typescriptreact: tsx
    vb: vb vbs bas
    verilog: v sv svh vh
    vhdl: vhd vhdl
    vue: vue
    wgsl: wgsl
    zig: zig
"""
_OTHER_EXTENSIONS = """
    bibtex: bib
    cmake: cmake
    csv: csv tsv
    css: css
    diff: diff patch
    dockerfile: dockerfile containerfile
    dotenv: env
    haml: haml
    handlebars: hbs handlebars
    html: html htm xhtml
    ini: ini cfg conf desktop inf
    jade: pug jade
    jinja: j2 jinja jinja2
    json: json webmanifest geojson ipynb har avsc
    jsonc: jsonc json5 code-workspace
    jsonl: jsonl ndjson
    latex: tex sty cls
    less: less
    log: log
    makefile: mk mak make
    markdown: md markdown mdx mdown mkd
    properties: properties
    razor: cshtml razor
    restructuredtext: rst rest
    sass: sass
    scss: scss
    slim: slim
    stylus: styl
    toml: toml
    twig: twig
    xml: xml xsd xsl xslt svg plist csproj vbproj fsproj props targets resx xaml
    yaml: yaml yml
"""
_FILE_NAMES = """
    cmake: cmakelists.txt
    dockerfile: dockerfile containerfile
    dotenv: .env
    go.mod: go.mod
    go.sum: go.sum
    groovy: jenkinsfile
    ignore: .gitignore .dockerignore .npmignore .ignore .eslintignore .prettierignore .hgignore
    ini: .editorconfig .gitconfig .gitmodules .npmrc .pylintrc .flake8 .coveragerc
    json: .prettierrc .eslintrc .babelrc composer.lock pipfile.lock flake.lock
    jsonc: tsconfig.json jsconfig.json
    just: justfile
    makefile: makefile gnumakefile
    python: sconstruct sconscript wscript build.bazel workspace.bazel
    ruby: gemfile rakefile podfile vagrantfile brewfile guardfile capfile fastfile .irbrc .pryrc
    shellscript: .bashrc .bash_profile .bash_aliases .profile .zshrc .zprofile .zshenv pkgbuild
    starlark: build workspace
    toml: cargo.lock poetry.lock uv.lock pipfile
"""
_INTERPRETERS = """
    javascript: node nodejs
    lua: lua luajit
    makefile: make
    perl: perl
    php: php
    python: python pypy uv
    r: rscript
    ruby: ruby jruby
    shellscript: sh bash zsh ksh dash ash bats
    swift: swift
    tcl: tclsh wish
    typescript: ts-node deno bun tsx
"""


def _table(text: str) -> dict[str, str]:
    """The rows of a table, turned round: word to language."""
    rows = (line.split(":") for line in text.strip().splitlines())
    return {word: language.strip() for language, words in rows for word in words.split()}


_CODE = frozenset(_table(_CODE_EXTENSIONS).values()) | {"starlark"}
_BY_EXTENSION = _table(_OTHER_EXTENSIONS) | _table(_CODE_EXTENSIONS)
_BY_NAME = _table(_FILE_NAMES)
_BY_INTERPRETER = _table(_INTERPRETERS)
_SHEBANG = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?([A-Za-z][A-Za-z-]*)")
_MODE_LINE = re.compile(r"-\*-\s*(?:.*?\bmode:\s*)?([\w+-]+)\s*(?:;.*)?-\*-", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml\b")


def language_of(path: str, first_line: str = "") -> str:
    """The LSP language identifier of a file; `plaintext` where nothing tells."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return (
        _BY_NAME.get(name)
        or _first(_BY_EXTENSION, _extensions(name))
        or _first(_BY_NAME, _stem(name))
        or _by_first_line(first_line)
        or PLAIN_TEXT
    )


def is_code(language: str) -> bool:
    """Whether a language is one that programs are written in, not a data, markup or prose format."""
    return language in _CODE


def _extensions(name: str) -> Iterable[str]:
    """The last extension, and for a template of another file (`a.py.in`) the one before it."""
    parts = name.split(".")[1:]
    if parts and parts[-1] in {"in", "tmpl", "tpl", "template", "example", "sample", "dist", "orig", "bak"}:
        parts.pop()
    return parts[-1:]


def _stem(name: str) -> Iterable[str]:
    """The well-known name that a variant such as `Dockerfile.dev` or `.env.local` starts with."""
    return [stem for stem in ("dockerfile", "makefile", ".env") if name.startswith(stem + ".")]


def _first(table: dict[str, str], words: Iterable[str]) -> str | None:
    return next((table[word] for word in words if word in table), None)


def _by_first_line(line: str) -> str | None:
    if shebang := _SHEBANG.match(line):
        return _BY_INTERPRETER.get(shebang[1].lower())
    if mode := _MODE_LINE.search(line):
        word = mode[1].lower()
        return {"c++": "cpp", "sh": "shellscript", "shell-script": "shellscript", "js": "javascript"}.get(
            word, word if word in _CODE else None
        )
    return "xml" if _XML.match(line) else None
