"""What a model's FP16 weights are computed in: FP32 from the file as it is, or FP16 from a rewritten copy.

A file stores its large weights in float16, each behind a Cast to float32. ONNX Runtime does these casts once, when it
makes the session, so the CPU computes in FP32 (its FP16 arithmetic is up to 2.7 times slower). CUDA gets the graph in
FP16; what goes in and comes out stays float32, and so do recurrent layers, whose rounding would add up over the steps.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from runtime.core.errors import UserError

if TYPE_CHECKING:
    import onnx

SUFFIX: Final = "_fp16"
"""Ends the name of every weight that is stored in float16 to be cast."""
RECURRENT: Final = ("GRU", "LSTM", "RNN")


def without_casts(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Return a copy whose float16 weights are written out in float32, their casts gone."""
    import numpy as np
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


def in_fp16(path: Path) -> bytes:
    """Return the model of a file as one that computes in FP16, with float32 inputs and outputs as before.

    Raises:
        UserError: the package onnx, which rewrites it, is not installed; or the file is no model.
    """
    try:
        import onnx
    except ImportError:
        raise UserError("FP16 needs the package onnx.", "Run: make gpu") from None
    from google.protobuf.message import DecodeError
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    try:
        model = onnx.load(path)
    except DecodeError as error:
        raise UserError(f"{path} can't be loaded as an ONNX model: {error}.", "Restore the file.") from None
    blocked = [*DEFAULT_OP_BLOCK_LIST, *RECURRENT]
    half: onnx.ModelProto = convert_float_to_float16(without_casts(model), keep_io_types=True, op_block_list=blocked)
    return bytes(half.SerializeToString())
