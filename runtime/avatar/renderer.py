"""What a renderer is to the rest: a face state in, a picture out."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.pack import find_pack, open_pack
from runtime.core.errors import UserError
from runtime.core.messages import FaceState


class Renderer(Protocol):
    """Draws one character at one size. Used by one thread."""

    def load(self) -> None:
        """Get ready to draw. Raises UserError if the pack can't be used."""

    def draw(self, state: FaceState) -> NDArray[np.uint8]:
        """Return the picture, (height, width, 4) uint8 RGBA and opaque: a buffer that the next call overwrites."""

    def close(self) -> None:
        """Give everything back."""


def open_renderer(name: str | Path, width: int, height: int) -> Renderer:
    """Return a renderer for the pack `name` (in assets/avatars, or a path); `load` has yet to be called.

    Raises:
        UserError: there is no such pack, or no renderer for its kind.
    """
    pack = open_pack(find_pack(str(name)))
    if pack.manifest.kind != "vector":
        raise UserError(
            f"The character {pack.manifest.id!r} is of the kind {pack.manifest.kind!r}.",
            "Only vector can be drawn yet.",
        )
    from runtime.avatar.vector import VectorRenderer

    return VectorRenderer(pack, width, height)
