"""A cache directory that takes more than it may, under servers at work and processes that are killed while they make room."""

import contextlib
import random
import sqlite3
import subprocess
import sys
import time

from faults.project import Project
from magnetar.context.folders import workspace_id

KILLS, ALL_KILLS = 3, 300
MAKE_ROOM = """
import asyncio, itertools, sys, time
from pathlib import Path
from magnetar.workspace.collection import Collection
collection = Collection(Path(sys.argv[1]))
print("ready", flush=True)
for _ in itertools.count() if sys.argv[2] == "always" else range(1):
    asyncio.run(collection.collect(0, time.time()))
"""
MOMENT = 0.05
"""Seconds, more than it takes once."""


def make_room(project, how_often):
    """Another process, which has just begun to remove whatever it may."""
    command = [sys.executable, "-c", MAKE_ROOM, str(project.cache / "v1"), how_often]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline()
    return process


def kept(project):
    """The database of a folder, of several in one cache directory."""
    return project.cache / "v1" / "workspaces" / workspace_id(project.root) / "workspace.db"


def indexed(project):
    """How many files the database of a closed folder knows."""
    with contextlib.closing(sqlite3.connect(kept(project))) as database:
        return database.execute("SELECT count(*) FROM files").fetchone()[0]


def in_one_cache(tmp_path, *names):
    projects = []
    for name in names:
        (tmp_path / name).mkdir()
        projects.append(Project(tmp_path / name))
        projects[-1].cache = tmp_path / "cache"
    return projects


def test_closed_folders_give_up_their_index_and_keep_what_was_learned_whoever_is_killed(tmp_path, effort):
    opened, closed = in_one_cache(tmp_path, "opened", "closed")
    dice = random.Random(effort.seed)
    with opened.editor() as editor:
        opened.tour(editor, *opened.names[:3])
        with closed.editor() as other:
            closed.tour(other, *closed.names[:4])
            learned = closed.learned(other)
        assert indexed(closed) == len(closed.names)
        in_use = kept(opened).stat().st_ino
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
        assert indexed(closed) == 0
        assert kept(opened).stat().st_ino == in_use
        opened.holds(editor)
        assert opened.learned(editor) == 2
    with closed.editor() as other:
        other.settle()
        closed.holds(other)
        assert closed.learned(other) == learned
