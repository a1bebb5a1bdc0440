"""What magnetar cannot do without, one check each: the installation first, then what it stands on.

A check looks and says; it changes nothing, and what it raises is `doctor`'s to report.
"""

from __future__ import annotations

from collections.abc import Mapping

from magnetar.cli.checks import installation, limits, services, storage, workspace
from magnetar.cli.doctor import Check

__all__ = ["CHECKS"]

CHECKS: Mapping[str, Check] = {
    "Python": installation.python,
    "packages": installation.packages,
    "grammars": installation.grammars,
    "workers": installation.workers,
    "SQLite": installation.sqlite,
    "encoding": installation.encoding,
    "descriptors": limits.descriptors,
    "memory": limits.memory,
    "clock": limits.clock,
    "cache": storage.cache_directory,
    "disk": storage.disk,
    "databases": storage.databases,
    "logs": storage.logs,
    "git": workspace.git,
    "workspace": workspace.files,
    "watching": workspace.watching,
    "lease": workspace.lease,
    "settings": services.settings,
    "Redis": services.redis,
    "model": services.model,
    "server": installation.server,
}
"""Every check with its name, in the order they are run."""
