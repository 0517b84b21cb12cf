"""Samples as engines and files take them that read whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def pcm16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """float[-1, 1] as 16-bit samples; exact for audio that was 16-bit before."""
    import numpy as np

    pcm: NDArray[np.int16] = np.clip(np.rint(samples * 32_768.0), -32_768, 32_767).astype(np.int16)
    return pcm
