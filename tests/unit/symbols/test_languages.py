import pytest

from magnetar.symbols.grammars import GRAMMARS
from magnetar.symbols.keywords import comment_prefixes, keywords
from magnetar.symbols.languages import is_code, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("stubs/a.pyi", "python"),
        ("a.js", "javascript"),
        ("a.mjs", "javascript"),
        ("a.jsx", "javascriptreact"),
        ("a.d.ts", "typescript"),
        ("a.tsx", "typescriptreact"),
        ("a.go", "go"),
        ("a.rs", "rust"),
        ("A.java", "java"),
        ("a.c", "c"),
        ("a.h", "c"),
        ("a.hpp", "cpp"),
        ("a.cc", "cpp"),
        ("A.cs", "csharp"),
        ("a.rb", "ruby"),
        ("Rakefile", "ruby"),
        ("a.php", "php"),
        ("build.gradle.kts", "kotlin"),
        ("a.swift", "swift"),
        ("build.sbt", "scala"),
        ("a.lua", "lua"),
        ("a.sh", "shellscript"),
        (".bashrc", "shellscript"),
        ("README.md", "markdown"),
        ("docs/index.rst", "restructuredtext"),
        ("App.vue", "vue"),
        ("App.svelte", "svelte"),
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.dev", "dockerfile"),
        ("Makefile", "makefile"),
        ("CMakeLists.txt", "cmake"),
        (".env.example", "dotenv"),
        ("go.mod", "go.mod"),
        ("package.json", "json"),
        ("tsconfig.json", "jsonc"),
        ("uv.lock", "toml"),
        ("a.yml", "yaml"),
        ("A.PY", "python"),
        ("dir\\a.py", "python"),
        ("config.py.in", "python"),
        ("notes.txt", "plaintext"),
        ("LICENSE", "plaintext"),
        ("", "plaintext"),
    ],
)
def test_a_name_tells_the_language(path, language):
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/bin/sh", "shellscript"),
        ("#!/usr/bin/env python3.12", "python"),
        ("#! /usr/bin/env -S node --harmony", "javascript"),
        ("#!/usr/bin/env LANG=C ruby", "ruby"),
        ("#!/opt/php8.3", "php"),
        ("# -*- mode: ruby; coding: utf-8 -*-", "ruby"),
        ("// -*- C++ -*-", "cpp"),
        ('<?xml version="1.0"?>', "xml"),
        ("#!/usr/bin/env unheard-of", "plaintext"),
        ("plain words", "plaintext"),
    ],
)
def test_where_the_name_says_nothing_the_first_line_may(line, language):
    assert language_of("bin/tool", line) == language


def test_the_name_is_believed_before_the_first_line():
    assert language_of("a.py", "#!/bin/sh") == "python"


def test_programs_are_code_and_data_and_prose_are_not():
    assert all(map(is_code, GRAMMARS))
    assert not any(map(is_code, ("json", "yaml", "markdown", "html", "plaintext", "dockerfile")))


def test_keywords_are_no_names():
    assert {"def", "self", "return", "_"} <= keywords("python")
    assert {"interface", "const"} <= keywords("typescriptreact")
    assert "return" in keywords("a language nobody knows")
    assert not {"name", "path", "data"} & keywords("python")


def test_comment_prefixes_follow_the_language():
    assert comment_prefixes("python") == ("#",)
    assert "//" in comment_prefixes("rust")
    assert comment_prefixes("lua") == ("--",)
    assert comment_prefixes("json") == ()
