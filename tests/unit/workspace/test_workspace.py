"""What an open folder promises: fresh documents, an index that follows the disk, and nothing learned from its own work."""

from __future__ import annotations

import asyncio
import gc
import os

import pytest

from magnetar.errors import BackendUnavailable
from magnetar.model import DropReason
from magnetar.search import database, query
from magnetar.workspace import disk
from magnetar.workspace.lease import Lease


def text(source):
    return "".join(source.lines)


async def test_a_warmed_folder_finds_files_by_their_words_and_names(root, open_workspace):
    (root / "engine.py").write_text("class TurboEncabulator:\n    def rotate(self):\n        return 1\n")
    (root / "user.py").write_text("from engine import TurboEncabulator\n")
    async with open_workspace() as workspace:
        assert [path for path, _ in await workspace.lexical({"=turboencabulator": 1.0}, 10)] == ["engine.py", "user.py"]
        assert await workspace.defining(["TurboEncabulator"]) == {"TurboEncabulator": ("engine.py",)}
        assert await workspace.importers(["engine"]) == {"engine": ("user.py",)}
        assert await workspace.modules(["engine"]) == {"engine": ("engine.py",)}
        assert workspace.status.indexed == 2


async def test_a_small_warm_up_leaves_everything_to_be_collected(root, open_workspace):
    async with open_workspace() as workspace:
        (root / "a.py").write_text("a = 1\n")
        before = gc.get_freeze_count()
        await workspace.warm()
        assert workspace.status.indexed == 1
        assert gc.get_freeze_count() <= before


async def test_an_open_buffer_overlays_the_disk_until_it_closes(root, open_workspace):
    (root / "a.py").write_text("on_disk = 1\n")
    async with open_workspace() as workspace:
        workspace.opened("a.py", 1, "on_disk = 1\n", access=True)
        workspace.changed("a.py", 2, "in_buffer = 2\n")
        source = (await workspace.load(["a.py"]))["a.py"]
        assert (text(source), source.from_buffer, source.version) == ("in_buffer = 2\n", True, 2)
        workspace.closed("a.py")
        source = (await workspace.load(["a.py"]))["a.py"]
        assert (text(source), source.from_buffer) == ("on_disk = 1\n", False)


async def test_a_buffer_that_is_not_on_disk_is_served(open_workspace):
    async with open_workspace() as workspace:
        workspace.opened("new.py", 1, "x = 1\n", access=True)
        assert text((await workspace.load(["new.py"]))["new.py"]) == "x = 1\n"
        assert "new.py" in workspace.files


async def test_a_write_of_the_same_size_with_its_time_put_back_is_seen(root, open_workspace):
    file = root / "a.py"
    file.write_text("value = 1\n")
    async with open_workspace() as workspace:
        assert text((await workspace.load(["a.py"]))["a.py"]) == "value = 1\n"
        await workspace.settled()
        before = file.stat()
        file.write_text("value = 2\n")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert text((await workspace.load(["a.py"]))["a.py"]) == "value = 2\n"


async def test_a_deleted_file_is_gone_at_once(root, open_workspace):
    file = root / "a.py"
    file.write_text("value = 1\n")
    async with open_workspace() as workspace:
        file.unlink()
        assert await workspace.load(["a.py"]) == {}
        await workspace.settled()
        assert "a.py" not in workspace.files


async def test_changes_made_by_others_are_followed(root, open_workspace):
    (root / "a.py").write_text("alpha = 1\n")
    async with open_workspace() as workspace:
        (root / "b.py").write_text("zebra_crossing = 1\n")
        (root / "a.py").unlink()
        await workspace.settled()
        assert list(workspace.files) == ["b.py"]
        assert [path for path, _ in await workspace.lexical({"=zebra_crossing": 1.0}, 10)] == ["b.py"]


async def test_new_ignore_rules_take_files_out(root, open_workspace):
    (root / "a.py").write_text("alpha = 1\n")
    (root / "b.py").write_text("beta = 1\n")
    async with open_workspace() as workspace:
        (root / ".gitignore").write_text("b.py\n")
        await workspace.settled()
        assert "b.py" not in workspace.files
        assert await workspace.load(["b.py"]) == {}
        assert workspace.refusal(root / "b.py") is DropReason.IGNORED


