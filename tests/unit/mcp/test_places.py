"""How a model names files, and what it may mean by a name."""

import os
from pathlib import Path

import pytest

from magnetar.errors import NotFound
from magnetar.mcp.places import Places, path_of_uri

WEB, API, OTHER_WEB = Path("/home/me/web"), Path("/home/me/api"), Path("/srv/web")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX paths")


def test_in_one_folder_a_file_is_named_relative_to_it():
    places = Places([WEB])
    assert places.name(WEB / "src/app.ts") == "src/app.ts"
    assert places.label(WEB) == ""


@pytest.mark.parametrize(
    "name",
    ["src/app.ts", "./src/app.ts", "src/deep/../app.ts", "/home/me/web/src/app.ts", "file:///home/me/web/src/app.ts"],
)
def test_a_file_may_be_named_in_every_usual_way(name):
    assert Places([WEB]).path(name) == WEB / "src/app.ts"


def test_a_name_that_leads_out_is_taken_at_its_word():
    assert Places([WEB]).path("../secrets.txt") == Path("/home/me/secrets.txt")
    assert Places([WEB]).path("/etc/passwd") == Path("/etc/passwd")


def test_in_several_folders_the_folder_s_name_stands_in_front():
    places = Places([WEB, API])
    assert places.name(API / "main.py") == "api/main.py"
    assert places.path("api/main.py") == API / "main.py"
    assert places.path("web/src/app.ts") == WEB / "src/app.ts"
    with pytest.raises(NotFound, match="web, api"):
        places.path("main.py")


def test_folders_of_one_name_are_told_apart_by_their_parents():
    places = Places([WEB, OTHER_WEB])
    assert places.name(OTHER_WEB / "x.py") == "srv/web/x.py"
    assert places.path("me/web/x.py") == WEB / "x.py"
    places = Places([Path("/web"), WEB])
    assert places.name(Path("/web/x.py")) == "web/x.py"
    assert places.path(places.name(WEB / "x.py")) == WEB / "x.py"


def test_a_name_that_no_file_has_is_refused():
    with pytest.raises(NotFound, match="null"):
        Places([WEB]).path("a\0b")


def test_a_folder_within_another_answers_for_its_files():
    places = Places([WEB, WEB / "inner"])
    name = places.name(WEB / "inner" / "x.py")
    assert places.path(name) == WEB / "inner" / "x.py"
    assert places.holder(WEB / "inner" / "x.py") == WEB / "inner"


def test_what_lies_in_no_folder_shows_nothing_but_its_name():
    assert Places([WEB]).name(Path("/etc/passwd")) == "passwd"


def test_a_folder_is_named_by_its_label_or_its_path():
    places = Places([WEB, API, WEB])
    assert places.roots == (WEB, API)
    assert places.folder("api") == places.folder("/home/me/api") == API
    assert places.folder(None) is None
    assert Places([WEB]).folder(".") == WEB
    with pytest.raises(NotFound, match="web, api"):
        places.folder("nothing")


def test_a_uri_is_decoded():
    assert path_of_uri("file:///home/me/a%20b%23c") == Path("/home/me/a b#c")
    assert path_of_uri("file://localhost/x/") == Path("/x")
