"""The Neovim snippets of the README and of the recipes, as they stand there, in a real Neovim, on the real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
RECIPES = REPOSITORY / "server" / "docs" / "editors.md"
FILES = {
    "shop/cart.py": "from shop.prices import price_of\n\n\ndef grand_total(lines):\n    return sum(map(price_of, lines))\n",
    "shop/prices.py": 'PRICES = {"apple": 3}\n\n\ndef price_of(article):\n    return PRICES[article]\n',
    "shop/till.py": "def open_the_till():\n    return 1\n",
}
SESSION = """
local function client()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1]
end
local function ask(method, params)
  local answers = assert(vim.lsp.buf_request_sync(0, "magnetar/" .. method, params, 60000))
  local _, answer = next(answers)
  return answer.result or error(vim.inspect(answer))
end
local ok, failure = pcall(function()
  assert(vim.wait(60000, function() return client() and client().initialized end, 10), "it never attached")
  for _, name in ipairs({ "prices.py", "cart.py", "prices.py", "cart.py", "till.py", "prices.py" }) do
    vim.cmd("edit shop/" .. name)
  end
  vim.cmd("help")
  vim.cmd("close")
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "unsaved = price_of('Äpfel')" })
  ask("synchronize", vim.empty_dict())
  local answer = {
    attached = vim.lsp.buf_is_attached(0, client().id),
    context = ask("context", { query = "how is the grand_total made?" }),
    predict = ask("predict", vim.empty_dict()),
    stats = ask("stats", vim.empty_dict()),
  }
  vim.cmd("Magnetar how is the grand_total made?")
  assert(vim.wait(60000, function() return vim.bo.filetype == "markdown" end, 10), "no answer was shown")
  answer.shown = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  vim.fn.writefile({ vim.json.encode(answer) }, vim.env.ANSWER)
end)
if not ok then vim.fn.writefile({ failure }, vim.env.FAILURE) end
vim.cmd("qall!")
"""

pytestmark = [
    pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim (nvim) is not installed"),
    pytest.mark.skipif(os.name == "nt", reason="the command magnetar is a shell script here"),
]


def snippet(page):
    """The only piece of Lua on a page."""
    (found,) = re.findall(r"^```lua\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture
def edit(tmp_path):
    """Runs the session in a project, with the snippets as the user's whole configuration; what it answers."""
    project = tmp_path / "project"
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    magnetar = bin_ / "magnetar"
    magnetar.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m magnetar "$@"\n')
    magnetar.chmod(0o755)
    (tmp_path / "init.lua").write_text(snippet(README) + snippet(RECIPES), encoding="utf-8")
    (tmp_path / "session.lua").write_text(SESSION, encoding="utf-8")
    answer, failure = tmp_path / "answer.json", tmp_path / "failure.txt"
    env = {
        **os.environ,
        "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "MAGNETAR_CACHE_DIR": str(tmp_path / "cache"),
        "ANSWER": str(answer),
        "FAILURE": str(failure),
    }
    command = ["nvim", "--headless", "-n", "-i", "NONE", "-u", tmp_path / "init.lua", "-S", tmp_path / "session.lua"]
    run = subprocess.run(
        [*command, "shop/cart.py"],
        cwd=project,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert not failure.exists(), failure.read_text("utf-8")
    assert "Error" not in run.stderr, run.stderr
    assert "deprecated" not in run.stderr, run.stderr
    return json.loads(answer.read_text("utf-8")), project


def test_the_snippet_of_the_readme_is_short():
    assert len(snippet(README).splitlines()) <= 20


def test_it_attaches_focuses_asks_and_gets_an_answer(edit):
    answer, project = edit
    assert answer["attached"] is True
    assert answer["stats"]["prediction"]["transitions"] == 6, "each move between files, and no other"
    items = {item["uri"]: item for item in answer["context"]["items"]}
    focused = items[(project / "shop/prices.py").as_uri()]
    assert "focus" in {reason["signal"] for reason in focused["reasons"]}
    assert focused["source"] == "buffer"
    assert "unsaved = price_of('Äpfel')" in focused["content"]
    assert "def grand_total" in items[(project / "shop/cart.py").as_uri()]["content"]
    assert answer["predict"]["predictions"][0]["uri"] == (project / "shop/cart.py").as_uri()
    assert answer["shown"][0].startswith("## shop/")
    assert "def grand_total(lines):" in answer["shown"]
