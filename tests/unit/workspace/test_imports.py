import pytest

from magnetar.model import Import
from magnetar.workspace.imports import import_keys, imports_file, module_keys, resolve

FILES = [
    "Src/Newtonsoft.Json/Linq/JObject.cs",
    "cmd/doc/man.go",
    "cmd/doc/rest.go",
    "gson/src/main/java/com/google/gson/Gson.java",
    "include/foo/bar.h",
    "lib/a/b.rb",
    "packages/core/src/a.ts",
    "packages/core/src/util/index.ts",
    "packages/shared/src/index.ts",
    "src/c/bar.h",
    "src/exec/mod.rs",
    "src/flask/__init__.py",
    "src/flask/app.py",
    "src/flask/json/__init__.py",
    "src/flask/json/tag.py",
    "src/main.rs",
    "src/walk.rs",
]
MODULES: dict[str, list[str]] = {}
for _path in FILES:
    for _key in module_keys(_path):
        MODULES.setdefault(_key, []).append(_path)


@pytest.mark.parametrize(
    ("path", "module", "names", "found"),
    [
        ("src/flask/json/tag.py", "..app", ("Flask",), "src/flask/app.py"),
        ("src/flask/json/provider.py", ".", ("tag",), "src/flask/json/tag.py"),
        ("tests/test_app.py", "flask", (), "src/flask/__init__.py"),
        ("tests/test_app.py", "flask.json.tag", ("TagDict",), "src/flask/json/tag.py"),
        ("packages/core/src/a.ts", "./util", (), "packages/core/src/util/index.ts"),
        ("packages/core/src/a.ts", "./util/index.js", (), "packages/core/src/util/index.ts"),
        ("packages/core/src/a.ts", "@vue/shared", (), "packages/shared/src/index.ts"),
        ("cmd/main.go", "github.com/someone/tool/cmd/doc", (), "cmd/doc/man.go"),
        ("src/main.rs", "crate::walk::Worker", (), "src/walk.rs"),
        ("src/main.rs", "crate::exec", ("Batch",), "src/exec/mod.rs"),
        ("gson/src/test/java/com/google/gson/T.java", "com.google.gson.Gson", (), FILES[3]),
        ("src/c/x.c", '"bar.h"', (), "src/c/bar.h"),
        ("src/c/x.c", "<foo/bar.h>", (), "include/foo/bar.h"),
        ("lib/c.rb", "./a/b", (), "lib/a/b.rb"),
        ("Src/Newtonsoft.Json/X.cs", "Newtonsoft.Json.Linq", (), FILES[0]),
    ],
)
def test_an_import_means_the_file_whose_path_ends_like_its_spelling(path, module, names, found):
    imports = [Import(module, names, 0)]
    assert found in resolve(path, imports, MODULES)
    assert imports_file(path, imports, found)
    assert set(import_keys(path, imports)) & set(module_keys(found))


@pytest.mark.parametrize(
    ("path", "module"),
    [("src/flask/app.py", "os"), ("packages/core/src/a.ts", "react"), ("cmd/main.go", "fmt"), ("notes.txt", "flask")],
)
def test_an_import_from_outside_the_workspace_means_no_file(path, module):
    assert resolve(path, [Import(module, (), 0)], MODULES) == ()


def test_a_package_is_all_of_its_files():
    assert resolve("cmd/main.go", [Import("x/cmd/doc", (), 0)], MODULES) == ("cmd/doc/man.go", "cmd/doc/rest.go")


def test_of_two_files_of_one_name_the_nearer_is_meant():
    modules = {"util": ["a/util.ts", "b/util.ts"]}
    assert resolve("b/main.ts", [Import("@/util", (), 0)], modules) == ("b/util.ts",)


def test_a_file_never_imports_itself():
    assert resolve("src/flask/json/__init__.py", [Import("flask.json", (), 0)], MODULES) == ()


def test_an_import_that_names_only_an_entry_file_stops_nothing():
    assert resolve("a.py", [Import("main", (), 0)], MODULES) == ()
