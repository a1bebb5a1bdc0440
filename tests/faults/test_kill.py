"""Servers and power that end at any moment: what was acknowledged is there afterwards, and no answer is wrong."""

import contextlib
import random
import shutil
import signal
import sqlite3
import threading

import pytest

from faults.project import Project, text_about
from lsp.editor import Refused

VICTIMS = 3
KILLS, ALL_KILLS = 10, 334
"""Of each victim."""
CUTS, ALL_CUTS = 5, 300
LATER, ALL_LATER = 1, 100
GONE = (OSError, Refused, ValueError, AssertionError)
"""What the loss of a server looks like from here."""


class Victim:
    """One project through the many lives of its server."""

    def __init__(self, directory, dice):
        self.project = Project(directory, files=16)
        self.dice = dice
        self.transitions = 0
        self.edition = 0

    def live(self, busy):
        """One life: is the legacy of the one before whole? Then the server is kept busy until it is killed."""
        small = {"cache": {"diskMaxBytes": 1 << 20, "maxBytes": 1 << 20}} if busy is Victim.write_much else None
        with contextlib.closing(self.project.editor(options=small)) as editor:
            editor.settle()
            self.project.holds(editor, self.dice.sample(self.project.names, 2))
            learned = self.project.learned(editor)
            assert learned >= self.transitions, f"{self.transitions - learned} transitions are lost"
            self.transitions = learned
            moment = self.dice.uniform(0.0, 0.2 if busy is Victim.leave else 0.8)
            killer = threading.Timer(moment, editor.process.kill)
            killer.start()
            try:
                while editor.process.poll() is None:
                    busy(self, editor)
            except GONE:
                killer.join()
                if editor.process.wait() != -signal.SIGKILL:
                    raise
            finally:
                killer.join()
                editor.kill()

    # -- what it is busy with --------------------------------------------------------------------------------------

    def warm(self, editor):
        editor.ask("clear", scope="cache")
        editor.ask("warm")

    def write(self, editor):
        self.edition += 1
        for name in self.dice.sample(self.project.names, 4):
            self.project.write(name, text_about(name[:-3], f"\n\nEDITION = {self.edition}\n"))
        editor.settle()

    def write_much(self, editor):
        self.edition += 1
        for name in self.dice.sample(self.project.names, 4):
            rows = "".join(f"\n\ndef part_{self.edition}_{row}():\n    return {row}\n" for row in range(300))
            self.project.write(name, text_about(name[:-3], rows))
        editor.settle()

    def learn(self, editor):
        first, second = self.dice.sample(self.project.names, 2)
        focused = self.project.learned(editor)
        self.project.tour(editor, first, second)
        self.transitions = max(self.transitions, focused + 1)

    def leave(self, editor):
        editor.focus(self.project.root / self.dice.choice(self.project.names))
        editor.close()


BUSY = [Victim.warm, Victim.write, Victim.write_much, Victim.learn, Victim.leave]


@pytest.mark.parametrize("victim_number", range(VICTIMS))
def test_a_server_that_is_killed_at_any_moment_leaves_nothing_behind_but_what_is_right(tmp_path, effort, victim_number):
    seed = effort.seed * VICTIMS + victim_number
    dice = random.Random(seed)
    victim = Victim(tmp_path, dice)
    for number in range(
        effort.times("kill: SIGKILL while warming, writing, evicting, learning, leaving", KILLS, ALL_KILLS)
    ):
        busy = BUSY[number % len(BUSY)]
        try:
            victim.live(busy)
        except AssertionError as error:
            raise AssertionError(f"kill {number} of seed {seed}, before {busy.__name__}: {error}") from error
    with victim.project.editor() as editor:
        editor.settle()
        victim.project.holds(editor, victim.project.names)
    victim.project.sound()


def copy_what_is_there(source, target):
    with contextlib.suppress(FileNotFoundError):  # the server has removed it by now
        shutil.copy2(source, target)


