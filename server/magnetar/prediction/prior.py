"""Weights to start from: for each feature, its worth in each of the situations of `features.bucket`.

Fitted offline by the ranker's own rule (cross-entropy, AdaGrad, eight shuffled passes, the last four averaged) on
recorded traces: the earlier 60 % of coding-agent sessions in one Go repository (whole, without their searches, and
edits alone) and author sessions rebuilt from the histories of eight public repositories, at most
1,200 predictions of each. They are a start: every context learns its own from there.
"""

from __future__ import annotations

from typing import Final

WEIGHTS: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (2.484, 2.652, 2.529, 3.414, 3.082, 3.097),
    "visited": (-0.870, -0.634, -0.843, -1.658, -1.113, -1.228),
    "visited_returning": (1.302, 1.585, 1.641, 1.754, 1.278, 1.410),
    "new_exploring": (-0.783, -1.021, -0.661, -0.766, -1.020, -0.732),
    "visit_share": (0.519, 0.919, 0.661, 0.363, 0.347, 0.703),
    "visit_rank": (0.408, 0.435, 0.774, 0.287, 0.272, 0.500),
    "previous_toggling": (0.831, 0.797, 1.355, 1.694, 0.932, 0.992),
    "in_burst": (-1.258, -1.413, -1.427, -2.312, -1.502, -1.502),
    "heat": (0.580, 0.410, 0.565, 0.929, 0.994, 0.816),
    "age": (-1.262, -1.475, -1.404, -1.832, -1.710, -1.746),
    "near_specific": (0.612, 0.946, 0.739, 0.792, 0.813, 0.983),
    "far": (0.181, 0.277, 0.493, 0.522, 0.858, 0.215),
    "together": (1.088, 1.508, 1.446, 2.047, 1.826, 1.835),
    "together_specific": (0.082, 0.421, 0.432, 0.631, 0.419, 0.563),
    "successor": (0.558, 0.834, 0.657, 0.502, 0.727, 0.678),
    "folder_age": (-0.672, -1.313, -1.199, -1.530, -1.160, -1.360),
    "words": (0.082, 0.677, 0.469, 0.434, 0.784, 0.830),
    "folders": (0.069, 0.361, 0.310, 0.182, 0.249, 0.484),
    "word_share": (0.281, 0.646, 0.393, 0.815, 0.467, 0.277),
    "in_results": (2.286, 0.679, 0.695, 1.068, 1.068, 1.068),
    "shown": (1.193, 0.351, 0.596, 0.590, 0.590, 0.590),
    "shown_unread": (1.868, 1.471, 1.673, 1.345, 1.345, 1.345),
    "shown_with": (0.630, 0.950, 1.166, 0.891, 0.912, 0.828),
    "shown_often": (-0.536, -0.963, -0.735, -0.253, -0.517, -0.470),
}
