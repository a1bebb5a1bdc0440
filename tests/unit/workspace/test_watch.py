"""What the watcher promises, asked of a real file system; only time is made up, and `flush` takes the place of waiting."""

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import magnetar
from magnetar.workspace.watch import Batch, Watcher, WatchMode
from magnetar.workspace.watch_events import Collector
from magnetar.workspace.watch_observer import ObserverSource

linux = pytest.mark.skipif(sys.platform != "linux", reason="about inotify")
SERVER = Path(magnetar.__file__).parents[1]


def keep_all(_path, _is_directory):
    return False


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


class Watched:
    """A folder under watch, and what was told of it."""

    def __init__(self, root, *, start=True, **options):
        self.root = root
        self.clock = Clock()
        self.batches = []
        self.rules = {"node_modules", "build"}
        self.watcher = Watcher(root, self.ignored, self.batches.append, clock=self.clock, **options)
        if start:
            self.watcher.start()

    def ignored(self, path, _is_directory):
        return any(part in self.rules for part in path.split("/")) or path.endswith(".log")

    def told(self):
        """Everything told since the last time, as one batch."""
        assert self.watcher.flush(30)
        told, self.batches[:] = list(self.batches), []
        return Batch(
            frozenset().union(*(batch.changed for batch in told)),
            frozenset().union(*(batch.prefixes for batch in told)),
            any(batch.rescan for batch in told),
            any(batch.head_changed for batch in told),
            any(batch.ignore_changed for batch in told),
        )

    def write(self, path, text="x"):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def git(self, *arguments):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", "-C", self.root, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "a.py").write_text("a")
    (root / "src" / "deep" / "b.py").write_text("b")
    (root / "node_modules" / "left").mkdir(parents=True)
    return root


@pytest.fixture
def watched(folder):
    watched = Watched(folder)
    yield watched
    watched.watcher.stop()


@pytest.fixture
def repository(watched):
    watched.git("init")
    watched.git("add", ".")
    watched.git("commit", "-m", "one")
    watched.told()
    return watched


def test_files_made_written_renamed_and_deleted_are_told(watched):
    watched.write("src/new.py")
    assert watched.told() == Batch(changed=frozenset({"src/new.py"}))
    watched.write("src/a.py", "other")
    assert watched.told().changed == {"src/a.py"}
    (watched.root / "src/a.py").rename(watched.root / "c.py")
    assert watched.told().changed == {"src/a.py", "c.py"}
    (watched.root / "src/deep/b.py").unlink()
    assert watched.told().changed == {"src/deep/b.py"}
    os.utime(watched.root / "c.py", (1, 1))
    assert watched.told().changed == {"c.py"}


def test_reading_and_listing_tell_nothing(watched):
    (watched.root / "src/a.py").read_bytes()
    list(os.walk(watched.root))
    assert watched.told() == Batch()


@linux
def test_a_write_through_a_file_that_stays_open_is_told(watched):
    with (watched.root / "src/a.py").open("a") as file:
        file.write("more")
        file.flush()
        assert watched.told().changed == {"src/a.py"}


def test_ignored_files_and_directories_are_not_told(watched):
    watched.write("debug.log")
    watched.write("node_modules/left/pad.js")
    watched.write("node_modules/new/pad.js")
    watched.write("src/build/out.js")
    shutil.rmtree(watched.root / "node_modules")
    assert watched.told() == Batch()


def test_odd_names_are_told_as_they_are(watched):
    names = {"größe.py", "new\nline", 'quo"te', " spaced ", os.fsdecode(b"caf\xe9") if sys.platform == "linux" else "e"}
    for name in names:
        watched.write(f"src/{name}")
    assert watched.told().changed == {f"src/{name}" for name in names}


def test_a_directory_that_comes_is_told_as_a_whole_and_then_watched(watched):
    watched.write("new/sub/a.py")
    watched.write("new/b.py")
    assert watched.told() == Batch(prefixes=frozenset({"new"}))
    watched.write("new/sub/a.py", "again")
    assert watched.told() == Batch(changed=frozenset({"new/sub/a.py"}))


def test_a_directory_that_moves_is_told_under_both_names_and_stays_watched(watched):
    (watched.root / "src").rename(watched.root / "lib")
    assert watched.told() == Batch(prefixes=frozenset({"src", "lib"}))
    watched.write("lib/deep/b.py", "again")
    assert watched.told().changed == {"lib/deep/b.py"}
    watched.write("src/a.py")
    assert watched.told().prefixes == {"src"}
    watched.write("src/a.py", "again")
    assert watched.told().changed == {"src/a.py"}


