"""Workers that die cost at most their job."""

import os
import signal

import pytest

from magnetar.workspace.pool import JobFailed, Pool
from waiting import until


@pytest.fixture
def pool():
    pool = Pool(1, niced=False, timeout=60.0)
    yield pool
    pool.close()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
async def test_a_job_that_comes_after_the_worker_has_died_is_done_by_another(pool):
    died = await pool.run(os.getpid)
    os.kill(died, signal.SIGKILL)
    broken = pool._executor
    await until(lambda: broken._broken)  # which the executor finds out by itself, in a thread of its own
    assert await pool.run(os.getpid) != died


async def test_where_no_worker_can_be_started_the_job_fails(pool, monkeypatch):
    def submit(*_arguments, **_options):
        raise OSError("no more processes")

    monkeypatch.setattr("magnetar.workspace.pool.ProcessPoolExecutor.submit", submit)
    with pytest.raises(JobFailed):
        await pool.run(os.getpid)