def cut(source, target, dice):
    """What a power cut leaves of files that are being written: their logs cut off or torn, each at a moment of its own."""
    ignored = shutil.ignore_patterns("*-shm", "*.lock", "logs")
    shutil.copytree(source, target, ignore=ignored, copy_function=copy_what_is_there)
    for log in target.rglob("*-wal"):
        data = bytearray(log.read_bytes())
        match dice.choice(["cut", "torn", "empty", "whole"]) if data else "empty":
            case "cut":
                del data[dice.randrange(len(data)) :]
            case "torn":
                start = dice.randrange(len(data))
                data[start : start + 512] = bytes(min(512, len(data) - start))
            case "empty":
                data.clear()
        log.write_bytes(data)


def test_a_power_cut_costs_at_most_the_last_transactions(tmp_path, effort):
    dice = random.Random(effort.seed)
    project = Project(tmp_path, files=40)
    images = []
    with project.editor() as editor:
        for number in range(CUTS):  # while it warms, learns and writes
            cut(project.cache, tmp_path / f"image{number}", random.Random(number)) if project.cache.exists() else None
            images.append(tmp_path / f"image{number}")
            editor.focus(project.root / project.names[number])
            project.write(project.names[-1], text_about(project.names[-1][:-3], f"\n\nEDITION = {number}\n"))
            project.serves_only_truth(editor)
        editor.settle()
    for number in range(effort.times("kill: power cuts, the logs of SQLite cut or torn", CUTS, ALL_CUTS)):
        image = images[number % len(images)]
        shutil.rmtree(project.cache)
        cut(image, project.cache, dice) if image.exists() else None
        with project.editor() as editor:
            project.serves_only_truth(editor)
            editor.settle()
            project.holds(editor, [*dice.sample(project.names[:-1], 2), project.names[-1]])
        project.sound()


def put_logs(source, target):
    """The logs of an earlier moment, beside the databases of a later one."""
    for log in source.rglob("*-wal"):
        shutil.copyfile(log, target / log.relative_to(source))


def test_a_log_of_an_earlier_moment_beside_a_later_database_makes_no_answer_wrong(tmp_path, effort):
    """A disk that writes in an order of its own, whatever it says: SQLite takes such a log for its own."""
    project = Project(tmp_path)
    images = []
    with project.editor() as editor:
        for number, name in enumerate(project.names[:4]):
            project.write(name, text_about(name[:-3], f"\n\nEDITION = {number}\n"))
            editor.settle()
            project.tour(editor, *project.names[:2])
            images.append(tmp_path / f"image{number}")
            shutil.copytree(project.cache, images[-1], ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    later = tmp_path / "later"
    shutil.copytree(project.cache, later)
    for number in range(effort.times("kill: logs of an earlier moment beside later databases", LATER, ALL_LATER)):
        shutil.rmtree(project.cache)
        shutil.copytree(later, project.cache)
        put_logs(images[number % len(images)], project.cache)
        with project.editor() as editor:
            for name in project.names[:3]:
                project.serves_only_truth(editor, f"{name[:-3]} depth measure")
            new = f"volcano{number}.py"
            project.write(new, text_about(new[:-3]))
            editor.settle()
            project.holds(editor, [*project.names[:4], new])
            assert project.learned(editor) >= 1


def test_a_half_migrated_index_is_finished_by_the_next_start(tmp_path):
    project = Project(tmp_path)
    with project.editor() as editor:
        editor.settle()
        project.tour(editor, *project.names[:4])
    for dropped in (1, 3, 5):  # tables that a migration had dropped when it was killed, were it no transaction
        with contextlib.closing(sqlite3.connect(project.index)) as database:
            database.execute("PRAGMA user_version = 0")
            for table in ["vocabulary", "lexicon", "names", "files", "facts"][:dropped]:
                database.execute(f"DROP TABLE IF EXISTS {table}")
        with project.editor() as editor:
            editor.settle()
            project.holds(editor)
        project.sound()