def test_what_happens_in_a_directory_moved_out_is_not_told_under_its_old_name(watched, tmp_path):
    (watched.root / "src").rename(tmp_path / "elsewhere")
    assert watched.told().prefixes == {"src"}
    (tmp_path / "elsewhere" / "a.py").write_text("again")
    (tmp_path / "elsewhere" / "deep" / "c.py").write_text("new")
    assert watched.told() == Batch()


def test_a_deleted_tree_is_told_by_its_top(watched):
    shutil.rmtree(watched.root / "src")
    told = watched.told()
    assert told.prefixes >= {"src"}
    assert all(path.startswith("src") for path in told.prefixes | told.changed)


def test_links_are_told_and_not_followed(watched, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (watched.root / "link").symlink_to(outside)
    assert watched.told().changed == {"link"}
    (outside / "x.py").write_text("x")
    assert watched.told() == Batch()


def test_gits_own_files_are_not_told_but_what_they_mean_is(repository):
    repository.write("src/a.py", "two")
    assert repository.told() == Batch(changed=frozenset({"src/a.py"}))
    repository.git("add", ".")
    assert repository.told() == Batch(head_changed=True), "the index"
    repository.git("commit", "-m", "two")
    assert repository.told() == Batch(head_changed=True), "the branch"
    repository.git("checkout", "-b", "topic/deep/branch")
    assert repository.told() == Batch(head_changed=True), "HEAD"
    repository.git("commit", "--allow-empty", "-m", "three")
    assert repository.told() == Batch(head_changed=True), "a branch in a directory of its own"
    repository.git("checkout", "main~1")
    assert repository.told() == Batch(changed=frozenset({"src/a.py"}), head_changed=True)


def test_asking_git_tells_nothing(repository):
    repository.git("--no-optional-locks", "status")
    repository.git("log")
    repository.git("ls-files", "--others")
    assert repository.told() == Batch()


def test_a_repository_made_later_is_noticed(watched):
    watched.git("init")
    told = watched.told()
    assert told.head_changed
    assert told.ignore_changed
    watched.git("commit", "--allow-empty", "-m", "one")
    assert watched.told().head_changed
    shutil.rmtree(watched.root / ".git")
    assert watched.told().head_changed


def test_ignore_rules_that_change_are_told(repository):
    repository.write("src/.gitignore")
    assert repository.told() == Batch(changed=frozenset({"src/.gitignore"}), ignore_changed=True)
    repository.write(".git/info/exclude", "*.tmp")
    assert repository.told() == Batch(ignore_changed=True)


def test_for_a_folder_inside_a_repository_the_head_and_the_rules_above_count(repository):
    below = Watched(repository.root / "src")
    try:
        repository.write(".gitignore")
        assert below.told() == Batch(ignore_changed=True)
        repository.write("other/x.py")
        assert below.told() == Batch()
        repository.git("add", ".")
        assert below.told() == Batch(head_changed=True)
    finally:
        below.watcher.stop()


def test_a_linked_working_tree_follows_its_own_head_and_the_shared_branches(repository, tmp_path):
    repository.git("worktree", "add", os.fspath(tmp_path / "linked"), "-b", "topic")
    linked = Watched(tmp_path / "linked")
    try:
        linked.git("checkout", "--detach")
        assert linked.told() == Batch(head_changed=True)
        linked.git("branch", "another")
        assert linked.told() == Batch(head_changed=True)
    finally:
        linked.watcher.stop()


def test_new_rules_change_what_is_watched(watched):
    watched.rules = {"src"}
    watched.watcher.rewatch()
    assert watched.told() == Batch(prefixes=frozenset({"node_modules"}))
    watched.write("node_modules/left/pad.js")
    watched.write("src/a.py", "again")
    watched.write("src/deep/b.py", "again")
    assert watched.told().changed == {"node_modules/left/pad.js"}


def test_a_batch_comes_by_itself_when_things_are_quiet(folder):
    batches, arrived = [], threading.Event()

    def on_batch(batch):
        batches.append(batch)
        arrived.set()

    watcher = Watcher(folder, keep_all, on_batch)
    watcher.start()
    try:
        (folder / "x").write_text("1")
        assert arrived.wait(10)
        assert batches[0] == Batch(changed=frozenset({"x"}))
        assert watcher.pending == 0
    finally:
        watcher.stop()


def test_more_changes_than_are_worth_naming_become_a_rescan(watched):
    for number in range(5_001):
        (watched.root / f"f{number}").touch()
    assert watched.told() == Batch(rescan=True)


def test_everything_is_looked_at_from_time_to_time(watched):
    watched.clock.now += 299
    assert watched.told() == Batch()
    watched.clock.now += 1
    assert watched.told() == Batch(rescan=True)
    assert watched.told() == Batch()


def test_a_folder_that_goes_and_comes_back_is_told_and_watched_again(watched, tmp_path):
    watched.root.rename(tmp_path / "away")
    assert watched.told().rescan
    assert watched.watcher.mode is WatchMode.OFF
    watched.clock.now += 2
    assert watched.told() == Batch(), "still away"
    (tmp_path / "away").rename(watched.root)
    watched.clock.now += 4
    assert watched.told().rescan
    assert watched.watcher.mode is WatchMode.NATIVE
    watched.write("src/a.py", "again")
    assert watched.told().changed == {"src/a.py"}


def test_another_folder_put_in_its_place_is_the_one_watched(watched, tmp_path):
    shutil.copytree(watched.root, tmp_path / "copy")
    shutil.rmtree(watched.root)
    (tmp_path / "copy").rename(watched.root)
    watched.told()
    watched.clock.now += 300
    assert watched.told().rescan
    watched.write("src/deep/b.py", "again")
    assert watched.told().changed == {"src/deep/b.py"}


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path):
    watched = Watched(tmp_path / "later")
    try:
        assert watched.watcher.mode is WatchMode.OFF
        watched.write("a.py")
        watched.clock.now += 2
        assert watched.told().rescan
        assert watched.watcher.mode is WatchMode.NATIVE
    finally:
        watched.watcher.stop()