async def test_a_branch_switch_costs_no_parse_of_what_was_seen_before(root, git, open_workspace):
    git("init", "-q")
    (root / "a.py").write_text("first = 1\n")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    (root / "a.py").write_text("second = 2\n")
    git("commit", "-qam", "two")
    async with open_workspace() as workspace:
        git("checkout", "-q", "main")
        await workspace.settled()
        assert text((await workspace.load(["a.py"]))["a.py"]) == "first = 1\n"
        known = len([key for key in open_workspace.blobs if key.startswith("symbols:")])
        git("checkout", "-q", "other")
        await workspace.settled()
        assert text((await workspace.load(["a.py"]))["a.py"]) == "second = 2\n"
        assert len([key for key in open_workspace.blobs if key.startswith("symbols:")]) == known


async def test_a_second_start_reads_nothing_that_did_not_change(root, open_workspace):
    for number in range(5):
        (root / f"m{number}.py").write_text(f"value = {number}\n")
    async with open_workspace():
        pass
    (root / "m0.py").write_text("value = 'changed'\n")
    async with open_workspace(warm=False) as workspace:
        report = await workspace.warm()
        assert (report.files, report.reused) == (5, 4)


async def test_lines_with_a_secret_are_blank_wherever_they_are_kept(root, open_workspace):
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    (root / "a.py").write_text(f"before = 1\nTOKEN = '{token}'\nafter = 2\n")
    async with open_workspace() as workspace:
        source = (await workspace.load(["a.py"]))["a.py"]
        assert text(source) == "before = 1\n\nafter = 2\n"
        await workspace.settled()
        assert not [key for key, blob in open_workspace.blobs.items() if token.encode() in blob]
        workspace.opened("b.py", 1, f"TOKEN = '{token}'\nfine = 1\n", access=True)
        assert text((await workspace.load(["b.py"]))["b.py"]) == "\nfine = 1\n"


async def test_only_the_user_is_learned_from(root, open_workspace):
    for name in "abc":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as workspace:
        await workspace.load(["a.py", "b.py", "c.py"])
        assert workspace.attention.model.transitions == 0
        for name in "abab":
            workspace.focused(f"{name}.py")
        workspace.focused("b.py")
        assert workspace.attention.model.transitions == 3
        assert workspace.predict("a.py", 1)[0].path == root / "b.py"


async def test_reading_without_an_editor_is_an_access_but_no_focus(root, open_workspace):
    for name in "abc":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as workspace:
        for name in "aabab":
            workspace.visited(f"{name}.py")
        workspace.visited("missing.py")
        assert workspace.attention.model.transitions == 3
        assert list(workspace.recent()) == ["b.py", "a.py"]
        assert workspace.focused_document is None


async def test_an_agent_and_an_editor_on_one_folder_are_sessions_apart(root, open_workspace):
    for name in "abcd":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as editor, open_workspace(warm=False, session="agent") as agent:
        for mine, yours in zip("abab", "cdcd", strict=True):
            editor.focused(f"{mine}.py")
            agent.visited(f"{yours}.py")
        for workspace in (editor, agent):
            await workspace.settled()
        for workspace in (editor, agent):
            await workspace.attention.fold()
            assert workspace.attention.model.get_related_keys("a.py") == ["b.py"]
            assert workspace.attention.model.get_related_keys("c.py") == ["d.py"]
            assert workspace.attention.model.transitions == 6


@pytest.mark.parametrize("old", ["\udcff.py", "a\nb.py"])
async def test_a_rename_from_a_name_that_is_none_spoils_nothing_that_is_learned(root, open_workspace, old):
    for name in ("a.py", "b.py"):
        (root / name).write_text("x = 1\n")
    async with open_workspace() as workspace:
        workspace.focused("a.py")
        workspace.renamed(old, "b.py")
        workspace.focused("b.py")
    async with open_workspace() as workspace:
        assert [one.path.name for one in workspace.predict("a.py", 5)] == ["b.py"]


async def test_what_was_learned_survives_a_restart_and_follows_a_rename(root, open_workspace):
    for name in "abc":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as workspace:
        for name in "abab":
            workspace.focused(f"{name}.py")
        (root / "b.py").rename(root / "d.py")
        workspace.renamed("b.py", "d.py")
    async with open_workspace() as workspace:
        assert workspace.predict("a.py", 1)[0].path == root / "d.py"


