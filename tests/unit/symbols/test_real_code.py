"""Real code of every language, from packages of the npm registry and from Python's own library.

The packages are fetched once into pytest's cache; without them and without the registry these tests are skipped.
"""

import ast
import re
import shutil
import subprocess
import sysconfig
import tarfile
from collections import defaultdict
from pathlib import Path

import pytest
from filelock import FileLock

from magnetar.symbols.extract import extract
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import first_line, split_lines
from unit.symbols.described import described

PACKAGES = {
    "bull@4.16.5": "JavaScript, Lua",
    "bats@1.13.0": "Bash",
    "edge-cs@1.2.1": "C#",
    "tree-sitter@0.20.6": "C, C++",
    "tree-sitter-scala@0.19.0": "Scala",
    "@capacitor/filesystem@8.1.3": "Swift",
    "@capacitor/preferences@8.0.1": "Java",
    "react-native-safe-area-context@5.11.1": "Kotlin, TSX",
    "@vercel/go@2.0.0": "Go",
    "@wordpress/block-serialization-default-parser@4.40.0": "PHP",
    "expo-modules-autolinking@58.0.4": "Ruby, Kotlin, TypeScript",
    "uniffi-bindgen-react-native@0.31.0-5": "Rust, TypeScript, C++",
}
MOST_BYTES = 300_000

# A line that looks like a definition, and the share of such lines that must be one. Some stand in strings and comments.
LOOKS_LIKE = {
    "c": (r"^\w[\w\s*]*?\b(\w+)\([^;{]*\)\s*\{", 0.98),
    "cpp": (r"^(?:class|struct)\s+(\w+)[^;]*\{", 0.98),
    "csharp": (
        r"^\s*(?:public|private|internal)\s+(?:static\s+|async\s+)*(?:class|[\w<>\[\]]+)\s+(\w+)\s*(?:\(|$)",
        0.75,
    ),
    "go": (r"^(?:func\s+(?:\([^)]*\)\s*)?|type\s+)(\w+)", 1),
    "java": (
        r"^\s*(?:public|private|protected)\s+(?:static\s+)?(?:class|[\w<>]+)\s+(\w+)\s*(?:[({]|extends|impl)",
        0.95,
    ),
    "javascript": (r"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|class)\s+(\w+)", 0.99),
    "kotlin": (
        r"^\s*(?:(?:private|internal|override|open|data)\s+)*(?:fun|class|object)\s+(?:<.*?>\s*)?(?:\w+\.)?(\w+)",
        0.94,
    ),
    "lua": (r"^\s*(?:local\s+)?function\s+(?:\w+[.:])*(\w+)", 1),
    "php": (r"^\s*(?:(?:public|static|abstract)\s+)*(?:function|class|interface|trait)\s+&?(\w+)", 1),
    "ruby": (r"^\s*(?:def\s+(?:\w+\.)?|class\s+(?:\w+::)*|module\s+(?:\w+::)*)(\w+[?!=]?)", 0.98),
    "rust": (r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+|unsafe\s+)*(?:fn|struct|enum|trait)\s+(\w+)", 0.98),
    "scala": (r"^\s*(?:(?:private|override|final|abstract|sealed|case)\s+)*(?:def|class|object|trait)\s+(\w+)", 1),
    "shellscript": (r"^\s*(?:function\s+)?([\w-]+)\s*\(\)\s*\{?", 1),
    "swift": (r"^\s*(?:(?:private|public|static|final)\s+)*(?:func|class|struct|enum|protocol)\s+(?!func|var)(\w+)", 1),
    "typescript": (r"^(?:export\s+)?(?:declare\s+)?(?:async\s+)?(?:function|class|interface|enum|type)\s+(\w+)", 0.98),
    "typescriptreact": (r"^(?:export\s+)?(?:default\s+)?(?:function|class|interface|type)\s+(\w+)", 0.98),
}

