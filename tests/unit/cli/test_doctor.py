import io
import json
import sys
from pathlib import Path

import pytest

from magnetar.cli import checks, main
from magnetar.cli.checks import CHECKS
from magnetar.cli.doctor import Finding, Site, Status, Verdict, examine, report, site_of
from magnetar.config import cache_directory, parse_settings
from magnetar.errors import InvalidArguments


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


def test_a_report_says_what_was_found_what_runs_and_what_was_logged_last(site):
    logs = site.cache_dir / "logs"
    logs.mkdir(parents=True)
    (logs / "serve-1.jsonl").write_text('{"time": "2", "message": "second"}\n')
    (logs / "mcp-2.jsonl").write_text('{"time": "1", "message": "first"}\n{"time": "3", "message": "third"}\n')
    told = json.loads(json.dumps(report(site, [Finding("git", Status.OK, "Fine.", "")])))
    assert [one["name"] for one in told["checks"]] == ["git"]
    assert told["about"].keys() == {"magnetar", "python", "system", "encoding"}
    assert told["logDirectory"] == str(logs)
    assert [json.loads(line)["message"] for line in told["log"]] == ["first", "second", "third"]


def test_settings_are_read_as_an_editor_has_them(tmp_path):
    named = tmp_path / "elsewhere"
    site = site_of(tmp_path, None, json.dumps({"cache": {"directory": str(named)}, "model": {"url": "http://x"}}))
    assert site.cache_dir == named
    assert site.settings.cache.directory == str(named)
    assert site_of(tmp_path, tmp_path / "flag", "{}").cache_dir == tmp_path / "flag"


@pytest.mark.parametrize("directory", ["cache", "./cache"])
def test_a_cache_directory_that_depends_on_where_one_stands_is_refused_by_name(tmp_path, directory):
    raw = {"cache": {"directory": directory}}
    assert site_of(tmp_path, None, json.dumps(raw)).cache_dir == site_of(tmp_path, None, "{}").cache_dir
    ((name, message),) = [(problem.name, problem.message) for problem in parse_settings(raw)[1]]
    assert name == "magnetar.cache.directory"
    assert message.startswith(f"{name} must be the absolute path of a directory")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guesses where anybody's home directory would lie")
def test_a_cache_directory_in_the_home_of_nobody_is_refused():
    assert len(parse_settings({"cache": {"directory": "~nobody-at-all/cache"}})[1]) == 1


def test_a_cache_directory_may_lie_in_the_home_directory():
    settings, problems = parse_settings({"cache": {"directory": "~/kept"}})
    assert not problems
    assert cache_directory(settings) == Path.home() / "kept"


@pytest.mark.parametrize("text", ['{"cache": {"redisUrl": "redis://:pass@h"}', "[1]", "nonsense"])
def test_settings_that_are_no_object_are_refused_without_being_quoted(tmp_path, text):
    with pytest.raises(InvalidArguments) as refusal:
        site_of(tmp_path, None, text)
    assert "pass" not in str(refusal.value)
    assert "nonsense" not in str(refusal.value)


def test_looking_leaves_nothing_behind(site, check):
    for name in ("cache", "disk", "databases", "logs", "clock", "workspace", "lease"):
        check(name)
    assert not site.cache_dir.exists()
    assert [path.name for path in site.workspace.parent.iterdir()] == ["workspace"]
    assert not list(site.workspace.iterdir())


def test_the_doctors_site_knows_the_default_settings_without_any(tmp_path):
    assert Site(tmp_path, tmp_path).settings.cache.redis_url == ""


@pytest.mark.parametrize(("worst", "code"), [(Status.OK, 0), (Status.WARN, 0), (Status.FAIL, 1)])
def test_only_what_is_broken_ends_the_command_with_one(site, monkeypatch, capsys, worst, code):
    monkeypatch.setattr(checks, "CHECKS", {"one": lambda _: Verdict(worst, "So it is.", "Do this.")})
    assert main(["doctor", str(site.workspace), "--cache-dir", str(site.cache_dir)]) == code
    assert "So it is." in capsys.readouterr().out
    assert main(["doctor", str(site.workspace), "--cache-dir", str(site.cache_dir), "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["checks"] == [{"name": "one", "status": worst.value, "message": "So it is.", "remedy": "Do this."}]


def test_settings_come_from_a_file_or_from_stdin_and_one_that_cannot_be_read_is_bad_usage(site, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(checks, "CHECKS", {"one": lambda at: seen.append(at.raw) or Verdict(Status.OK, "Fine.")})
    file = site.workspace / "settings.json"
    file.write_text('{"prediction": {"topK": 3}}')
    assert main(["doctor", "--settings", str(file)]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"prediction": {"topK": 4}}'))
    assert main(["doctor", "--settings", "-"]) == 0
    assert seen == [{"prediction": {"topK": 3}}, {"prediction": {"topK": 4}}]
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "--settings", str(site.workspace / "none.json")])
    file.write_text("[1]")
    assert main(["doctor", "--settings", str(file)]) == 1
    assert "must be a JSON object" in capsys.readouterr().err
