"""What the watcher promises, asked of a real file system; only time is made up, and `flush` takes the place of waiting."""

import os
import shutil
import sys
import threading

import pytest

from magnetar.workspace.watch import Batch, Watcher, WatchMode
from unit.workspace.watching import Watched, keep_all

linux = pytest.mark.skipif(sys.platform != "linux", reason="about inotify")


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