# For each the language, a file, the kind, the dotted name, how the signature starts, the doc line.
KNOWN = [
    ("c", "src/stack.c", "function", "stack_node_add_link", "static void stack_node_add_link(", ""),
    ("cpp", "src/logger.cc", "method", "node_tree_sitter.Logger.Log", "void Logger::Log(void *payload,", ""),
    ("csharp", "EdgeCompiler.cs", "class", "EdgeCompiler", "public class EdgeCompiler", ""),
    ("go", "analyze.go", "struct", "analyze", "type analyze struct", ""),
    ("java", "Preferences.java", "method", "Preferences.keys", "public Set<String> keys()", ""),
    ("javascript", "lib/job.js", "function", "addJob", "function addJob(queue, client, job)", ""),
    (
        "kotlin",
        "SafeAreaView.kt",
        "method",
        "SafeAreaView.setCornerAdaptation",
        "fun setCornerAdaptation(cornerAdaptation: CornerAdaptation)",
        "",
    ),
    (
        "lua",
        "isJobInList-1.lua",
        "function",
        "item_in_list",
        "local function item_in_list (list, item)",
        "Checks if job is in a given list.",
    ),
    (
        "php",
        "class-wp-block-parser.php",
        "method",
        "WP_Block_Parser.parse",
        "public function parse( $document )",
        "Parses a document and returns a list of block structures",
    ),
    (
        "ruby",
        "precompiled_modules.rb",
        "method",
        "Expo.PrecompiledModules.has_vendored_xcframeworks?",
        "def has_vendored_xcframeworks?(pod_target)",
        "Returns true if the pod target vendors .xcframework files.",
    ),
    (
        "rust",
        "ubrn_cli/src/cli.rs",
        "enum_member",
        "CliCmd.Checkout",
        "Checkout(CheckoutArgs)",
        "Checkout a given Github repo into `rust_modules`",
    ),
    ("scala", "PathResolver.scala", "method", "PathResolver.Environment.scalaHome", "def scalaHome", ""),
    ("shellscript", "bats-exec-test", "function", "bats_kill_processes_of", "bats_kill_processes_of()", None),
    (
        "swift",
        "FilesystemPlugin.swift",
        "method",
        "FilesystemPlugin.getUri",
        "func getUri(_ call: CAPPluginCall)",
        "",
    ),
    (
        "typescript",
        "src/types.ts",
        "property",
        "AndroidPublication.group",
        "group: string",
        "The Maven group ID.",
    ),
    (
        "typescriptreact",
        "src/SafeAreaContext.tsx",
        "interface",
        "SafeAreaListenerProps",
        "export interface SafeAreaListenerProps extends ViewProps",
        "",
    ),
]

# For each the language, a file, the module, the names taken.
KNOWN_IMPORTS = [
    ("c", "src/stack.c", "./stack.h", ()),
    ("cpp", "src/logger.cc", "<nan.h>", ()),
    ("csharp", "EdgeCompiler.cs", "System", ()),
    ("go", "analyze.go", "go/ast", ()),
    ("java", "PreferencesPlugin.java", "com.getcapacitor.JSArray", ()),
    ("javascript", "lib/queue.js", "lodash", ()),
    ("kotlin", "SafeAreaView.kt", "android.view.View", ()),
    ("php", "parser.php", "/class-wp-block-parser-frame.php", ()),
    ("ruby", "sandbox.rb", "../precompiled_modules", ()),
    ("rust", "ubrn_cli/src/cli.rs", "anyhow", ("Result",)),
    ("scala", "PathResolver.scala", "scala.reflect.io", ("Directory", "File", "Path")),
    ("shellscript", "libexec/bats-core/bats", "$BATS_ROOT/$BATS_LIBDIR/bats-core/validator.bash", ()),
    ("swift", "FilesystemOperation.swift", "IONFilesystemLib", ()),
    ("typescriptreact", "src/SafeAreaContext.tsx", "react-native", None),
]


@pytest.fixture(scope="module")
def sources(request):
    """Every text file of the packages: language → its (path, text) pairs."""
    folder = Path(request.config.cache.mkdir("real-code"))
    with FileLock(folder / "lock"):
        archives = [fetched(folder, package) for package in PACKAGES]
    found = defaultdict(list)
    for archive in archives:
        with tarfile.open(archive) as files:
            for member in files:
                if member.isfile() and member.size < MOST_BYTES:
                    data = files.extractfile(member).read()
                    try:
                        text = data.decode()
                    except UnicodeDecodeError:
                        continue
                    found[language_of(member.name, first_line(text))].append((member.name, text))
    return found


def fetched(folder, package):
    archive = folder / (re.sub(r"\W+", "-", package) + ".tgz")
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed, so no code can be fetched")
        fetching = folder / "fetching"
        shutil.rmtree(fetching, ignore_errors=True)
        fetching.mkdir()
        command = [npm, "pack", package, "--silent", "--ignore-scripts", "--pack-destination", str(fetching)]
        done = subprocess.run(command, cwd=fetching, capture_output=True, text=True, check=False)
        packed = list(fetching.glob("*.tgz"))
        if done.returncode or not packed:
            pytest.skip(f"{package} is not cached and cannot be fetched: {done.stderr.strip()[-200:]}")
        packed[0].rename(archive)
    return archive


@pytest.mark.parametrize("language", [*LOOKS_LIKE, "markdown"])
def test_every_file_gives_symbols_that_stand_where_they_say(sources, language):
    assert sources[language]
    for path, text in sources[language]:
        lines = [line.encode() for line in split_lines(text)] + [b""]
        for one in described(text, language):
            symbol = one.symbol
            start, end = symbol.selection.start, symbol.selection.end
            assert lines[start.line][start.column : end.column].decode() == symbol.name, path
            assert symbol.range.start <= start <= end <= symbol.range.end, (path, symbol)
            assert len(lines[symbol.range.end.line]) >= symbol.range.end.column, (path, symbol)
            assert len(one.signature) <= 200, (path, one)
            assert len(one.doc) <= 200, (path, one)
            assert not {"\n", "\r"} & {*one.signature, *one.doc}, (path, one)


