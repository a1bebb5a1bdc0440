"""Weights to start from: for each feature, its worth in each of the situations of `features.bucket`.

Fitted offline by the ranker's own rule (cross-entropy, AdaGrad, eight shuffled passes, the last four averaged) on
recorded traces, at most 1,200 predictions of each: the earlier 60 % of coding-agent sessions in one Go repository (twice
whole; without their searches; edits alone; joined into one session a developer) and author sessions rebuilt from the
histories of eight public repositories (Roo-Code, aider, continue, minsky, pygls, requests, serena, tabby), four of them
also joined into one session an author. They are a start: every context learns its own from there.
"""

from __future__ import annotations

from typing import Final

NEW: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (2.150, 2.325, 2.400, 3.155, 2.818, 2.880),
    "visited": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "habit": (-0.781, -0.892, -0.635, -0.710, -1.100, -0.660),
    "visit_share": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visit_place": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visit_late": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "toggling": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "in_burst": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "heat": (-0.035, -0.299, -0.033, 0.106, 0.361, 0.090),
    "age": (-1.310, -1.562, -1.506, -1.930, -1.664, -1.700),
    "near_specific": (1.308, 1.257, 1.392, 1.817, 1.695, 1.519),
    "far": (0.613, 0.861, 0.976, 1.256, 1.447, 1.015),
    "together": (1.838, 1.978, 2.227, 2.871, 2.642, 2.754),
    "successor_place": (0.493, 0.565, 0.488, 0.240, 0.746, 0.825),
    "folder_age": (-0.941, -2.057, -1.419, -1.689, -1.420, -1.678),
    "words": (0.607, 1.159, 1.072, 0.929, 1.194, 1.343),
    "in_results": (2.487, 1.441, 1.310, 1.492, 1.492, 1.492),
    "shown": (1.528, 0.988, 1.103, 0.990, 0.990, 0.990),
}
"""For keys that the session has not visited."""

VISITED: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visited": (-0.472, -0.334, -0.467, -0.931, -0.501, -0.777),
    "habit": (0.933, 1.085, 1.263, 1.261, 1.119, 0.938),
    "visit_share": (0.956, 1.329, 1.085, 1.223, 1.045, 1.277),
    "visit_place": (0.655, 0.714, 0.989, 0.879, 0.746, 0.815),
    "visit_late": (0.076, 0.178, 0.419, 0.104, 0.219, 0.171),
    "toggling": (0.587, 0.865, 1.390, 1.753, 1.020, 0.914),
    "in_burst": (-1.173, -1.250, -1.312, -2.012, -1.326, -1.326),
    "heat": (0.355, 0.295, 0.411, 0.458, 0.373, 0.368),
    "age": (-0.829, -0.741, -1.078, -1.249, -0.877, -1.304),
    "near_specific": (1.550, 2.066, 1.815, 1.950, 1.669, 2.213),
    "far": (-0.241, -0.229, -0.206, -0.385, -0.230, -0.271),
    "together": (1.541, 1.974, 1.865, 2.087, 1.808, 2.418),
    "successor_place": (0.507, 0.963, 0.747, 0.640, 0.597, 0.667),
    "folder_age": (-1.478, -1.432, -1.829, -1.999, -1.600, -1.961),
    "words": (0.329, 0.792, 0.527, 0.436, 0.850, 0.774),
    "in_results": (1.800, 0.516, 0.477, 0.755, 0.755, 0.755),
    "shown": (0.591, 0.136, 0.079, 0.219, 0.219, 0.219),
}
"""For keys that it has."""