async def test_two_windows_learn_from_one_another(root, open_workspace):
    for name in "ab":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as first, open_workspace(warm=False) as second:
        for name in "abab":
            first.focused(f"{name}.py")
        await first.settled()
        await second.attention.fold()
        assert second.predict("a.py", 1)[0].path == root / "b.py"


async def test_a_second_window_serves_while_the_first_holds_the_index(root, open_workspace):
    (root / "a.py").write_text("alpha_beta = 1\n")
    async with open_workspace() as first, open_workspace(warm=False) as second:
        assert text((await second.load(["a.py"]))["a.py"]) == "alpha_beta = 1\n"
        assert [path for path, _ in await second.lexical({"=alpha_beta": 1.0}, 5)] == ["a.py"]
        assert first.status.indexed == 1


def _hold_half_way(index, go_on):
    """Holds a warm-up up when half of the files are in, until it may go on; an event tells when that is."""
    half, update, batches = asyncio.Event(), index._update_batch, []

    async def update_batch(paths, pool):
        batches.append(paths)
        if len(batches) == 4:  # three are begun at once
            half.set()
            await go_on.wait()
        return await update(paths, pool)

    index._update_batch = update_batch
    return half


async def test_a_batch_that_fails_ends_the_others_before_their_workers_are_gone(open_workspace):
    async with open_workspace(warm=False) as workspace:
        index, begun, ended = workspace._index, [], []

        async def update_batch(paths, _pool):
            begun.append(paths)
            if len(begun) == 2:
                raise BackendUnavailable("it is locked")
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(paths)

        index._update_batch = update_batch
        with pytest.raises(BackendUnavailable):
            await index.update([f"{number}.py" for number in range(200)], workspace.disk._prompt)
        assert (len(begun), len(ended)) == (3, 2)


async def test_clearing_while_warming_up_loses_no_file(root, open_workspace):
    for number in range(60):
        (root / f"{number}.py").write_text(f"zebra_crossing = {number}\n")
    async with open_workspace(warm=False) as workspace:
        cleared = asyncio.Event()
        half = _hold_half_way(workspace._index, cleared)
        warming = asyncio.create_task(workspace.warm())
        await half.wait()
        await workspace.clear()
        cleared.set()
        await asyncio.gather(warming, workspace.disk.warm_anew())
        assert await _all_found(workspace, 60)


async def _all_found(workspace, number):
    await workspace.settled()
    found = await workspace.lexical({"=zebra_crossing": 1.0}, number)
    return len(found) == len(workspace.files) == number


@pytest.mark.parametrize("lock", ["index.lock", "opening.lock"])
async def test_rows_that_are_loaded_again_while_warming_up_lose_no_file(
    root, tmp_path, open_workspace, monkeypatch, lock
):
    monkeypatch.setattr(disk, "_LEASE_SECONDS", 0.0)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    for number in range(60):
        (root / f"{number}.py").write_text(f"zebra_crossing = {number}\n")
    (tmp_path / "cache").mkdir()
    other = Lease(tmp_path / "cache" / lock)  # a process that has only begun to index, or is giving an index up
    assert other.acquire()
    async with open_workspace(warm=False) as workspace:
        in_memory = lock == "opening.lock"
        assert bool(workspace._store.in_memory) == in_memory

        loaded, load = asyncio.Event(), workspace._index.load
        half = _hold_half_way(workspace._index, loaded)

        async def load_again():
            await load()
            if half.is_set():
                loaded.set()

        workspace._index.load = load_again
        warming = asyncio.create_task(workspace.warm())
        await half.wait()
        other.release()
        if in_memory:
            await workspace._renew()
        await warming
        assert await _all_found(workspace, 60)


async def test_files_are_counted_as_they_come_and_go_and_change_what_they_are(root, open_workspace):
    async def counted(workspace):
        await workspace.settled()
        assert len(workspace.files) == len(list(workspace.files)) == workspace.status.indexed
        return len(workspace.files)

    async with open_workspace() as workspace:
        steps = [
            lambda: (root / "a.py").write_text("a = 1\n"),
            lambda: (root / "b.py").write_bytes(b"\0\1\2" * 100),  # no text
            lambda: (root / "b.py").write_text("b = 1\n"),
            lambda: (root / "a.py").write_bytes(b"\0\1\2" * 100),
            (root / "b.py").unlink,
            lambda: (root / "a.py").write_text("a = 2\n"),
        ]
        numbers = []
        for step in steps:
            step()
            workspace.disk.touch(["a.py", "b.py"])
            numbers.append(await counted(workspace))
        assert numbers == [1, 1, 2, 1, 0, 1]
    async with open_workspace(warm=False) as again:
        assert await counted(again) == 1
        assert await again.clear() == 1
        assert len(again.files) == len(list(again.files)) == 0


