"""What a model's stored weights are computed in: FP32 from the file as it is, or FP16 from a rewritten copy.

A file stores its large weights in float16, each behind a Cast to float32; the largest model's in 8 bits, each behind a
Cast and a Mul by the scales of its rows. ONNX Runtime does these once, when it makes the session, so the CPU computes
in FP32 (its FP16 arithmetic is up to 2.7 times slower). CUDA gets the graph of a file in float16 in FP16; what goes in
and comes out stays float32, and so do recurrent layers, whose rounding would add up over the steps.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from runtime.core.errors import UserError

if TYPE_CHECKING:
    import onnx

FP16_SUFFIX: Final = "_fp16"
INT8_SUFFIX: Final = "_int8"
SCALE_SUFFIX: Final = "_scale"
"""End the names of weights that are stored in float16 or 8 bits to be cast, and of the scales of the latter."""
RECURRENT: Final = ("GRU", "LSTM", "RNN")


def without_casts(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Return a copy whose stored weights are written out in float32, their casts and scales gone."""
    import numpy as np
    import onnx
    from onnx import numpy_helper

    large = onnx.ModelProto()
    large.CopyFrom(model)
    suffixes = (FP16_SUFFIX, INT8_SUFFIX, SCALE_SUFFIX)
    weights = [weight for weight in large.graph.initializer if not weight.name.endswith(suffixes)]
    stored = [weight for weight in large.graph.initializer if weight.name.endswith(suffixes)]
    known = {weight.name: numpy_helper.to_array(weight).astype(np.float32) for weight in stored}
    kept = []
    for node in large.graph.node:
        values = [known[name] for name in node.input if name in known]
        if node.op_type not in ("Cast", "Mul") or len(values) < len(node.input):
            kept.append(node)
        else:
            known[node.output[0]] = np.prod(np.broadcast_arrays(*values), axis=0, dtype=np.float32)
    used = {name for node in kept for name in node.input}
    weights += [numpy_helper.from_array(known[name], name) for name in known if name in used]
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in kept]
    del large.graph.initializer[:], large.graph.node[:]
    large.graph.initializer.extend(weights)
    large.graph.node.extend(nodes)
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
