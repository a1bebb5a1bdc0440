"""The imports of every language as they are written, and what is found in them: module and names."""

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
