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
    "elsewhere": (2.278, 2.524, 2.395, 3.218, 2.852, 2.941),
    "visited": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "habit": (-0.932, -1.112, -0.865, -1.180, -1.278, -1.014),
    "visit_share": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visit_rank": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "previous_toggling": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "in_burst": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "heat": (0.349, 0.086, 0.306, 0.670, 0.898, 0.565),
    "age": (-1.314, -1.551, -1.410, -2.068, -1.834, -1.706),
    "near_specific": (0.631, 0.585, 0.657, 0.930, 0.827, 0.855),
    "far": (0.382, 0.408, 0.621, 0.756, 1.013, 0.656),
    "together": (1.212, 1.473, 1.639, 2.224, 1.892, 2.038),
    "together_specific": (0.126, 0.343, 0.526, 0.746, 0.449, 0.780),
    "successor": (0.488, 0.568, 0.408, 0.249, 0.730, 0.719),
    "folder_age": (-0.808, -1.869, -1.182, -1.572, -1.323, -1.465),
    "words": (0.350, 0.923, 0.768, 0.597, 0.797, 1.054),
    "folders": (0.083, 0.076, 0.077, 0.133, 0.104, 0.114),
    "word_share": (0.189, 0.451, 0.232, 0.812, 0.447, 0.223),
    "in_results": (2.669, 1.629, 1.447, 1.623, 1.623, 1.623),
    "shown": (2.282, 1.628, 1.752, 1.541, 1.541, 1.541),
    "shown_with": (0.814, 1.353, 1.346, 1.079, 1.103, 0.960),
    "shown_often": (-0.550, -0.560, -0.424, -0.182, -0.449, -0.431),
}
"""For keys that the session has not visited."""

VISITED: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
    "visited": (-0.485, -0.389, -0.423, -0.814, -0.495, -0.740),
    "habit": (1.366, 1.504, 1.738, 2.095, 1.536, 1.524),
    "visit_share": (0.681, 1.009, 0.852, 0.840, 0.733, 0.920),
    "visit_rank": (0.566, 0.653, 0.967, 0.574, 0.605, 0.731),
    "previous_toggling": (0.543, 0.589, 1.112, 1.292, 0.760, 0.730),
    "in_burst": (-1.050, -1.179, -1.234, -1.938, -1.259, -1.259),
    "heat": (0.883, 0.820, 0.944, 1.289, 0.945, 1.007),
    "age": (-1.221, -1.282, -1.533, -1.484, -1.280, -1.675),
    "near_specific": (0.503, 0.968, 0.766, 0.529, 0.538, 0.849),
    "far": (-0.570, -0.448, -0.405, -0.734, -0.527, -0.726),
    "together": (0.803, 1.209, 1.038, 1.308, 1.072, 1.363),
    "together_specific": (0.383, 0.744, 0.650, 0.668, 0.519, 0.749),
    "successor": (0.564, 0.864, 0.763, 0.798, 0.614, 0.669),
    "folder_age": (-0.830, -0.876, -1.282, -1.342, -1.082, -1.319),
    "words": (0.210, 0.623, 0.330, 0.441, 0.758, 0.664),
    "folders": (0.312, 0.565, 0.513, 0.278, 0.655, 0.658),
    "word_share": (0.083, 0.282, 0.197, 0.100, 0.209, 0.131),
    "in_results": (1.896, 0.606, 0.593, 0.828, 0.828, 0.828),
    "shown": (0.644, 0.108, 0.215, 0.261, 0.261, 0.261),
    "shown_with": (0.432, 0.377, 0.530, 0.319, 0.317, 0.418),
    "shown_often": (-0.100, -0.643, -0.494, -0.240, -0.247, -0.209),
}
"""For keys that it has."""