def test_starting_and_stopping_twice_is_fine(folder):
    watched = Watched(folder, start=False)
    watcher = watched.watcher
    assert (watcher.mode, watcher.pending, watcher.flush(1)) == (WatchMode.OFF, 0, True)
    watcher.stop()
    before = threading.active_count()
    for _ in range(2):
        watcher.start()
        watcher.start()
        assert threading.active_count() == before + 1
        watched.write("x")
        assert watched.told().changed == {"x"}
        watcher.stop()
        watcher.stop()
        assert (watcher.mode, watcher.flush(1)) == (WatchMode.OFF, True)
        assert threading.active_count() == before
    watched.write("y")
    assert watched.batches == []


def test_it_can_be_stopped_from_within_a_batch(folder):
    stopped = threading.Event()
    watcher = Watcher(folder, keep_all, lambda _: (watcher.stop(), stopped.set()))
    watcher.start()
    (folder / "x").write_text("1")
    assert stopped.wait(10)
    watcher.stop()


def test_many_threads_may_flush_start_and_stop_at_once(watched):
    def use():
        for _ in range(20):
            watched.watcher.flush(30)
            watched.watcher.rewatch()
            watched.watcher.stop()
            watched.watcher.start()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    watched.write("x")
    assert "x" in watched.told().changed


def test_a_flush_gives_up_in_time(folder):
    blocked, release = threading.Event(), threading.Event()
    watcher = Watcher(folder, keep_all, lambda _: (blocked.set(), release.wait(10)))
    watcher.start()
    try:
        (folder / "x").write_text("1")
        assert blocked.wait(10)
        assert not watcher.flush(0.01)
    finally:
        release.set()
        watcher.stop()


@linux
def test_watching_costs_no_processor_time_while_nothing_happens(folder):
    watcher = Watcher(folder, keep_all, [].append)
    watcher.start()
    try:
        assert watcher._run._patience() > 200, "the thread sleeps until the next rescan"
        assert watcher._run._thread.is_alive()
    finally:
        watcher.stop()


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
        assert watched.told() == Batch(changed=frozenset({"src/a.py"}))
        watched.write("new/a.py")
        assert watched.told() == Batch(prefixes=frozenset({"new"}))
        (watched.root / "src").rename(watched.root / "lib")
        assert watched.told().prefixes >= {"src", "lib"}

    def test_gits_head_and_the_ignore_rules_are_told(self, watched):
        watched.git("init")
        assert watched.told().head_changed
        watched.git("commit", "--allow-empty", "-m", "one")
        assert watched.told() == Batch(head_changed=True)
        watched.write(".gitignore")
        assert watched.told().ignore_changed

    def test_the_folder_may_go_and_come_back(self, watched):
        shutil.rmtree(watched.root)
        assert watched.told().rescan
        assert watched.watcher.mode is WatchMode.OFF
        watched.root.mkdir()
        watched.clock.now += 2
        assert watched.told().rescan
        watched.write("a.py")
        assert watched.told().changed == {"a.py"}
