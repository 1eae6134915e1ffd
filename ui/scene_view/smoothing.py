"""Smooth edges without a graphics card: the mean of several frames, each moved by a part of a pixel.

One frame is as quick as ever and the next ones come when nothing else is to be done, so nobody waits for them:
twofold sampling of a 1080p frame in software would hold the window for 150 ms at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The first is the middle of the pixel; all together have no two alike in either direction (eight rooks).
SHIFTS = ((0.0, 0.0), (0.31, -0.19), (-0.31, 0.19), (0.06, 0.44), (-0.06, -0.44), (0.44, 0.31), (-0.44, -0.31), (0.19, -0.06))


class Mean:
    """The mean of the frames added so far, ``(height, width, 4)``."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = np.empty((0, 0, 4), np.uint16)

    def add(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Add a frame and return the mean; at most 257 frames of one size."""
        if self.count == 0 or self._sum.shape != pixels.shape:
            self._sum = pixels.astype(np.uint16)
            self.count = 1
            return pixels.copy()
        self._sum += pixels
        self.count += 1
        return np.asarray(self._sum // self.count, dtype=np.uint8)

    def clear(self) -> None:
        """Forget all frames."""
        self.count = 0
