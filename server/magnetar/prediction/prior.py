"""Weights to start from: for each feature, its worth in each of the situations of `features.bucket`.

Fitted offline by the ranker's own rule (cross-entropy, AdaGrad, eight shuffled passes, the last four averaged) on
recorded traces: the earlier 60 % of coding-agent sessions in one Go repository (whole, without their searches, and
edits alone) and author sessions rebuilt from the histories of eight public repositories, at most
1,200 predictions of each. They are a start: every context learns its own from there.
"""

from __future__ import annotations

from typing import Final

WEIGHTS: Final[dict[str, tuple[float, ...]]] = {
    "elsewhere": (2.063, 2.226, 2.079, 2.773, 2.595, 2.571),
    "elsewhere_exploring": (1.217, 1.375, 1.301, 1.725, 1.628, 1.455),
    "visited": (-0.287, -0.070, -0.279, -1.001, -0.582, -0.585),
    "visited_returning": (0.879, 1.134, 1.180, 0.990, 0.780, 0.789),
    "new_exploring": (-0.258, -0.493, -0.113, 0.013, -0.338, -0.084),
    "visit_share": (0.611, 0.961, 0.706, 0.439, 0.420, 0.783),
    "visit_rank": (0.115, 0.109, 0.363, -0.056, -0.037, 0.079),
    "previous": (0.217, 0.146, 0.497, 0.245, 0.208, 0.312),
    "previous_toggling": (0.414, 0.435, 0.850, 1.221, 0.509, 0.482),
    "in_burst": (-1.253, -1.387, -1.444, -2.263, -1.477, -1.477),
    "return_rate": (-0.221, -0.270, -0.088, -0.207, -0.193, -0.157),
    "first_rate": (0.662, 0.455, 0.158, 0.262, 0.590, 0.218),
    "one_session": (0.086, 0.310, -0.012, -0.050, -0.174, -0.081),
    "never_accessed": (0.210, 0.384, 0.301, 0.196, 0.170, 0.225),
    "heat": (0.431, 0.211, 0.380, 0.693, 0.692, 0.472),
    "age": (-1.490, -1.628, -1.536, -1.921, -1.880, -1.846),
    "near": (0.717, 0.880, 0.785, 1.084, 0.939, 1.023),
    "near_specific": (0.334, 0.586, 0.409, 0.370, 0.444, 0.596),
    "far": (0.347, 0.414, 0.650, 0.595, 0.800, 0.325),
    "together": (0.731, 1.130, 1.062, 1.553, 1.284, 1.341),
    "together_specific": (0.268, 0.587, 0.589, 0.873, 0.556, 0.715),
    "successor": (0.528, 0.786, 0.605, 0.346, 0.646, 0.585),
    "folder_step": (-0.114, 0.151, 0.114, 0.322, 0.480, 0.460),
    "folder_age": (-0.729, -1.238, -1.128, -1.387, -1.149, -1.265),
    "words": (0.029, 0.624, 0.440, 0.374, 0.695, 0.792),
    "extension": (0.125, 0.036, 0.131, 0.083, 0.299, 0.153),
    "folders": (0.043, 0.251, 0.250, 0.084, 0.196, 0.381),
    "folder_share": (-0.284, -0.070, -0.286, 0.042, -0.273, -0.435),
    "word_share": (0.429, 0.694, 0.447, 0.909, 0.566, 0.385),
    "in_results": (1.495, 0.273, 0.272, 0.616, 0.616, 0.616),
    "in_results_following": (1.548, 0.601, 0.477, 0.766, 0.766, 0.766),
    "first_unread": (1.202, 1.203, 0.812, 0.860, 0.860, 0.860),
    "shown": (1.127, 0.469, 0.726, 0.633, 0.633, 0.633),
    "shown_unread": (1.490, 1.260, 1.504, 1.136, 1.136, 1.136),
    "shown_with": (0.579, 0.847, 1.056, 0.772, 0.864, 0.749),
    "shown_often": (-0.459, -0.875, -0.694, -0.129, -0.409, -0.447),
    "never_opened": (0.210, 0.384, 0.301, 0.196, 0.170, 0.225),
}
