"""Published figures of other systems, measured on commits and traces that are held back, and what magnetar must reach.

They stand beside ours in every table; they were not taken on the same tasks, so they are a scale and no contest.
"""

from __future__ import annotations

CONTEXT_BUDGET = 8_192
"""Tokens that the published figures of contexts are for."""

CONTEXT = (
    # system, recall and lines with a focus, recall and lines without
    ("BM25 over whole files", ".148", ".172", ".158", ".153"),
    ("a repository map (aider 0.86.2)", ".481", ".067", ".563", ".112"),
    ("the prototype", ".98", ".79", ".90", ".68"),
    ("target, up to 300 source files", ".98", ".82", ".92", ".72"),
    ("target, 1,000 source files and more", ".85", ".55", ".70", ".40"),
)

PREDICTION = (
    # system, hit@5 on agents' sessions, on authors' sessions of git histories, on people's saves
    ("order-1 Markov", "34.9", "30.3", "36.3"),
    ("most recently used", "32.4", "14.7", "58.1"),
    ("Hedge over ten experts", "51.5", "", ""),
    ("the prototype", "61.4", "43.7", "64.1"),
    ("target", "65", "46", "66"),
    ("ceiling: the target was ever seen", "96.7", "86.8", ""),
)

CACHE = (
    # policy, hit ratio with room for 5, 10 and 25 % of the files
    ("Belady's optimum", "73.6", "82.8", "91.2"),
    ("60/40 score, scaled to the cache", "60.9", "72.1", "85.3"),
    ("LRU", "60.4", "71.8", "85.0"),
    ("W-TinyLFU", "53.3", "70.4", "86.0"),
    ("S3-FIFO", "51.1", "69.6", "85.5"),
    ("ARC", "58.7", "70.7", "84.7"),
    ("LFU", "22.2", "42.9", "67.9"),
    ("60/40 score with prefetch", "65.7", "76.5", "86.3"),
)
