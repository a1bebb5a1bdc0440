"""What magnetar talks to, as far as settings name it: a team's Redis and a model. Settings that cannot be used are told."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from magnetar.app import NAMESPACE
from magnetar.cache.backends.redis_health import RedisHealth, examine
from magnetar.cache.stores import DEFAULT_REDIS_URL
from magnetar.cli.doctor import Site, Verdict, fail, ok, warn
from magnetar.config import Backend, parse_settings
from magnetar.errors import BackendUnavailable

_NEARLY_FULL = 0.95
_WITHOUT = "Everything goes on without it meanwhile."
_EVICT = "Set maxmemory-policy to allkeys-lru"


def settings(site: Site) -> Verdict:
    """Every setting can be used."""
    if not site.raw:
        return ok("The defaults apply: no settings were given (--settings FILE).")
    _, problems = parse_settings(site.raw)
    if problems:
        remedy = "Correct them; the defaults apply meanwhile."
        return warn(" ".join(problem.message for problem in problems), remedy)
    return ok("Every setting can be used.")


def redis(site: Site) -> Verdict:
    """The team's Redis can be reached, has room, and holds nothing in the places of ours."""
    cache = site.settings.cache
    url = cache.redis_url or (DEFAULT_REDIS_URL if cache.backend is Backend.REDIS else "")
    if not url:
        return ok("No Redis is shared: magnetar.cache.redisUrl is empty.")
    try:
        found = asyncio.run(examine(url, NAMESPACE))
    except BackendUnavailable as error:
        return fail(str(error), f"{_remedy(str(error))} {_WITHOUT}")
    return _judged(found)


def _judged(found: RedisHealth) -> Verdict:
    if found.misplaced:
        remedy = "Delete these keys, or give magnetar a database number of its own in the URL."
        return warn(f"Somebody else's values are in Redis at {', '.join(found.misplaced)}.", remedy)
    if not found.writable:
        remedy = f"Name the primary in magnetar.cache.redisUrl. {_WITHOUT}"
        return fail("Redis is a replica that cannot be written.", remedy)
    if found.evicts or not found.limit:
        return ok("Redis can be reached, and has room.")
    if found.used > found.limit * _NEARLY_FULL:
        return fail("Redis is full, and drops nothing to make room.", f"{_EVICT}, or raise maxmemory. {_WITHOUT}")
    return warn("Redis will refuse values once it is full, for it drops none to make room.", f"{_EVICT}.")


def _remedy(said: str) -> str:
    if any(
        word in said for word in ("WRONGPASS", "invalid username-password", "Authentication", "without any password")
    ):
        return "Correct the user and password in magnetar.cache.redisUrl."
    if "NOPERM" in said or "permissions" in said:
        return "Give the user the right to run INFO, TYPE, MGET, scripts and what they change."
    return "Start it, or correct magnetar.cache.redisUrl."


def model(site: Site) -> Verdict:
    """A model's address is there where one is wanted; only the editor's settings know of it."""
    section = site.raw.get("model")
    if not isinstance(section, dict):
        return ok("Which model answers is the editor's affair, and no settings of it were given.")
    provider, url = section.get("provider", "auto"), str(section.get("url") or "")
    if provider == "openai" and not url:
        remedy = "Set magnetar.model.url, such as http://127.0.0.1:11434/v1, or magnetar.model.provider to auto."
        return warn("A model server is to answer in the panel, but its address is empty.", remedy)
    if url and not (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname):
        remedy = "Set magnetar.model.url to an address such as http://127.0.0.1:11434/v1."
        return warn("The model server's address is no http:// or https:// URL.", remedy)
    return ok("A model server is named." if url else "VS Code's own language models answer, where there are any.")
