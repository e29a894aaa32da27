"""Pictures looked through: blur, pictures of nothing, and what pictures are compared by."""

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from training.cleaning.items import Item, Patterns, files
from training.cleaning.looked import Looked, found
from training.cleaning.review import DROP

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
SIDE_PX: Final = 256
"""Pictures are judged at this size of their longer side, so that one bound serves all."""
LEAST_SHARPNESS: Final = 0.02
LEAST_CONTRAST: Final = 6.0
"""Standard deviation of the grey values, 0..255."""
THUMBNAIL_PX: Final = 16
NEAR: Final = 0.995
CROP_PX: Final = 64
CELL_PX: Final = 8
DIRECTIONS: Final = 9

Grey = NDArray[np.uint8]


def look(folder: Path, patterns: Patterns) -> Looked:
    """Look through the pictures below a folder. Raises UserError where there are none."""
    items, prints, traits, rows = [], [], [], []
    for item in files(folder, SUFFIXES, patterns):
        grey: Any = cv2.imread(str(item.path), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            rows.append(found(item, "unreadable", 1.0, "it is no picture that can be read", DROP, DROP))
            continue
        small = shrunk(grey)
        contrast, sharp = float(small.std()), sharpness(small)
        if contrast < LEAST_CONTRAST:
            rows.append(found(item, "blank", 1 - contrast / 255, f"its grey values deviate by {contrast:.1f}", DROP))
        elif sharp < LEAST_SHARPNESS:
            rows.append(found(item, "blur", 1 - sharp / LEAST_SHARPNESS, f"sharpness {sharp:.4f}", DROP))
        items.append(item)
        prints.append(fingerprint(small))
        traits.append(outline(grey, item))
    return Looked(items, np.array(prints), NEAR, np.array(traits), rows)


def shrunk(grey: Grey) -> Grey:
    """Return the picture with its longer side at 256 pixels; a smaller one as it is."""
    share = SIDE_PX / max(grey.shape)
    if share >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def sharpness(grey: Grey) -> float:
    """Return the variance of the picture's Laplacian (Pech-Pacheco et al. 2000) over the variance of the picture.

    The division makes it the same for the same picture in dim and in bright light. Noise counts as sharp.
    """
    return float(cv2.Laplacian(grey, cv2.CV_64F).var() / max(float(grey.var()), 1e-9))


def fingerprint(grey: Grey) -> NDArray[np.float64]:
    """Return a vector of length 1 that says what is bright where, whatever the light, shape (256,)."""
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    flat = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.float64).ravel()
    flat -= flat.mean()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-12), dtype=np.float64)


def outline(grey: Grey, item: Item) -> NDArray[np.float32]:
    """Return histograms of oriented gradients (Dalal and Triggs 2005) of what the label is about, shape (576,).

    8 by 8 cells of 8 pixels, 9 directions without sign, each pixel counted by its gradient; normalised as a whole.
    """
    if item.box is not None:
        left, top, right, bottom = item.box
        cut = grey[max(0, top) : bottom, max(0, left) : right]
        grey = cut if cut.size else grey
    crop = np.asarray(cv2.resize(grey, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), np.float32)
    down, across = np.gradient(crop)
    direction = (np.arctan2(down, across) % np.pi / np.pi * DIRECTIONS).astype(int) % DIRECTIONS
    rows, columns = np.indices(crop.shape) // CELL_PX
    cells = np.zeros((CROP_PX // CELL_PX, CROP_PX // CELL_PX, DIRECTIONS), np.float32)
    np.add.at(cells, (rows, columns, direction), np.hypot(down, across))
    histogram = np.sqrt(cells.ravel() / max(float(cells.sum()), 1e-6))
    return np.asarray(histogram, dtype=np.float32)
