import os
import subprocess
from contextlib import suppress

import pytest

from magnetar.files.git import Git, GitFailed
from unit.files.git_traps import set_traps


def log(root, *arguments):
    return b"".join(Git(root).log(arguments)).decode()


def test_a_folder_without_a_repository_has_nothing_to_tell_and_says_why(folder):
    git = Git(folder.root)
    assert not git.is_repository
    assert git.head() is None
    assert git.ls_files() == []
    assert git.check_ignore(["a"]) == set()
    assert list(git.log(["--format=%H"])) == []
    assert git.reason == "the folder is in no git working tree"


def test_a_machine_without_git_has_nothing_to_tell_and_says_why(repository, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    git = Git(repository.root)
    assert not git.is_repository
    assert git.reason == "git is not installed"
    assert git.ls_files() == []
    assert git.excludes_file() is None


def test_a_git_that_lies_in_the_folder_is_never_run(repository, monkeypatch):
    fake = repository.write("bin/git", "#!/bin/sh\ntouch ran\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(fake.parent), "bin", ".", os.environ["PATH"]]))
    assert Git(repository.root).head() is None
    assert not (repository.root / "ran").exists()


def test_a_repository_without_a_commit_has_no_head(repository):
    git = Git(repository.root)
    assert git.is_repository
    assert git.reason is None
    assert git.head() is None
    with pytest.raises(GitFailed):
        list(git.log(["--format=%H"]))


def test_head_is_the_commit_that_is_checked_out(repository):
    repository.write("a")
    first = repository.commit()
    assert Git(repository.root).head() == first
    repository.write("b")
    repository.commit()
    repository.git("checkout", "-q", first)
    assert Git(repository.root).head() == first


def test_files_are_those_tracked_and_those_that_would_be(repository):
    for path in ("kept.log", "tracked.py", "ä ö.py", 'quo"te.py', "sub/in.py"):
        repository.write(path)
    repository.commit()
    repository.write(".gitignore", "*.log\n")
    repository.write("new.py")
    repository.write("new.log")
    git = Git(repository.root)
    assert set(git.ls_files()) == {".gitignore", "kept.log", "tracked.py", "ä ö.py", 'quo"te.py', "sub/in.py", "new.py"}
    assert set(git.tracked()) == {"kept.log", "tracked.py", "ä ö.py", 'quo"te.py', "sub/in.py"}


def test_a_folder_inside_a_repository_sees_its_own_files_alone(repository):
    repository.write("outside.py")
    repository.write("pkg/inside.py")
    repository.commit()
    repository.write("pkg/deep/new.py")
    git = Git(repository.root / "pkg")
    assert git.toplevel == repository.root
    assert set(git.ls_files()) == {"inside.py", "deep/new.py"}


def test_a_file_in_conflict_is_listed_once(repository):
    repository.write("a", "base\n")
    repository.commit()
    repository.git("checkout", "-q", "-b", "other")
    repository.write("a", "theirs\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("a", "ours\n")
    repository.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "other")
    assert Git(repository.root).ls_files() == ["a"]


def test_a_worktree_and_a_sha256_repository_work_like_any_other(repository, tmp_path, folder):
    repository.write("a")
    head = repository.commit()
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"))
    tree = Git(tmp_path / "tree")
    assert (tree.head(), tree.ls_files()) == (head, ["a"])

    (tmp_path / "long").mkdir()
    folder.root = tmp_path / "long"
    folder.git("init", "-q", "--object-format=sha256")
    folder.write("a")
    assert Git(folder.root).head() is None
    assert folder.commit() == Git(folder.root).head()


def test_a_bare_repository_is_no_folder_of_files(folder):
    folder.git("init", "-q", "--bare")
    assert not Git(folder.root).is_repository


def test_a_working_tree_that_the_settings_put_elsewhere_is_refused(repository, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    repository.git("config", "core.worktree", str(tmp_path / "elsewhere"))
    git = Git(repository.root)
    assert not git.is_repository
    assert git.ls_files() == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_someone_else_is_left_to_the_rules_without_git(repository):
    repository.write("a")
    repository.commit()
    for path in [repository.root, *repository.root.rglob("*")]:
        os.chown(path, 12_345, 12_345)
    git = Git(repository.root)
    assert not git.is_repository
    assert "safe.directory" in (git.reason or "")
    assert git.ls_files() == []


def test_the_history_comes_in_pieces_and_can_be_left_early(repository):
    for number in range(3):
        repository.write("a", f"{number}\n" * 40_000)
        repository.commit(f"commit {number}")
    assert log(repository.root, "--format=%s") == "commit 2\ncommit 1\ncommit 0\n"
    stream = Git(repository.root).log(["-p", "--format=%s"])
    assert next(stream).startswith(b"commit 2")
    stream.close()


def test_the_history_is_heads_alone_and_of_exactly_the_paths_asked_for(repository):
    repository.write("a*")
    repository.commit("star")
    repository.write("ab")
    repository.commit("letters")
    repository.git("branch", "ahead")
    repository.git("checkout", "-q", "ahead")
    repository.write("c")
    repository.commit("ahead")
    repository.git("checkout", "-q", "main")
    assert log(repository.root, "--format=%s", "--", "a*") == "star\n"
    assert "ahead" not in log(repository.root, "--format=%s")
    with pytest.raises(GitFailed):
        log(repository.root, "--format=%s", "ahead")


def test_a_command_that_takes_too_long_is_ended(repository):
    git = Git(repository.root, timeout=0.000_001)
    assert not git.is_repository
    assert "took longer" in (git.reason or "")


@pytest.fixture
def trap(tmp_path):
    """A program that must not be run; `ran` beside it tells whether it was."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{tmp_path / 'ran'}'\ncat\n")
    trap.chmod(0o755)
    return trap


def ask_everything(root):
    git = Git(root)
    asked = [git.head(), git.tracked(), git.ls_files(), git.check_ignore(["a.txt"]), git.excludes_file()]
    git.ignores_case()
    with suppress(GitFailed):
        asked.append(list(git.log(["--format=%s", "--name-only"])))
        list(git.log(["-p", "--format=%s"]))
    return asked


@pytest.mark.skipif(os.name == "nt", reason="the traps are shell scripts")
def test_nothing_that_a_repository_configures_is_executed(repository, tmp_path, trap):
    ran = tmp_path / "ran"
    repository.write("a.txt", "one\n")
    repository.commit("first")
    repository.write("a.txt", "two\n")
    repository.commit("second")
    set_traps(repository.git, repository.root, trap)
    ran.unlink(missing_ok=True)

    head, tracked, listed, *_, log = ask_everything(repository.root)
    assert head is not None
    assert tracked == ["a.txt"]
    assert "a.txt" in listed
    assert b"second" in b"".join(log)
    assert not ran.exists(), ran.read_text()
    assert not (tmp_path / "traced").exists()
    subprocess.run(["git", "status"], cwd=repository.root, check=False, capture_output=True)
    assert ran.exists(), "the traps are set"


@pytest.mark.skipif(os.name == "nt", reason="the traps are shell scripts")
def test_a_bare_repository_among_the_files_of_another_is_none_of_gits(folder, tmp_path, trap):
    """Whoever clones a repository gets what lies in it, and in a bare one that includes its settings."""
    folder.git("init", "-q", "--bare", "inner")
    folder.git("config", "core.bare", "false", folder="inner")
    folder.git("config", "core.worktree", "..", folder="inner")
    folder.git("config", "core.fsmonitor", str(trap), folder="inner")
    assert not any(ask_everything(folder.root / "inner"))
    assert not (tmp_path / "ran").exists()


def test_variables_of_some_other_git_command_have_no_say(repository, tmp_path, monkeypatch):
    repository.write("a")
    head = repository.commit()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    assert Git(repository.root).head() == head
    assert Git(repository.root).ls_files() == ["a"]


def test_the_users_own_ignore_file_is_known(repository, home):
    assert Git(repository.root).excludes_file() is None
    repository.git("config", "--global", "core.excludesFile", "~/mine")
    assert Git(repository.root).excludes_file() == home / "mine"
