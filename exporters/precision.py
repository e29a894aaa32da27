"""The precisions of a model: FP16 or 8-bit weights, which ship, and INT8, which the benchmark compares them with."""

import copy
import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.precision import FP16_SUFFIX, INT8_SUFFIX, SCALE_SUFFIX, without_casts

if TYPE_CHECKING:
    import onnx

Stored = tuple[list[tuple[str, NDArray[Any]]], list[tuple[str, list[str], str]]]
"""Weights by name, and nodes (operator, inputs, output) that make the FP32 weight of them."""

MIN_ELEMENTS: Final = 256
"""A smaller tensor stays in FP32: nothing is gained, and it may be a mean or a scale that needs its digits."""


def to_fp16_weights(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Return a copy whose large FP32 weights are stored as float16, each behind a Cast to float32.

    ONNX Runtime does these casts once, when it makes the session, so that the CPU computes in FP32 at FP32's speed. A
    tensor with a value that float16 can't hold stays as it is.
    """

    def stored(name: str, values: NDArray[np.float32]) -> Stored | None:
        if not _fits(values):
            return None
        return [(name + FP16_SUFFIX, values.astype(np.float16))], [("Cast", [name + FP16_SUFFIX], name)]

    return _with_stored(model, stored)


def to_int8_weights(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Return a copy whose large FP32 matrices are stored in 8 bits, each behind a Cast and a Mul by scales.

    Rows, or columns where that is closer, have a scale of their own, so that the greatest value of each is 127. As with
    `to_fp16_weights`, it is computed with in FP32. What is no matrix is stored in float16.
    """

    def stored(name: str, values: NDArray[np.float32]) -> Stored | None:
        if values.ndim != 2:
            return [(name + FP16_SUFFIX, values.astype(np.float16))], [("Cast", [name + FP16_SUFFIX], name)]
        scales = [np.maximum(np.abs(values).max(axis=axis, keepdims=True), 1e-8) / 127 for axis in (0, 1)]
        scale = min(scales, key=lambda each: float(np.square(np.round(values / each) * each - values).sum()))
        whole = np.round(values / scale).astype(np.int8)
        weights = [(name + INT8_SUFFIX, whole), (name + SCALE_SUFFIX, scale.astype(np.float32))]
        wide = f"{name}_wide"
        return weights, [("Cast", [name + INT8_SUFFIX], wide), ("Mul", [wide, name + SCALE_SUFFIX], name)]

    return _with_stored(model, stored)


def _with_stored(
    model: "onnx.ModelProto", stored: Callable[[str, NDArray[np.float32]], Stored | None]
) -> "onnx.ModelProto":
    """Return a copy in which each large FP32 weight is replaced by the weights and nodes that `stored` makes of it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    small = onnx.ModelProto()
    small.CopyFrom(model)
    made, kept = [], []
    for weight in small.graph.initializer:
        values = numpy_helper.to_array(weight)
        large = weight.data_type == TensorProto.FLOAT and values.size >= MIN_ELEMENTS
        replaced = stored(weight.name, values) if large else None
        if replaced is None:
            kept.append(copy.deepcopy(weight))
            continue
        kept += [numpy_helper.from_array(array, name) for name, array in replaced[0]]
        for kind, inputs, output in replaced[1]:
            options: dict[str, Any] = {"to": TensorProto.FLOAT} if kind == "Cast" else {}
            made.append(helper.make_node(kind, inputs, [output], f"{kind.lower()}_{weight.name}", **options))
    nodes = [*made, *(copy.deepcopy(node) for node in small.graph.node)]
    del small.graph.initializer[:], small.graph.node[:]
    small.graph.initializer.extend(kept)
    small.graph.node.extend(nodes)
    return small


def _fits(values: NDArray[Any]) -> bool:
    return bool(np.abs(values).max(initial=0) <= np.finfo(np.float16).max)


def to_int8(model: "onnx.ModelProto", inputs: Sequence[dict[str, NDArray[Any]]]) -> bytes:
    """Return the model quantised statically: QDQ, unsigned activations, signed weights a channel, ranges by `inputs`.

    The way of https://arxiv.org/abs/1712.05877 as ONNX Runtime's own tool does it.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter(inputs)

        def get_next(self) -> dict[str, NDArray[Any]] | None:
            return next(self._left, None)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        onnx.save(without_casts(model), folder / "fp32.onnx")
        logging.disable(logging.WARNING)  # it warns of each weight that has no channels
        try:
            quant_pre_process(folder / "fp32.onnx", folder / "ready.onnx", skip_symbolic_shape=True)
            quantize_static(
                folder / "ready.onnx",
                folder / "int8.onnx",
                Reader(),
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
            )
        finally:
            logging.disable(logging.NOTSET)
        return (folder / "int8.onnx").read_bytes()
