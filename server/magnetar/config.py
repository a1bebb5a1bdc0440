"""Typed settings, one frozen class per section of `magnetar.*`, and the parser that validates them.

The names, meanings and defaults are those of the protocol's section 7. A bad value never stops anything: it falls back
to its default and is reported as a `Problem`. There is no configuration file; what an editor sends and what the command
line says is all there is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from attrs import Attribute, field, fields, frozen, has


class Backend(str, Enum):
    """Where cached values live.

    `tiered` is memory over SQLite, over Redis where a URL is given; `redis` the same over this machine's where none is.
    """

    TIERED = "tiered"
    MEMORY = "memory"
    SQLITE = "sqlite"
    REDIS = "redis"


@frozen
class Problem:
    """A setting that could not be used: its full name, and one sentence on what is wrong and what is used instead."""

    name: str
    message: str


def _setting(default: Any, check: Callable[[Any], bool], allowed: str, *, name: str = "", machine: bool = False) -> Any:
    """Declares one setting: its default, its check, the words for what is allowed, and whether a workspace may set it."""
    return field(default=default, metadata={"check": check, "allowed": allowed, "name": name, "machine": machine})


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _integer(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and low <= value <= high
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _place(value: Any) -> bool:
    """Nothing, or a path that means the same wherever the process stands."""
    try:
        return isinstance(value, str) and (not value or Path(value).expanduser().is_absolute())
    except RuntimeError:  # the home of nobody
        return False


def _texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) and item for item in value)


def _one_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in choices


_SECONDS = "a whole number of seconds from 1 to 31,536,000"


@frozen
class TtlSettings:
    """`magnetar.cache.ttl.*`: how long each kind of value may be served, in seconds."""

    file: int = _setting(86_400, _integer(1, 31_536_000), _SECONDS)
    """File contents; they are verified against the disk whenever they are served, so this only frees space."""
    symbols: int = _setting(2_592_000, _integer(1, 31_536_000), _SECONDS)
    """Extracted symbols, keyed by content."""
    search: int = _setting(300, _integer(1, 31_536_000), _SECONDS)
    """Search results; one is found anew as soon as the index, a buffer or a file with a hit has changed."""
    embedding: int = _setting(2_592_000, _integer(1, 31_536_000), _SECONDS)
    """Embeddings, keyed by content. There are none in this version."""
    context: int = _setting(86_400, _integer(1, 31_536_000), _SECONDS)
    """What a conversation was sent, counted from its last answer; it ends with its connection at the latest."""


@frozen
class ShareSettings:
    """`magnetar.cache.share.*`: what may leave this machine by way of a shared Redis."""

    contents: bool = _setting(False, _boolean, "true or false", machine=True)
    """Whether texts of files in use are written to the shared Redis, too, without their secret lines, for others to read.

    Magnetar itself takes texts from this machine alone. What is always shared is keyed by a content's hash: names and ranges
    of what a file without secrets defines and imports, and embeddings.
    """


@frozen
class CacheSettings:
    """`magnetar.cache.*`."""

    backend: Backend = _setting(
        Backend.TIERED, _one_of(*(b.value for b in Backend)), "tiered, memory, sqlite or redis", machine=True
    )
    """Where cached values live."""
    directory: str = _setting(
        "", _place, "the absolute path of a directory, or empty for the platform's cache directory", machine=True
    )
    """The cache directory, an absolute path; empty is the platform's user cache directory."""
    max_entries: int = _setting(
        10_000, _integer(1, 100_000_000), "a whole number from 1", name="maxEntries", machine=True
    )
    """Most entries the memory tier holds."""
    max_bytes: int = _setting(
        104_857_600, _integer(65_536, 2**40), "a whole number of bytes from 65,536", name="maxBytes", machine=True
    )
    """Most bytes the memory tier holds; facts that are ready for use take up to half as many for each open folder."""
    disk_max_bytes: int = _setting(
        2_147_483_648,
        _integer(1_048_576, 2**44),
        "a whole number of bytes from 1,048,576",
        name="diskMaxBytes",
        machine=True,
    )
    """Most bytes of the cache directory: three quarters for the content database, the rest for those of the folders.

    Where that is too little, folders that nobody has open give up their indexes, used least recently first. What is open may
    take more, and what was learned of a folder that is still there stays until 90 days after its last use.
    """
    ttl: TtlSettings = field(factory=TtlSettings)
    share: ShareSettings = field(factory=ShareSettings)
    redis_url: str = _setting(
        "", _text, "a redis://, rediss:// or unix:// URL, or empty", name="redisUrl", machine=True
    )
    """The Redis or Valkey that a team shares, so that a file is parsed once for all; empty for none."""