async def test_a_search_leaves_out_the_terms_that_it_has_no_time_for(root, open_workspace, monkeypatch):
    monkeypatch.setattr(query, "_MOST_POSTINGS", 12)
    for number in range(30):
        (root / f"{number}.py").write_text(f"common_word = {number}\n" + ("rare_word = 1\n" if number < 3 else ""))
    async with open_workspace() as workspace:
        both = await workspace.lexical({"=rare_word": 1.0, "=common_word": 1.0}, 30)
        assert sorted(path for path, _ in both) == ["0.py", "1.py", "2.py"]
        assert len(await workspace.lexical({"=common_word": 1.0}, 30)) == 30


async def test_questions_asked_at_once_get_the_answers_they_get_alone(root, open_workspace):
    for number in range(3):
        (root / f"{number}.py").write_text("TurboEncabulator = 1\n")
    async with open_workspace() as workspace:
        together = await asyncio.gather(
            *(workspace.document_frequency(["=turboencabulator", "=absent"]) for _ in range(3))
        )
        assert together == [{"=turboencabulator": 3}] * 3


async def test_a_change_of_a_document_that_is_not_looked_at_is_no_transition(root, open_workspace):
    for name in "ab":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as workspace:
        workspace.focused("a.py")
        workspace.opened("b.py", 1, "b = 1\n", access=False)
        workspace.changed("b.py", 2, "b = 2\n")
        assert workspace.attention.model.transitions == 0
        assert list(workspace.edited()) == ["b.py"]


async def test_what_a_machine_wrote_is_shown_on_request_but_brings_nothing_up(root, open_workspace):
    (root / "a.py").write_text("# @generated by a tool, do not edit\ndef turbo_encabulator(): ...\n")
    async with open_workspace() as workspace:
        assert await workspace.lexical({"=turbo_encabulator": 1.0}, 5) == []
        assert await workspace.defining(["turbo_encabulator"]) == {}
        assert "turbo_encabulator" in text((await workspace.load(["a.py"]))["a.py"])


async def test_documents_in_use_are_read_again_before_the_cache_lets_go_of_them(root, open_workspace):
    (root / "a.py").write_text("a = 1\n")
    async with open_workspace() as workspace:
        while not (await workspace.load(["a.py"]))["a.py"].cached:  # a file written just now is read again
            await workspace.settled()
        assert await workspace.refresh(3_600) == 0
        (key,) = [key for key in open_workspace.blobs if key.startswith("file:")]
        before = open_workspace.blobs[key]
        assert await workspace.refresh(0) == 1
        await workspace.settled()
        assert open_workspace.blobs[key] != before, "it was stored anew, with the time of this reading"


async def test_a_name_that_is_no_unicode_ends_nothing(root, open_workspace):
    async with open_workspace() as workspace:
        try:
            (root / os.fsdecode(b"caf\xe9.txt")).write_text("x\n")
        except OSError:
            pytest.skip("the file system refuses such names")
        await workspace.settled()
        (root / "later.py").write_text("later_on = 1\n")
        await workspace.settled()
        assert list(workspace.files) == ["later.py"]


async def test_a_rename_to_a_secret_name_teaches_nothing(root, open_workspace):
    for name in "ab":
        (root / f"{name}.py").write_text(f"{name} = 1\n")
    async with open_workspace() as workspace:
        for name in "aba":
            workspace.focused(f"{name}.py")
        (root / "b.py").rename(root / ".env")
        workspace.renamed("b.py", ".env")
        assert ".env" not in workspace.attention.model.predict_next("a.py")


async def test_a_word_that_stands_in_every_file_is_still_found(root, open_workspace):
    for number in range(30):
        (root / f"m{number}.py").write_text("everywhere_the_same = 1\n")
    async with open_workspace() as workspace:
        assert await workspace.lexical({"=everywhere_the_same": 1.0}, 5)
