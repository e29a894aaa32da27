"""Our own binding of ThorVG's C interface, to the library inside the `thorvg-python` wheel.

Small calls go through `PyDLL` (they take less than handing the GIL over would), the three that draw through `CDLL`,
which lets go of the GIL. Source of the interface: ThorVG 1.x, `thorvg_capi.h`.
"""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, Final

from runtime.core.errors import UserError

_P, _F, _U8, _U32 = ctypes.c_void_p, ctypes.c_float, ctypes.c_uint8, ctypes.c_uint32
ABGR8888: Final = 0
"""Red, green, blue, alpha bytes in memory, premultiplied."""
ROUND: Final = 1


class Matrix(ctypes.Structure):
    """A 3x3 transform in rows."""

    _fields_ = tuple((name, _F) for name in ("e11", "e12", "e13", "e21", "e22", "e23", "e31", "e32", "e33"))


class ColorStop(ctypes.Structure):
    """A gradient's stop: place 0..1 and colour."""

    _fields_ = (("offset", _F), ("r", _U8), ("g", _U8), ("b", _U8), ("a", _U8))


_SMALL: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "tvg_engine_init": (ctypes.c_int, (_U32,)),
    "tvg_swcanvas_create": (_P, (ctypes.c_int,)),
    "tvg_canvas_destroy": (ctypes.c_int, (_P,)),
    "tvg_swcanvas_set_target": (ctypes.c_int, (_P, _P, _U32, _U32, _U32, ctypes.c_int)),
    "tvg_canvas_add": (ctypes.c_int, (_P, _P)),
    "tvg_scene_new": (_P, ()),
    "tvg_scene_add": (ctypes.c_int, (_P, _P)),
    "tvg_shape_new": (_P, ()),
    "tvg_shape_reset": (ctypes.c_int, (_P,)),
    "tvg_shape_append_path": (ctypes.c_int, (_P, _P, _U32, _P, _U32)),
    "tvg_shape_set_fill_color": (ctypes.c_int, (_P, _U8, _U8, _U8, _U8)),
    "tvg_shape_set_stroke_color": (ctypes.c_int, (_P, _U8, _U8, _U8, _U8)),
    "tvg_shape_set_stroke_width": (ctypes.c_int, (_P, _F)),
    "tvg_shape_set_stroke_cap": (ctypes.c_int, (_P, ctypes.c_int)),
    "tvg_shape_set_stroke_join": (ctypes.c_int, (_P, ctypes.c_int)),
    "tvg_shape_set_gradient": (ctypes.c_int, (_P, _P)),
    "tvg_linear_gradient_new": (_P, ()),
    "tvg_linear_gradient_set": (ctypes.c_int, (_P, _F, _F, _F, _F)),
    "tvg_radial_gradient_new": (_P, ()),
    "tvg_radial_gradient_set": (ctypes.c_int, (_P, _F, _F, _F, _F, _F, _F)),
    "tvg_gradient_set_color_stops": (ctypes.c_int, (_P, ctypes.POINTER(ColorStop), _U32)),
    "tvg_paint_set_transform": (ctypes.c_int, (_P, ctypes.POINTER(Matrix))),
    "tvg_paint_set_opacity": (ctypes.c_int, (_P, _U8)),
    "tvg_paint_set_clip": (ctypes.c_int, (_P, _P)),
}
_LARGE: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "tvg_canvas_update": (ctypes.c_int, (_P,)),
    "tvg_canvas_draw": (ctypes.c_int, (_P, ctypes.c_bool)),
    "tvg_canvas_sync": (ctypes.c_int, (_P,)),
}


class ThorVg:
    """The library's functions as attributes, without their `tvg_` prefix."""

    def __init__(self, path: Path) -> None:
        try:
            small, large = ctypes.PyDLL(str(path)), ctypes.CDLL(str(path))
        except OSError as error:
            raise UserError(f"ThorVG could not be loaded: {error}.", "Reinstall the package thorvg-python.") from error
        for library, functions in ((small, _SMALL), (large, _LARGE)):
            for name, (result, arguments) in functions.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
                setattr(self, name.removeprefix("tvg_"), function)
        self.engine_init(0)  # no threads of its own: a frame is drawn on the calling thread

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@cache
def thorvg() -> ThorVg:
    """Return the library, loaded once a process.

    Raises:
        UserError: it is not installed or can't be loaded.
    """
    found = importlib.util.find_spec("thorvg_python")
    folder = Path(found.origin).parent if found and found.origin else None
    files = sorted(folder.glob("*thorvg*.so*")) + sorted(folder.glob("*thorvg*.dylib")) if folder else []
    files += sorted(folder.glob("*thorvg*.dll")) if folder else []
    if not files:
        raise UserError("The ThorVG library was not found.", "Install the package thorvg-python.")
    return ThorVg(files[0])