@frozen
class WarmSettings:
    """`magnetar.warm.*`: what is indexed when a folder opens."""

    on_open: bool = _setting(True, _boolean, "true or false", name="onOpen")
    """Whether a folder is indexed when it opens."""
    patterns: tuple[str, ...] = _setting((), _texts, "a list of globs; empty means every text file")
    """Globs of the files to index; empty means every text file that is not ignored."""
    max_files: int = _setting(200_000, _integer(1, 10_000_000), "a whole number from 1", name="maxFiles")
    """Most files indexed per folder."""
    max_file_bytes: int = _setting(
        1_048_576, _integer(1_024, 67_108_864), "a whole number of bytes from 1,024 to 67,108,864", name="maxFileBytes"
    )
    """Files larger than this are listed but not indexed."""


@frozen
class RefreshSettings:
    """`magnetar.refresh.*`: the background refresh of cached values."""

    interval: float = _setting(60, _number(1, 86_400), "a number of seconds from 1 to 86,400")
    """Seconds between two passes."""
    stale_threshold: float = _setting(0.8, _number(0.05, 1.0), "a number from 0.05 to 1", name="staleThreshold")
    """The share of its time to live after which a value is reloaded."""


@frozen
class PredictionSettings:
    """`magnetar.prediction.*`."""

    top_k: int = _setting(5, _integer(1, 100), "a whole number from 1 to 100", name="topK")
    """How many next files are predicted where a request names no number."""
    seed_from_git: bool = _setting(True, _boolean, "true or false", name="seedFromGit")
    """Whether the git history seeds the model of a workspace never seen."""


@frozen
class PrefetchSettings:
    """`magnetar.prefetch.*`."""

    enabled: bool = _setting(True, _boolean, "true or false")
    """Whether predicted files are loaded ahead of their use."""


@frozen
class ContextSettings:
    """`magnetar.context.*`."""

    token_budget: int = _setting(8_192, _integer(1, 10_000_000), "a whole number from 1", name="tokenBudget")
    """The token budget of a request that names none."""
    deadline_ms: int = _setting(1_000, _integer(1, 600_000), "a whole number of milliseconds from 1", name="deadlineMs")
    """How long the sources of an answer may take; those late are left out and named."""
    encoding: str = _setting("o200k_base", _one_of("o200k_base", "cl100k_base"), "o200k_base or cl100k_base")
    """The tokenizer that budgets are counted with."""
    semantic: bool = _setting(True, _boolean, "true or false")
    """Whether the embedding model is used where it is installed. This version has none, for it did not pay where it was measured."""


@frozen
class PrivacySettings:
    """`magnetar.privacy.*`: additions to safe defaults that nothing here can remove."""

    exclude: tuple[str, ...] = _setting((), _texts, "a list of globs", machine=True)
    """Globs of files that are never read, on top of the built-in ones."""
    secret_scan: bool = _setting(True, _boolean, "true or false", name="secretScan", machine=True)
    """Kept for compatibility: contents are always scanned before they are cached or served."""


@frozen
class TraceSettings:
    """`magnetar.trace.*`."""

    server: str = _setting("off", _one_of("off", "messages", "verbose"), "off, messages or verbose")
    """How much of the traffic the editor logs."""