@pytest.mark.parametrize("language", LOOKS_LIKE)
def test_lines_that_look_like_definitions_are_found(sources, language):
    pattern, share = LOOKS_LIKE[language]
    looks_like = re.compile(pattern)
    found, missed = 0, []
    for path, text in sources[language]:
        names = defaultdict(set)
        for symbol in extract(text, language).symbols:
            names[symbol.selection.start.line].add(symbol.name)
        for number, line in enumerate(split_lines(text)):
            if match := looks_like.match(line):
                if match[1] in names[number]:
                    found += 1
                else:
                    missed.append(f"{path}:{number + 1}: {line.strip()}")
    assert found >= max(1, share * (found + len(missed))), missed


@pytest.mark.parametrize(("language", "file", "kind", "name", "signature", "doc"), KNOWN)
def test_well_known_definitions_are_found(sources, language, file, kind, name, signature, doc):
    found = [
        one
        for path, text in sources[language]
        if path.endswith(file)
        for one in described(text, language)
        if ".".join(filter(None, (one.symbol.container, one.symbol.name))) == name
    ]
    assert any(
        one.symbol.kind.name.lower() == kind and one.signature.startswith(signature) and one.doc == (doc or one.doc)
        for one in found
    ), found


@pytest.mark.parametrize(("language", "file", "module", "names"), KNOWN_IMPORTS)
def test_well_known_imports_are_found(sources, language, file, module, names):
    found = [one for path, text in sources[language] if path.endswith(file) for one in extract(text, language).imports]
    assert any(one.module == module and one.names == (one.names if names is None else names) for one in found), found


def test_half_a_file_keeps_what_stands_before_the_cut(sources):
    for language in LOOKS_LIKE:
        path, text = max(sources[language], key=lambda source: len(source[1]))
        whole = extract(text, language).symbols
        half = {symbol.name for symbol in extract(text[: len(text) // 2], language).symbols}
        lines = len(split_lines(text[: len(text) // 2]))
        expected = {symbol.name for symbol in whole if symbol.range.end.line < lines - 1}
        assert len(expected & half) >= 0.5 * len(expected), (path, sorted(expected - half))


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
STANDARD_LIBRARY = sorted(
    path
    for folder in ("json", "asyncio", "email", "collections", "importlib")
    for path in (Path(sysconfig.get_paths()["stdlib"]) / folder).glob("*.py")
)


def test_python_definitions_and_imports_are_those_of_its_own_parser():
    for path in STANDARD_LIBRARY:
        text = path.read_text("utf-8")
        extracted = extract(text, "python")
        nodes = list(ast.walk(ast.parse(text)))
        definitions = {
            (node.name, (node.decorator_list or [node])[0].lineno - 1, node.end_lineno - 1)
            for node in nodes
            if isinstance(node, DEFINITIONS)
        }
        found = {
            (symbol.name, symbol.range.start.line): symbol.range.end.line
            for symbol in extracted.symbols
            if symbol.kind.name in {"FUNCTION", "METHOD", "CONSTRUCTOR", "CLASS"}
        }
        assert found.keys() == {(name, start) for name, start, _ in definitions}, path
        lines = split_lines(text)
        for name, start, end in definitions:
            after = lines[end + 1 : found[name, start] + 1]
            assert all(line.strip()[:1] in {"", "#"} for line in after), (path, name)
            assert found[name, start] >= end, (path, name)
        imported = [
            ("." * node.level + (node.module or ""), tuple(alias.name for alias in node.names), node.lineno - 1)
            for node in nodes
            if isinstance(node, ast.ImportFrom)
        ] + [
            (alias.name, (), node.lineno - 1) for node in nodes if isinstance(node, ast.Import) for alias in node.names
        ]
        assert sorted((one.module, one.names, one.line) for one in extracted.imports) == sorted(imported), path


def test_python_doc_lines_are_those_of_its_own_parser():
    differing, total = [], 0
    for path in STANDARD_LIBRARY:
        text = path.read_text("utf-8")
        found = {(one.symbol.name, one.symbol.selection.start.line): one.doc for one in described(text, "python")}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, DEFINITIONS):
                total += 1
                expected = " ".join((ast.get_docstring(node) or "").split("\n")[0].split())
                line = next(line for name, line in found if name == node.name and line >= node.lineno - 1)
                if found[node.name, line] != expected:
                    differing.append((path.name, node.name, expected))
    assert len(differing) < 0.01 * total, differing


def test_python_names_are_references():
    for path in STANDARD_LIBRARY:
        text = path.read_text("utf-8")
        extracted = extract(text, "python")
        known = {(one.name, one.line) for one in extracted.references}
        known |= {(symbol.name, symbol.selection.start.line) for symbol in extracted.symbols}
        uses = {(node.id, node.lineno - 1) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert {use for use in uses - known if use[0] not in {"self", "cls", "_"}} == set(), path
