"""torch -> ONNX by the exporter that traces with torch.export; no second way is tried when it fails."""

import copy
import logging
import re
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runtime.core.errors import UserError

if TYPE_CHECKING:
    import onnx

    from exporters.export import Export

OPSET = 18


def to_onnx(spec: "Export") -> "onnx.ModelProto":
    """Return the net as an ONNX model in FP32, with the names of `spec` and without a trace of where it was made.

    Raises:
        UserError: torch can't trace or translate the net, or an axis said to be open is fixed by it.
    """
    import onnx
    import torch

    from exporters.recurrent import TRANSLATIONS, with_gru_operators

    net = with_gru_operators(copy.deepcopy(spec.net).cpu().eval())
    inputs = tuple(spec.inputs.values())
    shapes = tuple(dict.fromkeys(spec.dynamic.get(name, {}), torch.export.Dim.DYNAMIC) for name in spec.inputs)
    noisy = logging.getLogger("torch.onnx")
    level = noisy.level
    noisy.setLevel(logging.ERROR)  # it warns of torchvision, which nothing here uses
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, of its coming versions
            # The open axes go by position: forward's names need not be those of the file.
            program = torch.export.export(net, inputs, dynamic_shapes=shapes)
            exported = torch.onnx.export(
                program,
                input_names=list(spec.inputs),
                output_names=list(spec.outputs),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                custom_translation_table=TRANSLATIONS,
                verbose=False,
            )
    except Exception as error:  # torch raises classes of its own, without a common base but this
        raise UserError(f"{spec.name} can't be exported: {error}", f"See exporters/{spec.name}.py.") from error
    finally:
        noisy.setLevel(level)
    assert exported is not None
    model = exported.model_proto
    _name_axes(model, spec.dynamic)
    _clean(model)
    onnx.checker.check_model(model, full_check=True)
    return model


def with_metadata(model: "onnx.ModelProto", metadata: Mapping[str, str]) -> "onnx.ModelProto":
    """Return the model with `metadata` as its only properties, in order of their keys."""
    del model.metadata_props[:]
    for key in sorted(metadata):
        model.metadata_props.add(key=key, value=metadata[key])
    return model


def _name_axes(model: "onnx.ModelProto", dynamic: Mapping[str, Mapping[int, str]]) -> None:
    """Give the open axes of inputs and outputs their names instead of the tracer's (`s77`)."""
    names: dict[str, str] = {}
    for value in model.graph.input:
        for axis, name in dynamic.get(value.name, {}).items():
            dimension = value.type.tensor_type.shape.dim[axis]
            names[dimension.dim_param] = name
            dimension.dim_param = name
    for value in model.graph.output:
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.HasField("dim_param"):
                dimension.dim_param = re.sub(r"\w+", lambda m: names.get(m[0], m[0]), dimension.dim_param)


def _clean(model: "onnx.ModelProto") -> None:
    """Take out what the exporter notes beside the graph: stack traces with paths, and its guesses of inner shapes."""
    del model.metadata_props[:]
    model.doc_string = ""
    graph = model.graph
    del graph.value_info[:]
    parts: list[Any] = [graph, *graph.node, *graph.initializer, *graph.input, *graph.output, *model.functions]
    parts += [node for function in model.functions for node in function.node]
    for part in parts:
        del part.metadata_props[:]
        part.doc_string = ""
