"""What a repository can configure to have something executed by whoever runs git in it; each would leave a mark."""

import stat
from pathlib import Path

HOOKS = (
    "fsmonitor-watchman",
    "post-index-change",
    "reference-transaction",
    "post-checkout",
    "pre-auto-gc",
    "post-commit",
)


def settings(trap: Path, hooks: Path) -> dict[str, str]:
    """Names and values for `git config`; `trap` is the program to be run."""
    return {
        "core.fsmonitor": str(trap),
        "core.fsmonitorHookVersion": "2",
        "core.hooksPath": str(hooks),
        "core.pager": str(trap),
        "core.editor": str(trap),
        "core.sshCommand": str(trap),
        "core.gitProxy": str(trap),
        "core.askPass": str(trap),
        "core.alternateRefsCommand": str(trap),
        "credential.helper": f"!{trap}",
        "pager.log": str(trap),
        "pager.ls-files": str(trap),
        "pager.config": str(trap),
        "sequence.editor": str(trap),
        "diff.external": str(trap),
        "diff.evil.command": str(trap),
        "diff.evil.textconv": str(trap),
        "diff.evil.cachetextconv": "true",
        "diff.submodule": "log",
        "diff.ignoreSubmodules": "none",
        "status.submoduleSummary": "true",
        "submodule.recurse": "true",
        "submodule.sub.update": f"!{trap}",
        "submodule.sub.url": f"ext::{trap} %S",
        "filter.evil.clean": str(trap),
        "filter.evil.smudge": str(trap),
        "filter.evil.process": str(trap),
        "filter.evil.required": "true",
        "merge.evil.driver": str(trap),
        "gpg.program": str(trap),
        "gpg.ssh.program": str(trap),
        "gpg.x509.program": str(trap),
        "gpg.format": "ssh",
        "log.showSignature": "true",
        "alias.log": f"!{trap}",
        "alias.ls-files": f"!{trap}",
        "alias.rev-parse": f"!{trap}",
        "interactive.diffFilter": str(trap),
        "uploadpack.packObjectsHook": str(trap),
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "url.ext::sh.insteadOf": "https://",
        "remote.origin.url": f"ext::{trap} %S",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "remote.origin.uploadpack": str(trap),
        "extensions.partialClone": "origin",
        "extensions.worktreeConfig": "true",
        "core.repositoryFormatVersion": "1",
        "safe.directory": "*",
        "trace2.normalTarget": str(trap.with_name("traced")),
        "maintenance.auto": "true",
        "gc.auto": "1",
    }


def set_traps(git, top: Path, trap: Path) -> None:
    """Puts every trap into a repository that has a commit; `git` runs git in it."""
    hooks = top / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in HOOKS:
        (hooks / hook).write_text(trap.read_text())
        (hooks / hook).chmod(0o755)
    (top / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    (top / ".git" / "info").mkdir(exist_ok=True)
    (top / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    for name, value in settings(trap, hooks).items():
        git("config", name, value)
    included = top / ".git" / "included"
    included.write_text(f"[core]\n\tfsmonitor = {trap}\n\tpager = {trap}\n[diff]\n\texternal = {trap}\n")
    (top / ".git" / "config.worktree").write_text(included.read_text())
    git("config", "include.path", str(included))
    git("config", f"includeIf.gitdir:{top}/.path", str(included))
    for loose in (top / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*"):
        if git("cat-file", "-t", loose.parent.name + loose.name) == "blob\n":
            loose.chmod(stat.S_IWUSR)
            loose.unlink()  # what a partial clone lacks, it would fetch
