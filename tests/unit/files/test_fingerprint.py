"""What a fingerprint keeps of a file's times."""

import os
import sqlite3
from contextlib import closing

import pytest

from magnetar.files.fingerprint import Fingerprint


@pytest.mark.parametrize("moment", [2**64, -(2**64)])
def test_times_that_a_database_cannot_hold_are_bounded(tmp_path, moment):
    (tmp_path / "file").touch()
    found = (tmp_path / "file").stat()
    status = os.stat_result(found, {"st_mtime_ns": moment, "st_ctime_ns": moment})
    stamp = Fingerprint.of(status)
    with closing(sqlite3.connect(":memory:")) as db:
        assert db.execute("SELECT ?, ?", (stamp.mtime_ns, stamp.ctime_ns)).fetchone() == (
            stamp.mtime_ns,
            stamp.ctime_ns,
        )
    assert (stamp.mtime_ns > 0) == (moment > 0)
    assert stamp.size == 0
