"""What a real server writes into its log file."""

import json
import os
from pathlib import Path

from lsp.editor import Editor

SECRET = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def test_a_servers_log_tells_what_went_wrong_and_nothing_of_contents_questions_or_the_users_home(tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "engine.py").write_text(f'TOKEN = "{SECRET}"\n\n\ndef spin_up_the_turbine():\n    return TOKEN\n')
    damaged = tmp_path / "cache" / "v1" / "content.db"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"this is no database" * 1000)
    with Editor(tmp_path / "cache", folder) as editor:
        editor.settle()
        editor.ask("context", query="where is the hydrofoil_question about the turbine?")
        told = Path(editor.ask("stats")["process"]["logFile"])
    assert told.parent == tmp_path / "cache" / "logs"
    text = told.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["message"].startswith("magnetar ")
    assert any(f"~{os.sep}cache{os.sep}v1{os.sep}content.db" in line["message"] for line in lines), text
    for word in (SECRET, "turbine", "hydrofoil", "TOKEN", str(tmp_path)):
        assert word not in text
