"""What shows, for the price of a few system calls, that documents are still what was read of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.workspace.buffers import Buffer, Buffers


@frozen(eq=False)
class Proof:
    """Buffers that must still be the open ones, and files that must have kept their fingerprints.

    A fingerprint proves nothing while the file may have changed within the clock's granularity of its last read; of such
    files no proof is made. Whether documents may still be shown is not asked here.
    """

    root: Path
    buffers: Mapping[str, Buffer]
    """By relative path."""
    files: Mapping[str, Fingerprint]
    """By relative path; none of them may be open."""

    def holds(self, buffers: Buffers) -> bool:
        """Whether all of it is so at this moment."""
        if any(buffers.get(path) is not buffer for path, buffer in self.buffers.items()):
            return False
        prefix = f"{self.root}{os.sep}"
        return all(path not in buffers and Fingerprint.at(prefix + path) == stamp for path, stamp in self.files.items())
