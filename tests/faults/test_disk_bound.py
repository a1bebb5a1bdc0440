"""A cache directory that takes more than it may, under servers at work and processes that are killed while they make room."""

import contextlib
import random
import sqlite3
import subprocess
import sys
import time

from faults.project import Project
from magnetar.context.folders import workspace_id

KILLS, ALL_KILLS = 3, 30
MAKE_ROOM = """
import itertools, sys, time
from pathlib import Path
from magnetar.workspace.collection import collect
print("ready", flush=True)
for _ in itertools.count() if sys.argv[2] == "always" else range(1):
    collect(Path(sys.argv[1]), 0, time.time() + 3_600)  # what was closed a moment ago counts as unused
"""
MOMENT = 0.05
"""Seconds, more than it takes once."""


def make_room(project, how_often):
    """Another process, which has just begun to give up whatever it may."""
    command = [sys.executable, "-c", MAKE_ROOM, str(project.cache / "v1"), how_often]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline()
    return process


def database_of(project):
    """That of a folder, of several in one cache directory."""
    return project.cache / "v1" / "workspaces" / workspace_id(project.root) / "workspace.db"


def indexed(project):
    """How many files the database of a folder knows."""
    return asked(project, "SELECT count(*) FROM files")


def asked(project, statement):
    with contextlib.closing(sqlite3.connect(database_of(project))) as database:
        return database.execute(statement).fetchone()[0]


def in_one_cache(tmp_path, *names):
    for name in names:
        (tmp_path / name).mkdir()
        project = Project(tmp_path / name)
        project.cache = tmp_path / "cache"
        yield project


def test_closed_folders_give_up_their_index_and_keep_what_was_learned_whoever_is_killed(tmp_path, effort):
    opened, closed = in_one_cache(tmp_path, "opened", "closed")
    dice = random.Random(effort.seed)
    with opened.editor() as editor:
        opened.tour(editor, *opened.names[:3])
        with closed.editor() as other:
            closed.tour(other, *closed.names[:4])
            learned = closed.learned(other)
        assert indexed(closed) == len(closed.names)
        for _ in range(effort.times("disk bound: kills of processes that make room", KILLS, ALL_KILLS)):
            processes = [make_room(opened, "always") for _ in range(2)]
            time.sleep(dice.random() * MOMENT)  # killed at whatever they are at
            for process in processes:
                process.kill()
                process.communicate()
            with closed.editor() as other:
                other.settle()
                closed.holds(other)
                assert closed.learned(other) == learned
        make_room(opened, "once").communicate()
        assert (indexed(closed), indexed(opened)) == (0, len(opened.names))
        assert asked(closed, "PRAGMA freelist_count") == 0
        opened.holds(editor)
        assert opened.learned(editor) == 2
    with closed.editor() as other:
        other.settle()
        closed.holds(other)
        assert closed.learned(other) == learned
