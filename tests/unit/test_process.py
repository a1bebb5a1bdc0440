import logging
import subprocess
import sys

from magnetar.process import DiscreetFormatter, log_failure


def failure():
    try:
        {}["the contents of a file"]
    except KeyError:
        return sys.exc_info()


def test_an_exception_is_logged_by_type_and_place_without_its_text():
    record = logging.LogRecord("magnetar", logging.ERROR, __file__, 1, "it failed", None, failure())
    text = DiscreetFormatter("%(message)s").format(record)
    assert text.startswith("it failed\n")
    assert text.endswith("KeyError")
    assert "in failure" in text
    assert text.count("the contents of a file") == 1  # the source line of this test, not the exception


def test_a_failure_on_the_loop_is_logged_without_the_message_being_handled(caplog):
    log_failure(None, {"message": "Exception in receive(secret)", "exception": ValueError("secret")})
    assert caplog.messages == ["a background step failed (ValueError)"]


def test_only_magnetar_itself_is_heard_below_a_warning():
    """A driver logs each statement with its values, and a framework each message."""
    program = """import logging
from magnetar.process import log_to_stderr
log_to_stderr("debug")
for name in ("magnetar.workspace", "aiosqlite", "pygls.protocol", "asyncio", "mcp.server", "redis"):
    logging.getLogger(name).debug("said by %s", name)
logging.getLogger("aiosqlite").warning("a warning")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    said = [line.rpartition(": ")[2] for line in done.stderr.splitlines()]
    assert said == ["said by magnetar.workspace", "a warning"]
