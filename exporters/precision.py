"""The precisions of a model: FP16 weights, which ship, and INT8, which the benchmark compares them with."""

import copy
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.precision import SUFFIX, without_casts

if TYPE_CHECKING:
    import onnx

MIN_ELEMENTS: Final = 256
"""A smaller tensor stays in FP32: nothing is gained, and it may be a mean or a scale that needs its digits."""


def to_fp16_weights(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Return a copy whose large FP32 weights are stored as float16, each behind a Cast to float32.

    ONNX Runtime does these casts once, when it makes the session, so that the CPU computes in FP32 at FP32's speed. A
    tensor with a value that float16 can't hold stays as it is.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    small = onnx.ModelProto()
    small.CopyFrom(model)
    casts, kept = [], []
    for weight in small.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < MIN_ELEMENTS or not _fits(values):
            kept.append(copy.deepcopy(weight))
            continue
        stored = weight.name + SUFFIX
        kept.append(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(helper.make_node("Cast", [stored], [weight.name], f"cast_{weight.name}", to=TensorProto.FLOAT))
    nodes = [*casts, *(copy.deepcopy(node) for node in small.graph.node)]
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
