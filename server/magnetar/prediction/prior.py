"""Weights to start from: for each feature, its worth in each of the situations of `features.bucket`.

Fitted offline by the ranker's own rule (cross-entropy, AdaGrad, eight shuffled passes, the last four averaged) on
recorded traces: the earlier 60 % of coding-agent sessions in one Go repository (twice whole, once without their
searches, once edits alone) and author sessions rebuilt from the histories of eight public repositories (Roo-Code, aider,
continue, minsky, pygls, requests, serena, tabby), at most 1,200 predictions of each. They are a start: every context
learns its own from there.
"""

from __future__ import annotations

from typing import Final

NEW: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (2.240, 2.336, 2.307, 3.038, 2.763, 2.786),
    "visited": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "habit": (-0.945, -1.130, -0.924, -1.022, -1.288, -0.945),
    "visit_share": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visit_place": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "in_burst": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "heat": (-0.013, -0.310, -0.043, 0.119, 0.365, 0.098),
    "age": (-1.241, -1.459, -1.336, -1.756, -1.582, -1.533),
    "near_specific": (1.331, 1.349, 1.382, 1.879, 1.715, 1.576),
    "far": (0.740, 0.900, 1.091, 1.304, 1.505, 1.161),
    "together": (1.791, 2.059, 2.292, 2.867, 2.596, 2.789),
    "successor_place": (0.506, 0.628, 0.498, 0.223, 0.745, 0.799),
    "folder_age": (-0.960, -2.034, -1.340, -1.656, -1.452, -1.562),
    "words": (0.613, 1.171, 1.095, 0.974, 1.197, 1.320),
    "in_results": (2.415, 1.451, 1.275, 1.455, 1.455, 1.455),
    "shown": (1.558, 0.991, 1.137, 1.017, 1.017, 1.017),
}
"""For keys that the session has not visited."""

VISITED: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visited": (-0.397, -0.212, -0.297, -0.819, -0.354, -0.617),
    "habit": (1.433, 1.628, 1.831, 2.076, 1.685, 1.652),
    "visit_share": (0.950, 1.326, 1.170, 1.138, 1.052, 1.269),
    "visit_place": (0.708, 0.934, 1.203, 0.674, 0.819, 0.911),
    "in_burst": (-1.017, -1.156, -1.148, -1.927, -1.238, -1.238),
    "heat": (0.396, 0.354, 0.419, 0.541, 0.414, 0.455),
    "age": (-1.052, -1.139, -1.397, -1.355, -1.106, -1.463),
    "near_specific": (1.147, 1.847, 1.612, 1.376, 1.355, 1.743),
    "far": (-0.472, -0.436, -0.337, -0.524, -0.366, -0.514),
    "together": (1.435, 1.987, 1.730, 1.914, 1.641, 2.227),
    "successor_place": (0.601, 0.971, 0.829, 0.780, 0.700, 0.771),
    "folder_age": (-1.621, -1.771, -2.133, -2.264, -1.972, -2.385),
    "words": (0.383, 0.867, 0.558, 0.575, 0.995, 0.930),
    "in_results": (1.858, 0.611, 0.609, 0.820, 0.820, 0.820),
    "shown": (0.519, 0.029, 0.119, 0.182, 0.182, 0.182),
}
"""For keys that it has."""
