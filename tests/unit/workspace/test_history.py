"""What a history promises, asked of repositories that real git made."""

import os
import pickle
import subprocess
import zlib
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnetar.files.git import Git, GitFailed
from magnetar.workspace.cochange import cochange_pairs
from magnetar.workspace.history import Commit, History, Hunk, load_history, read_history
from magnetar.workspace.history_codec import decode, encode

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


class Repository:
    """A repository in a temporary directory."""

    def __init__(self, root):
        self.root = root
        root.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments, stdin=b""):
        command = ["git", "-C", os.fspath(self.root), *arguments]
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, env=ENVIRONMENT, check=True)
        return done.stdout.decode().strip()

    def commit(self, message="a change", **files):
        return self.commit_files(message, {name.replace("__", "."): text for name, text in files.items()})

    def commit_files(self, message, files):
        """Writes files (None deletes one) and commits everything."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def import_versions(self, versions):
        """Makes one commit of each version, a whole tree, in one go."""
        lines = []
        for files in versions:
            lines += [
                b"commit refs/heads/main",
                b"committer Ada <ada@example.org> 0 +0000",
                b"data 1",
                b"m",
                b"deleteall",
            ]
            for name, text in files.items():
                content = text.encode()
                lines += [f"M 644 inline {name}".encode(), f"data {len(content)}".encode(), content]
        self.git("fast-import", "--quiet", stdin=b"\n".join([*lines, b"done", b""]))
        self.git("reset", "--quiet", "--hard")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def numbered(count, prefix="line"):
    return "".join(f"{prefix} {number}\n" for number in range(count))


def test_commits_come_newest_first_with_their_files_and_messages(repository):
    repository.commit("begin", a__py="1\n", b__py="1\n")
    head = repository.commit("change b\n\nbecause it was wrong", b__py="2\n")
    history = load_history(repository.root)
    assert history.head == head
    assert history.commits == (
        Commit(("b.py",), 1, "change b\n\nbecause it was wrong\n", 0),
        Commit(("a.py", "b.py"), 2, "begin\n", 1),
    )
    assert history.by_file == {"b.py": (0, 1), "a.py": (1,)}
    assert history.together == {0: frozenset({"b.py"}), 1: frozenset({"a.py", "b.py"})}


def test_a_long_message_is_cut(repository):
    repository.commit("x" * 5_000, a="1")
    assert load_history(repository.root).commits[0].message == "x" * 600


def test_a_folder_without_git_and_a_repository_without_commits_have_no_history(tmp_path, repository):
    assert load_history(repository.root) is None
    (tmp_path / "plain").mkdir()
    assert load_history(tmp_path / "plain") is None


def test_files_carry_their_history_through_renames(repository):
    text = numbered(20)
    repository.commit("one", old__py=text)
    repository.commit_files("two", {"old.py": None, "new.py": text})
    repository.commit_files("three", {"new.py": None, "lib/newest.py": text})
    history = load_history(repository.root)
    assert [commit.files for commit in history.commits] == [("lib/newest.py",)] * 3
    assert history.hunks["lib/newest.py"] == (Hunk(2, 0, 20),)


def test_a_name_used_again_keeps_the_two_files_apart(repository):
    text = numbered(20)
    repository.commit("the first module", module__py=text)
    repository.commit_files("becomes a package", {"module.py": None, "package.py": text})
    repository.commit("a shim", module__py="import package\n")
    history = load_history(repository.root)
    assert [commit.files for commit in history.commits] == [("module.py",), ("package.py",), ("package.py",)]
    assert history.hunks == {"module.py": (Hunk(0, 0, 1),), "package.py": (Hunk(2, 0, 20),)}


def test_a_branch_that_still_uses_an_old_name_counts_for_the_new_one(repository):
    text = numbered(20)
    repository.commit("begin", old__py=text)
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit("on the branch", old__py=text + "more\n")
    repository.git("checkout", "--quiet", "main")
    repository.git("mv", "old.py", "new.py")
    repository.commit("rename")
    repository.git("merge", "--quiet", "--no-edit", "topic")
    history = load_history(repository.root)
    assert {commit.message: commit.files for commit in history.commits} == {
        "on the branch\n": ("new.py",),
        "rename\n": ("new.py",),
        "begin\n": ("new.py",),
    }


def test_every_commit_knows_the_mainline_commit_that_brought_it_in(repository):
    repository.commit("base", a="1")
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit("side one", b="1")
    repository.commit("side two", b="2")
    repository.git("checkout", "--quiet", "main")
    repository.commit("main one", c="1")
    repository.git("merge", "--quiet", "--no-edit", "topic")
    repository.commit("main two", c="2")
    history = load_history(repository.root)
    assert {commit.message.strip(): commit.mainline for commit in history.commits} == {
        "main two": 0,
        "side two": 1,
        "side one": 1,
        "main one": 2,
        "base": 3,
    }
    assert history.together[1] == {"b"}, "a merge touches what it brings in"
    assert history.hunks["b"] == (Hunk(1, 0, 1),)


def test_a_commit_of_more_than_forty_files_says_only_how_many(repository):
    repository.commit_files("vendor", {f"f{number}": numbered(5, f"f{number}") for number in range(41)})
    repository.commit("edit", f0="changed\n" + numbered(5, "f0"))
    history = load_history(repository.root)
    assert history.commits[1] == Commit((), 41, "vendor\n", 1)
    assert history.together == {0: {"f0"}}
    assert history.hunks == {"f0": (Hunk(0, 0, 1),)}


def test_hunks_longer_than_150_lines_are_left_out_but_shift_those_before(repository):
    repository.commit(a=numbered(10))
    repository.commit(a=numbered(10) + "tail\n")
    repository.commit(a=numbered(151, "new") + numbered(10) + "tail\n")
    assert load_history(repository.root).hunks["a"] == (Hunk(1, 161, 162), Hunk(2, 151, 161))


def test_names_that_need_quoting_are_read_as_they_are(repository):
    names = ['we"ird\nname', "tab\there", "größe.py", " spaced ", "back\\slash", "-dash", "\x01", ":100644 M"]
    repository.commit_files("one", {names[0]: numbered(20), **{name: numbered(20, name) for name in names[1:]}})
    hostile = "ä\n\x01" + "a" * 40
    repository.commit_files("two", {names[0]: None, hostile: numbered(20)})
    repository.commit_files("three", {name: "first\n" + numbered(20, name) for name in names[1:]})
    history = load_history(repository.root)
    assert set(history.commits[0].files) == set(names[1:])
    assert history.commits[1].files == (hostile,)
    assert all(history.hunks[name] == (Hunk(0, 0, 1), Hunk(2, 1, 21)) for name in names[1:])
    assert history.hunks[hostile] == (Hunk(2, 0, 20),)


def test_names_that_are_not_utf_8_are_left_out(repository):
    with suppress(OSError):  # some file systems refuse such names
        (repository.root / os.fsdecode(b"caf\xe9")).write_text("1")
    repository.commit("one", a="1")
    assert load_history(repository.root).commits[0].files == ("a",)


def test_lines_that_look_like_headers_are_no_headers(repository):
    text = "@@ -1 +1 @@\ndiff --git a/x b/x\n\x01abc\n-- x\n++ y\n\\ No newline at end of file\n"
    repository.commit(a=text)
    repository.commit(a=text + "@@ -1,3 +9,7 @@", b="b\r\n\rc\n\x00")
    history = load_history(repository.root)
    assert history.hunks["a"] == (Hunk(0, 6, 7), Hunk(1, 0, 6))


def test_binary_files_links_and_modes_change_without_hunks(repository):
    repository.commit(a=numbered(3), image="\x00\x01", script="x\n")
    (repository.root / "a").unlink()
    (repository.root / "a").symlink_to("script")
    (repository.root / "script").chmod(0o755)
    repository.commit("link", image="\x00\x02", z="1\n")
    history = load_history(repository.root)
    assert history.commits[0].files == ("a", "image", "script", "z")
    assert history.hunks["z"] == (Hunk(0, 0, 1),), "the patches of other files are not taken for its own"
    assert history.hunks["script"] == (Hunk(1, 0, 1),)
    assert "image" not in history.hunks


def test_a_folder_inside_a_repository_sees_its_own_files(repository):
    repository.commit_files("one", {"app/main.py": "1\n", "other/x.py": "1\n"})
    repository.commit_files("two", {"other/x.py": "2\n"})
    history = load_history(repository.root / "app")
    assert history.by_file == {"main.py": (1,)}
    assert history.commits[1].touched == 2
    assert set(history.hunks) == {"main.py"}
    assert history.together == {1: {"main.py"}}


def test_where_a_shallow_clone_ends_nothing_counts_as_touched(repository, tmp_path):
    for number in range(4):
        repository.commit(a=numbered(number + 1), b=f"{number}\n")
    repository.git("clone", "--quiet", "--depth=2", repository.root.as_uri(), os.fspath(tmp_path / "clone"))
    history = load_history(tmp_path / "clone")
    assert [commit.mainline for commit in history.commits] == [0]
    assert history.hunks == {"a": (Hunk(0, 3, 4),), "b": (Hunk(0, 0, 1),)}


def test_a_partial_clone_tells_its_commits_and_fetches_nothing(repository, tmp_path):
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit(old=numbered(20))
    repository.commit_files("rename", {"old": None, "new": numbered(20)})
    repository.commit(a=numbered(20, "a"))
    repository.commit_files("edit and rename", {"a": None, "b": numbered(19, "a")})
    source = repository.root.as_uri()
    repository.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", source, os.fspath(tmp_path / "clone"))
    subprocess.run(["git", "-C", tmp_path / "clone", "reset", "--quiet"], env=ENVIRONMENT, check=True)
    history = load_history(tmp_path / "clone")
    assert [commit.files for commit in history.commits] == [("b",), (), ("new",), ("new",)]
    assert history.hunks == {}


def test_a_linked_working_tree_has_its_own_head(repository, tmp_path):
    first = repository.commit(a="1\n")
    repository.commit(a="2\n")
    repository.git("worktree", "add", "--quiet", os.fspath(tmp_path / "linked"), first)
    assert load_history(tmp_path / "linked").head == first


def test_user_settings_of_git_change_nothing(repository):
    repository.commit_files("one", {"dir/a": numbered(9), "dir/b": "1\n"})
    repository.commit_files("two", {"dir/a": "x\n" + numbered(9) + "y\n", "dir/b": None, "dir/c": "1\n"})
    expected = load_history(repository.root)
    for name, value in {
        "diff.noprefix": "true",
        "diff.renames": "copies",
        "diff.interHunkContext": "50",
        "diff.context": "9",
        "diff.algorithm": "patience",
        "diff.relative": "true",
        "log.showRoot": "false",
        "log.decorate": "full",
        "log.date": "iso",
        "format.pretty": "oneline",
        "core.quotePath": "true",
        "color.ui": "always",
    }.items():
        repository.git("config", name, value)
    assert load_history(repository.root) == expected


def test_only_as_many_commits_are_read_as_asked_for(repository):
    for number in range(6):
        repository.commit(a=numbered(number + 1))
    history = load_history(repository.root, commits=4, hunk_commits=2)
    assert len(history.commits) == 4
    assert {hunk.mainline for hunk in history.hunks["a"]} == {0, 1}


class SlowGit(Git):
    """Git that is ended, out of time, while it tells a long log."""

    def log(self, arguments):
        told = b"".join(super().log(arguments))
        yield told[: len(told) // 2] if "--patch" in arguments else told
        raise GitFailed("git log took longer than 20 s")


def test_out_of_time_the_newest_part_is_the_answer(repository):
    for number in range(10):
        repository.commit(a=numbered(number + 1))
    whole = load_history(repository.root)
    history = read_history(SlowGit(repository.root), 3_000, 800)
    assert history.commits == whole.commits[:-1], "whether the last was told in full is unknown"
    kept = history.hunks["a"]
    assert 2 <= len(kept) < 10
    assert kept == whole.hunks["a"][: len(kept)]


def test_a_history_survives_storing_and_travels_between_processes(repository):
    repository.commit_files("größe\n", {"a": numbered(9), "ü/b\n": "1\n"})
    repository.commit(a="x\n" + numbered(9))
    history = load_history(repository.root)
    assert decode(encode(history)) == history
    assert encode(decode(encode(history))) == encode(history)
    assert pickle.loads(pickle.dumps(history)) == history


@pytest.mark.parametrize("damaged", [b"", b"nonsense", encode(History("h", (), {}, {}, {}))[:-3]])
def test_a_damaged_record_is_refused(damaged):
    with pytest.raises(ValueError, match="history"):
        decode(damaged)


def history_of(*commits):
    return History("head", tuple(Commit(files, touched, "", 0) for files, touched in commits), {}, {}, {})


def test_files_that_change_often_and_alone_together_come_first():
    history = history_of((("a", "b"), 2), (("c", "d", "e"), 3), (("b", "a"), 2), (("c",), 2))
    pairs = list(cochange_pairs(history))
    assert pairs[0][:2] == ("a", "b")
    assert {pair[:2] for pair in pairs[1:]} == {("c", "d"), ("c", "e"), ("d", "e")}
    assert pairs[0][2] == pytest.approx(1 + 0.5 ** (2 / 250))
    assert list(cochange_pairs(history, limit=1)) == pairs[:1]


def test_what_changed_together_long_ago_weighs_less():
    history = history_of((("a", "b"), 2), *[((), 50)] * 249, (("c", "d"), 2))
    assert [weight for *_, weight in cochange_pairs(history)] == pytest.approx([1.0, 0.5])


@st.composite
def versions(draw):
    """A line of versions: files of lines that are never the same twice, edited, renamed, deleted and made again."""
    counter = iter(range(10**6))
    fresh = st.integers(1, 6).map(lambda count: [f"{next(counter)}" for _ in range(count)])
    files = {"a": draw(fresh) + draw(fresh)}
    result = [dict(files)]
    for _ in range(draw(st.integers(1, 12))):
        files = dict(files)
        name = draw(st.sampled_from(sorted(files)))
        action = draw(st.sampled_from(["edit", "edit", "edit", "edit", "rename", "add", "delete"]))
        if action == "edit":
            lines = list(files[name])
            for _ in range(draw(st.integers(1, 3))):
                at = draw(st.integers(0, len(lines)))
                lines[at : at + draw(st.integers(0, 4))] = draw(st.one_of(fresh, st.just([])))
            files[name] = lines
        elif action == "rename" and files[name]:
            files[draw(st.sampled_from(sorted({"p", "q", "r", "s", "t"} - {*files})))] = files.pop(name)
        elif action == "add" and len(files) < 4:
            files[draw(st.sampled_from(sorted({"a", "b", "c", "d", "e"} - {*files})))] = draw(fresh)
        elif action == "delete" and len(files) > 1:
            del files[name]
        result.append(files)
    return result


def changes(old, new):
    """The hunks between two lists of lines that have no line twice: the line before in new, and the lines put there."""
    kept = set(old) & set(new)
    found, before, i, j = [], None, 0, 0
    while i < len(old) or j < len(new):
        removed, added = i, j
        while i < len(old) and old[i] not in kept:
            i += 1
        while j < len(new) and new[j] not in kept:
            j += 1
        if (removed, added) != (i, j):
            found.append((before, new[added:j]))
        if i < len(old):
            before, i, j = old[i], i + 1, j + 1
    return found


def lineage(tree, path):
    """The versions of the file that is now at `path`, newest first, each with the one before; followed by content."""
    for older, newer in zip(tree[-2::-1], tree[:0:-1], strict=True):
        previous = path if path in older else None
        if previous is None:
            same = [name for name, lines in older.items() if lines == newer[path] and name not in newer]
            previous = same[0] if same else None
        yield (older[previous] if previous else []), newer[path]
        if previous is None:
            return
        path = previous
    yield [], tree[0][path]


@given(tree=versions())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hunks_stand_where_following_every_line_by_hand_finds_them(tmp_path_factory, tree):
    repository = Repository(tmp_path_factory.mktemp("repository"))
    repository.import_versions(
        [{name: "".join(f"{line}\n" for line in lines) for name, lines in files.items()} for files in tree]
    )
    history = load_history(repository.root)
    for path, head in tree[-1].items():
        place = {line: index for index, line in enumerate(head)}
        for mainline, (old, new) in enumerate(lineage(tree, path)):
            located = [hunk for hunk in history.hunks.get(path, ()) if hunk.mainline == mainline]
            hunks = changes(old, new)
            assert len(located) == len(hunks)
            for hunk, (before, added) in zip(located, hunks, strict=True):
                first, last = (added[0], added[-1]) if added else (before, before)
                if first in place and last in place:
                    assert (hunk.start, hunk.end) == (place[first], place[last] + 1)
                assert 0 <= hunk.start < hunk.end
                assert hunk.end <= max(len(head), 1)


def test_lines_of_a_message_that_hold_a_secret_are_not_kept(repository):
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    repository.commit_files(
        f"Deploy by hand\n\nThe token was {token},\r\nwhich expired.\npassword=hG7!kq9ZpW\n", {"a": "1\n"}
    )
    history = load_history(repository.root)
    assert history.commits[0].message == "Deploy by hand\n\nwhich expired.\n"
    assert token.encode() not in zlib.decompress(encode(history))


async def test_a_stored_history_that_is_damaged_is_read_from_git_again(root, git, open_workspace):
    (root / "a.py").write_text("x = 1\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    async with open_workspace():
        pass
    (key,) = [key for key in open_workspace.blobs if key.startswith("history:")]
    whole = open_workspace.blobs[key]
    open_workspace.blobs[key] = whole[:-3]
    async with open_workspace() as workspace:
        assert [commit.message for commit in workspace.history.commits] == ["one\n"]
    assert open_workspace.blobs[key] == whole
