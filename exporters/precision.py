"""The precisions of a model: FP16 weights (what ships), FP32 and INT8 (what the benchmark compares it with)."""

import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

MIN_ELEMENTS: Final = 256
"""A smaller tensor stays in FP32: nothing is gained, and it may be a mean or a scale that needs its digits."""
SUFFIX: Final = "_fp16"


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


def to_fp32(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Return a copy whose float16 weights are written out in float32, without the casts."""
    import onnx
    from onnx import numpy_helper

    large = onnx.ModelProto()
    large.CopyFrom(model)
    stored = {weight.name: weight for weight in large.graph.initializer if weight.name.endswith(SUFFIX)}
    for node in [node for node in large.graph.node if node.op_type == "Cast" and node.input[0] in stored]:
        weight = stored[node.input[0]]
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float32), node.output[0]))
        large.graph.node.remove(node)
    return large


def to_int8(model: "onnx.ModelProto", inputs: Sequence[dict[str, NDArray[Any]]]) -> bytes:
    """Return the model quantised statically: QDQ, unsigned activations, signed weights a channel, ranges by `inputs`.

    The way of https://arxiv.org/abs/1712.05877 as ONNX Runtime's own tool does it.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter(inputs)

        def get_next(self) -> dict[str, NDArray[Any]] | None:
            return next(self._left, None)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        onnx.save(to_fp32(model), folder / "fp32.onnx")
        quantize_static(
            folder / "fp32.onnx",
            folder / "int8.onnx",
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
        return (folder / "int8.onnx").read_bytes()
