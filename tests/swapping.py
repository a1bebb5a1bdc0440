"""Files and directories that are swapped for links while somebody reads."""

import threading
from contextlib import contextmanager


@contextmanager
def swapping(target, lure):
    """A file or directory that becomes a link to another one, and itself again, as fast as it can."""
    away = target.parent.parent / f"{target.name}.away"
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            target.rename(away)
            target.symlink_to(lure)
            target.unlink()
            away.rename(target)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
