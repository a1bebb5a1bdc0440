"""The extension's settings page and version say what the server's own types say."""

import json
from enum import Enum
from pathlib import Path

import pytest
from attrs import NOTHING

from magnetar.config import parse_settings, setting_names
from magnetar.version import __version__

EXTENSION = Path(__file__).parents[2] / "vscode-extension"
MANIFEST = json.loads((EXTENSION / "package.json").read_text("utf-8"))
TEXTS = json.loads((EXTENSION / "package.nls.json").read_text("utf-8"))
CONTRIBUTED = {
    name: setting
    for section in MANIFEST["contributes"]["configuration"]
    for name, setting in section["properties"].items()
}
SERVER = setting_names()
BEYOND_THE_FOLDER = ("backend", "directory", "diskMaxBytes", "maxBytes", "maxEntries", "redisUrl", "share.contents")
EDITOR_ONLY = {name for name in CONTRIBUTED if name.startswith(("magnetar.server.", "magnetar.model."))}
TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string", "tuple[str, ...]": "array"}


def default_of(attribute):
    assert attribute.default is not NOTHING
    return attribute.default.value if isinstance(attribute.default, Enum) else attribute.default


def server_reads(name, value):
    """Whether the server takes the value without a word of complaint."""
    return not parse_settings({name.removeprefix("magnetar."): value})[1]


def test_the_editor_offers_what_the_server_reads_and_nothing_else():
    assert set(CONTRIBUTED) - EDITOR_ONLY == set(SERVER)


@pytest.mark.parametrize("name", SERVER)
def test_type_and_default_are_the_servers(name):
    attribute, setting = SERVER[name], CONTRIBUTED[name]
    default = default_of(attribute)
    assert setting["default"] == (list(default) if isinstance(default, tuple) else default)
    assert setting["type"] == ("string" if isinstance(attribute.default, Enum) else TYPES[attribute.type])


@pytest.mark.parametrize("name", SERVER)
def test_the_editor_warns_of_the_values_that_the_server_refuses(name):
    setting = CONTRIBUTED[name]
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if bound in setting:
            assert server_reads(name, setting[bound])
            assert not server_reads(name, setting[bound] + step)
    for choice in setting.get("enum", ()):
        assert server_reads(name, choice)
    if "enum" in setting:
        assert not server_reads(name, "something else")


@pytest.mark.parametrize("name", SERVER)
def test_a_workspace_can_set_only_what_the_server_lets_it(name):
    assert (CONTRIBUTED[name]["scope"] == "machine") == SERVER[name].metadata["machine"]


@pytest.mark.parametrize("name", BEYOND_THE_FOLDER)
def test_a_workspace_cannot_choose_how_the_cache_of_all_folders_is_kept(name):
    assert CONTRIBUTED[f"magnetar.cache.{name}"]["scope"] == "machine"


def test_settings_that_only_the_machines_owner_may_choose_are_restricted_in_untrusted_workspaces():
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert restricted == {name for name, setting in CONTRIBUTED.items() if setting["scope"] == "machine"}


@pytest.mark.parametrize("name", CONTRIBUTED)
def test_every_setting_is_described(name):
    description = CONTRIBUTED[name]["markdownDescription"]
    assert len(TEXTS[description.strip("%")]) > len("Whether it is on.")


def test_extension_and_server_are_one_version():
    assert MANIFEST["version"] == __version__
