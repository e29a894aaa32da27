"""Write the pack assets/avatars/ada: `python -m exporters.ada`."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from exporters.ada.bake import INPUTS, bake, figure
from exporters.ada.canvas import Canvas
from exporters.ada.figure import draw_background
from runtime.avatar.pack import AVATARS
from runtime.avatar.rig import CENTRE, Rig
from runtime.avatar.sheet import write_preview, write_sheet
from runtime.core.messages import FaceState

CANVAS = (1000, 1000)


class _Palette:
    """Gives each colour a number."""

    def __init__(self) -> None:
        self.colours: list[str] = []

    def __call__(self, colour: object) -> int:
        name = str(colour)
        if name not in self.colours:
            self.colours.append(name)
        return self.colours.index(name)


def describe(canvas: Canvas, palette: _Palette) -> list[dict[str, Any]]:
    """Return the fixed part of every shape."""
    out = []
    for shape in canvas.shapes:
        item = dict(shape.paint)
        if "colour" in item:
            item["colour"] = palette(item["colour"])
        if "stops" in item:
            stops = item["stops"]
            assert isinstance(stops, list)
            item["stops"] = [(palette(colour), alpha, place) for colour, alpha, place in stops]
        item |= {"commands": shape.path.commands, "points": len(shape.path.points)}
        item |= {"anchors": len(shape.anchors), "clip": shape.clip}
        out.append(item)
    return out


def background(palette: _Palette) -> dict[str, Any]:
    """Return the background with its places, which never move."""
    canvas = Canvas()
    draw_background(canvas)
    points = [point for shape in canvas.shapes for point in (*shape.path.points, *shape.anchors)]
    places = [(float(p[0]) + CENTRE[0], float(p[1]) + CENTRE[1] - 30) for p in points]
    scalars = [value for shape in canvas.shapes for value in (*shape.radii, shape.opacity)]
    return {"shapes": describe(canvas, palette), "places": places, "scalars": scalars}


def svg(canvas: Canvas, rig: Rig) -> str:
    """Return the outlines of the figure at rest, for people to look at in a drawing program."""
    places, _ = rig.place(FaceState(np.zeros(52, np.float32)))
    letters, counts, first, parts = {0: "Z", 1: "M", 2: "L", 3: "C"}, {0: 0, 1: 1, 2: 1, 3: 3}, 0, []
    for shape in canvas.shapes:
        words, at = [], first
        for command in shape.path.commands:
            words.append(letters[command])
            words += [f"{x:.1f},{y:.1f}" for x, y in places[at : at + counts[command]]]
            at += counts[command]
        first += len(shape.path.points) + len(shape.anchors)
        stops = shape.paint.get("stops")
        colour = shape.paint.get("colour") or (stops[0][0] if isinstance(stops, list) else "none")
        if words and shape.paint["kind"] != "clip":
            stroke = shape.paint["kind"] == "stroke"
            style = f'fill="none" stroke="{colour}"' if stroke else f'fill="{colour}" fill-opacity="0.6"'
            parts.append(f'<path d="{" ".join(words)}" {style}/>')
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000">\n' + "\n".join(parts) + "\n</svg>\n"


def write_manifest(folder: Path) -> None:
    """Write the manifest over the files that are in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    manifest = {
        "format": 1,
        "id": "ada",
        "kind": "vector",
        "name": "Ada",
        "canvas": CANVAS,
        "author": "the avatar runtime's authors; made by exporters/ada",
        "licence": "Apache-2.0",
        "consent": "drawn; shows no real person",
        "files": {str(p.relative_to(folder).as_posix()): hashlib.sha256(p.read_bytes()).hexdigest() for p in files},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def main() -> None:
    """Bake, write, draw."""
    folder = AVATARS / "ada"
    (folder / "vector").mkdir(parents=True, exist_ok=True)
    baked, palette = bake(), _Palette()
    rest = figure(np.zeros(len(INPUTS)))
    shapes = {"background": background(palette), "figure": describe(rest, palette)}
    (folder / "vector" / "shapes.json").write_text(json.dumps(shapes, separators=(",", ":")) + "\n")
    (folder / "vector" / "palette.json").write_text(json.dumps(palette.colours, indent=0) + "\n")
    np.savez_compressed(folder / "vector" / "points.npz", allow_pickle=False, **baked.arrays)
    (folder / "vector" / "source.svg").write_text(svg(rest, Rig(baked.arrays, list(INPUTS))))
    rig = {"inputs": INPUTS, "bake_error_canvas_units": baked.error}
    (folder / "rig.json").write_text(json.dumps(rig, indent=1) + "\n")
    for name in ("sheet.png", "preview.png"):
        (folder / name).unlink(missing_ok=True)
    write_manifest(folder)
    write_sheet(str(folder), folder / "sheet.png")
    write_preview(str(folder), folder / "preview.png")
    write_manifest(folder)
    print(f"{folder}: bake error {baked.error}, {sum(f.stat().st_size for f in folder.rglob('*.*')) / 1e6:.1f} MB")
    assert cv2.imread(str(folder / "preview.png")) is not None


if __name__ == "__main__":
    main()
