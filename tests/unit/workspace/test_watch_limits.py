"""What the watcher does where the system's limits end, and how it puts events together."""

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from magnetar.workspace.watch import Batch, Watcher, WatchMode
from magnetar.workspace.watch_events import Collector
from magnetar.workspace.watch_observer import ObserverSource
from unit.workspace.watching import SERVER, Clock, Watched, keep_all

linux = pytest.mark.skipif(sys.platform != "linux", reason="about inotify")


def limited(folder, limit, body):
    """Runs a script in a user namespace of its own, where the system's limits can be set without harm."""
    script = folder.parent / "script.py"
    script.write_text(
        textwrap.dedent("""
            import sys, os
            from pathlib import Path
            sys.path.insert(0, sys.argv[1])
            from magnetar.workspace.watch import Batch, Watcher
            def limit(name, value):
                Path("/proc/sys/user/max_inotify_" + name).write_text(str(value))
            class Clock:
                now = 0.0
                def __call__(self):
                    return self.now
            root, clock, batches = Path(sys.argv[2]), Clock(), []
            watcher = Watcher(root, lambda *_: False, batches.append, clock=clock)
            def told():
                assert watcher.flush(30)
                told, batches[:] = list(batches), []
                return told
        """)
        + textwrap.dedent(body)
        + "\nwatcher.stop()\n"
    )
    unshare = shutil.which("unshare")
    probe = [unshare or "false", "-Ur", "sh", "-c", f"echo {limit[1]} > /proc/sys/user/max_inotify_{limit[0]}"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    command = [unshare, "-Ur", sys.executable, os.fspath(script), os.fspath(SERVER), os.fspath(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@linux
def test_at_the_limit_of_watches_the_rest_is_polled_less_and_less_often_until_the_limit_is_raised(folder):
    for number in range(100):
        (folder / f"d{number}").mkdir()
    limited(
        folder,
        ("watches", 50),
        """
        limit("watches", 50)
        watcher.start()
        assert watcher.mode == "mixed"
        (root / "x").write_text("1")
        assert told() == [Batch(changed=frozenset({"x"}))]
        times = []
        for clock.now in range(1, 300):
            if Batch(rescan=True) in told():
                times.append(clock.now)
        assert times == [2, 6, 14, 30, 62, 122, 182, 242], times
        watcher.found_changes()
        clock.now += 2
        assert told() == [Batch(rescan=True)]
        limit("watches", 5000)
        clock.now += 4
        assert Batch(rescan=True) in told()
        assert watcher.mode == "native"
        (root / "d99" / "x").write_text("1")
        assert told() == [Batch(changed=frozenset({"d99/x"}))]
        """,
    )


@linux
def test_directories_that_come_when_no_watch_is_left_are_polled(folder):
    limited(
        folder,
        ("watches", 5),
        """
        limit("watches", 7)
        watcher.start()
        assert watcher.mode == "native"
        for number in range(9):
            (root / f"new{number}").mkdir()
        assert told()
        assert watcher.mode == "mixed"
        clock.now += 2
        assert told() == [Batch(rescan=True)]
        """,
    )


@linux
@pytest.mark.parametrize("name", ["instances", "watches"])
def test_without_any_watch_everything_is_polled(folder, name):
    limited(
        folder,
        (name, 0),
        f"""
        limit("{name}", 0)
        watcher.start()
        assert watcher.mode == "polling"
        (root / "x").write_text("1")
        assert told() == []
        clock.now += 2
        assert told() == [Batch(rescan=True)]
        limit("{name}", 100)
        clock.now += 4
        assert told() == [Batch(rescan=True)]
        assert watcher.mode == "native"
        """,
    )


@linux
def test_when_the_kernel_drops_events_everything_is_looked_at_and_watched(folder):
    entered, release, batches = threading.Event(), threading.Event(), []

    def on_batch(batch):
        batches.append(batch)
        entered.set()
        release.wait(60)

    watcher = Watcher(folder, keep_all, on_batch)
    watcher.start()
    try:
        (folder / "first").touch()
        assert entered.wait(10)
        overflow = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text()) + 100
        if overflow > 100_000:
            pytest.skip("the queue of this kernel is too long to fill")
        for number in range(overflow // 4 + 1):  # made, renamed from and to, deleted
            (folder / f"x{number}").touch()
            (folder / f"x{number}").rename(folder / "y")
            (folder / "y").unlink()
        (folder / "made" / "meanwhile").mkdir(parents=True)
        release.set()
        assert watcher.flush(60)
        assert any(batch.rescan for batch in batches)
        batches.clear()
        (folder / "made" / "meanwhile" / "z").touch()
        assert watcher.flush(60)
        assert batches == [Batch(changed=frozenset({"made/meanwhile/z"}))]
    finally:
        release.set()
        watcher.stop()


def test_events_close_together_are_one_batch_and_a_stream_of_them_is_not_held_back():
    clock = Clock()
    collector = Collector(clock)
    assert collector.due is None
    collector.change("a")
    assert collector.due == pytest.approx(clock.now + 0.04)
    started = clock.now
    for _ in range(20):
        clock.now += 0.03
        collector.change("a")
    assert collector.due == pytest.approx(started + 0.25)
    assert collector.take(keep_all) == Batch(changed=frozenset({"a"}))
    assert collector.due is None


def test_what_lies_below_a_told_directory_is_not_told_again():
    collector = Collector(Clock())
    for path in ("a/x", "ab/x", "a/b/y"):
        collector.change(path)
    for prefix in ("a/b", "a", "c/d", "c/d/e"):
        collector.relist(prefix)
    assert collector.pending == 7
    batch = collector.take(keep_all)
    assert batch == Batch(changed=frozenset({"ab/x"}), prefixes=frozenset({"a", "c/d"}))


@pytest.mark.filterwarnings("default")
class TestTheObserverOfOtherSystems:
    """The way of macOS and Windows, tried with whatever observer this system has."""

    @pytest.fixture
    def watched(self, folder):
        watched = Watched(folder, source=ObserverSource)
        yield watched
        watched.watcher.stop()

    def test_files_and_directories_are_told(self, watched):
        assert watched.watcher.mode is WatchMode.NATIVE
        watched.write("src/a.py", "again")
        watched.write("debug.log")
        watched.write("node_modules/left/pad.js")
        assert watched.told_until(lambda told: told.changed) == Batch(changed=frozenset({"src/a.py"}))
        watched.write("new/a.py")
        assert watched.told_until(lambda told: told.prefixes).prefixes == {"new"}
        (watched.root / "src").rename(watched.root / "lib")
        watched.told_until(lambda told: told.prefixes >= {"src", "lib"})

    def test_gits_head_and_the_ignore_rules_are_told(self, watched):
        watched.git("init")
        watched.told_until(lambda told: told.head_changed)
        watched.git("commit", "--allow-empty", "-m", "one")
        assert not watched.told_until(lambda told: told.head_changed).changed
        watched.write(".gitignore")
        watched.told_until(lambda told: told.ignore_changed)

    def test_the_folder_may_go_and_come_back(self, watched):
        shutil.rmtree(watched.root)
        watched.told_until(lambda told: told.rescan)
        assert watched.watcher.mode is WatchMode.OFF
        watched.root.mkdir()
        watched.clock.now += 2
        watched.told_until(lambda told: told.rescan)
        watched.write("a.py")
        watched.told_until(lambda told: told.changed == {"a.py"})
