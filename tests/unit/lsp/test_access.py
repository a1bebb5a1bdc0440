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
