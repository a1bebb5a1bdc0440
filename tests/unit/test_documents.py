"""What the documents show works: every Python example is run as it stands, and prints what it says it prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"print\(.*\)  # (.+)$", re.MULTILINE)


def examples():
    for document in ("README.md", "server/docs/library.md"):
        for match in BLOCK.finditer((REPOSITORY / document).read_text("utf-8")):
            yield pytest.param(match[1], id=f"{document}-{len(match.string[: match.start()].splitlines())}")


@pytest.mark.parametrize("example", list(examples()))
def test_an_example_prints_what_it_says(example, tmp_path, request):
    if "REDIS_URL" in example:
        url = request.getfixturevalue("redis_server").url
        example = example.replace("REDIS_URL", repr(url))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == PRINTED.findall(example)
    assert PRINTED.search(example)
