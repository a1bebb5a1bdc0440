import os
import sqlite3
from pathlib import Path

import pytest

from magnetar.cli.checks import CHECKS
from magnetar.cli.doctor import Finding, Site, Status, Verdict, examine


@pytest.fixture
def site(tmp_path):
    (tmp_path / "workspace").mkdir()
    return Site(tmp_path / "cache", tmp_path / "workspace")


def check(name, site):
    (finding,) = examine(site, {name: CHECKS[name]})
    return finding


def test_this_installation_is_sound(site):
    found = examine(site, CHECKS)
    assert [finding.name for finding in found] == list(CHECKS)
    assert not [finding for finding in found if finding.status is Status.FAIL]
    assert all(finding.message.endswith(".") for finding in found)


def test_a_check_that_breaks_is_reported_and_stops_no_other(site):
    def broken(_):
        raise MemoryError("no room")

    found = examine(site, {"first": broken, "second": lambda _: Verdict(Status.OK, "Fine.")})
    assert found[0].status is Status.FAIL
    assert "MemoryError: no room" in found[0].message
    assert found[1] == Finding("second", Status.OK, "Fine.", "")


def test_a_finding_is_plain_words_in_json():
    finding = Finding("git", Status.WARN, "Old.", "Update.")
    assert finding.to_dict() == {"name": "git", "status": "warn", "message": "Old.", "remedy": "Update."}


def test_a_damaged_database_is_found_and_named(site):
    for name in ("v1/content.db", "v1/workspaces/abc/workspace.db"):
        path = site.cache_dir / name
        path.parent.mkdir(parents=True)
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE t(v)")
        db.close()
    assert check("databases", site).message.startswith("2 databases are sound")
    path.write_bytes(b"this is no database" * 1000)
    finding = check("databases", site)
    assert finding.status is Status.FAIL
    assert str(path) in finding.message
    assert "content.db" not in finding.message
    assert finding.remedy


def test_a_locked_database_is_waited_for_and_still_read(site):
    path = site.cache_dir / "v1" / "content.db"
    path.parent.mkdir(parents=True)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE t(v)")
    db.execute("BEGIN IMMEDIATE")
    try:
        assert check("databases", site).status is Status.OK
    finally:
        db.close()


def test_a_cache_directory_that_cannot_be_made_is_a_failure(site):
    (site.workspace / "file").write_text("")
    finding = check("cache", Site(site.workspace / "file" / "cache", site.workspace))
    assert finding.status is Status.FAIL
    assert "MAGNETAR_CACHE_DIR" in finding.remedy


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_cache_directory_that_others_can_read_is_a_warning(site):
    site.cache_dir.mkdir(mode=0o755)
    finding = check("cache", site)
    assert finding.status is Status.WARN
    assert finding.remedy == f"chmod 700 {site.cache_dir}"


def test_looking_leaves_nothing_behind(site):
    for name in ("cache", "disk", "databases"):
        check(name, site)
    assert not site.cache_dir.exists()
    assert [path.name for path in site.workspace.parent.iterdir()] == ["workspace"]


def test_without_git_magnetar_works_but_says_what_is_missing(site, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = check("git", site)
    assert finding.status is Status.WARN
    assert "Install git" in finding.remedy


@pytest.mark.skipif(not Path("/proc/sys/fs/inotify").is_dir(), reason="Linux's limits")
def test_a_workspace_is_held_against_the_limit_of_watches(site):
    (site.workspace / "a" / "b").mkdir(parents=True)
    (site.workspace / "node_modules" / "c").mkdir(parents=True)
    assert check("watching", site).message.startswith("3 of the ")
