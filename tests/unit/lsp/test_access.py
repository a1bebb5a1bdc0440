import os
import stat

import pytest

from magnetar.lsp.access import TokenUnavailable, access_token, holds_token, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_may_listen_to_itself(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.1", "example.org", "localhost.example.org"])
def test_nothing_else_counts_as_this_machine(host):
    assert not is_loopback(host)


def test_a_token_is_made_once_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("MAGNETAR_TOKEN", raising=False)
    file = tmp_path / "cache" / "token"
    token = access_token(file)
    assert len(token) >= 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert access_token(file) == token


def test_a_token_that_is_empty_or_that_others_could_read_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.delenv("MAGNETAR_TOKEN", raising=False)
    file = tmp_path / "token"
    file.touch(0o600)
    token = access_token(file)
    assert access_token(file) == token
    file.chmod(0o644)
    assert access_token(file) not in {"", token}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def without_modes(_descriptor, _mode):
    """What a file system does that keeps none."""


def without_modes_and_says_so(_descriptor, _mode):
    raise PermissionError


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes at all")
@pytest.mark.parametrize("fchmod", [without_modes, without_modes_and_says_so])
def test_a_token_is_kept_with_a_warning_where_the_file_system_keeps_no_modes(tmp_path, monkeypatch, caplog, fchmod):
    monkeypatch.delenv("MAGNETAR_TOKEN", raising=False)
    monkeypatch.setattr(os, "fchmod", fchmod)
    file = tmp_path / "token"
    token = access_token(file)
    file.chmod(0o777)
    assert access_token(file) == token
    assert [(one.levelname, str(file) in one.getMessage()) for one in caplog.records] == [("WARNING", True)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes at all")
def test_a_token_of_someone_else_is_never_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("MAGNETAR_TOKEN", raising=False)
    monkeypatch.setattr(os, "fchmod", without_modes)
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    file = tmp_path / "token"
    file.write_text("planted\n", "ascii")
    file.chmod(0o644)
    assert access_token(file) != "planted"


def test_the_environment_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("MAGNETAR_TOKEN", "given")
    assert access_token(tmp_path / "token") == "given"
    assert not (tmp_path / "token").exists()


def test_a_file_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("MAGNETAR_TOKEN", raising=False)
    with pytest.raises(TokenUnavailable, match=str(tmp_path)):
        access_token(tmp_path)


@pytest.mark.parametrize("options", [None, {}, [], {"token": None}, {"token": "secre"}, {"token": "sécret"}])
def test_only_the_token_is_the_token(options):
    assert not holds_token(options, "secret")
    assert holds_token({"token": "secret"}, "secret")