@frozen
class Settings:
    """Everything under `magnetar.*`."""

    cache: CacheSettings = field(factory=CacheSettings)
    warm: WarmSettings = field(factory=WarmSettings)
    refresh: RefreshSettings = field(factory=RefreshSettings)
    prediction: PredictionSettings = field(factory=PredictionSettings)
    prefetch: PrefetchSettings = field(factory=PrefetchSettings)
    context: ContextSettings = field(factory=ContextSettings)
    privacy: PrivacySettings = field(factory=PrivacySettings)
    trace: TraceSettings = field(factory=TraceSettings)


def parse_settings(raw: object) -> tuple[Settings, tuple[Problem, ...]]:
    """Reads settings as an editor sends them: nested objects, or flat dotted keys, or a mix of both.

    `None`, `{}` and unknown keys are fine. A value of the wrong type or out of range is replaced by its default and
    reported.
    """
    problems: list[Problem] = []
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        return Settings(), (Problem("magnetar", "magnetar settings must be an object; the defaults are used."),)
    settings: Settings = _parse_section(Settings, _nested(raw), "magnetar", problems)
    return settings, tuple(problems)


def setting_names(cls: type = Settings, prefix: str = "magnetar") -> dict[str, Attribute[Any]]:
    """Every setting's full name with its attrs attribute, in order: what a test compares the extension's page with."""
    names: dict[str, Attribute[Any]] = {}
    for attribute in fields(cls):
        name = f"{prefix}.{attribute.metadata.get('name') or attribute.name}"
        section = _section_class(cls, attribute)
        if section is None:
            names[name] = attribute
        else:
            names.update(setting_names(section, name))
    return names


def cache_directory(settings: Settings, override: Path | None = None) -> Path:
    """Where everything cached lives: the flag or environment variable first, then the setting, then the platform's place."""
    if override is not None:
        return override.expanduser().absolute()
    if settings.cache.directory:
        return Path(settings.cache.directory).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("magnetar", appauthor=False)


def _section_class(cls: type, attribute: Attribute[Any]) -> type | None:
    default = getattr(cls(), attribute.name)
    return type(default) if has(type(default)) else None


def _nested(raw: Mapping[Any, Any]) -> dict[str, Any]:
    """Turns dotted keys into nested objects; a leading `magnetar` section is unwrapped."""
    out: dict[str, Any] = {}
    for key, value in raw.items():
        *parents, leaf = str(key).split(".")
        into = out
        for parent in parents:
            step = into.setdefault(parent, {})
            if not isinstance(step, dict):
                step = into[parent] = {}
            into = step
        inner = _nested(value) if isinstance(value, Mapping) else value
        if isinstance(inner, dict) and isinstance(into.get(leaf), dict):
            into[leaf] = {**into[leaf], **inner}
        else:
            into[leaf] = inner
    if isinstance(out.get("magnetar"), dict):
        out = {**out, **out.pop("magnetar")}
    return out


def _parse_section(cls: type, raw: Mapping[str, Any], prefix: str, problems: list[Problem]) -> Any:
    values: dict[str, Any] = {}
    for attribute in fields(cls):
        key = attribute.metadata.get("name") or attribute.name
        name = f"{prefix}.{key}"
        if key not in raw or raw[key] is None:
            continue
        value = raw[key]
        section = _section_class(cls, attribute)
        if section is not None:
            if isinstance(value, Mapping):
                values[attribute.name] = _parse_section(section, value, name, problems)
            else:
                problems.append(Problem(name, f"{name} must be an object; its defaults are used."))
        elif attribute.metadata["check"](value):
            values[attribute.name] = _coerce(attribute, value)
        else:
            default = getattr(cls(), attribute.name)
            shown = default.value if isinstance(default, Enum) else default
            allowed = attribute.metadata["allowed"]
            problems.append(Problem(name, f"{name} must be {allowed}; {shown!r} is used."))
    return cls(**values)


def _coerce(attribute: Attribute[Any], value: Any) -> Any:
    if isinstance(attribute.default, Backend):
        return Backend(value)
    return tuple(value) if isinstance(value, list) else value
