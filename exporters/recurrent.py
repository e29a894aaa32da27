"""nn.GRU as one GRU operator: torch.export by itself unrolls it and so fixes the number of steps."""

from collections.abc import Callable
from typing import Any, Final

import torch
from onnxscript import opset18 as op
from torch import Tensor, nn

from runtime.core.errors import UserError

torch_gru: Final = torch.ops.aten.gru.input


@torch.library.custom_op("avatar::gru", mutates_args=())
def _gru(steps: Tensor, state: Tensor, weights: Tensor, recurrent: Tensor, biases: Tensor) -> tuple[Tensor, Tensor]:
    """One layer, one way; gates in ONNX's order. `steps` is (time, batch, features), `state` (1, batch, hidden)."""
    ih, hh = _turned(weights[0]), _turned(recurrent[0])
    one, two = biases[0].chunk(2)
    parameters = [ih, hh, _turned(one), _turned(two)]
    out, last = torch_gru(steps, state, parameters, True, 1, 0.0, False, False, False)
    return out.clone(), last.clone()


@_gru.register_fake
def _(steps: Tensor, state: Tensor, weights: Tensor, recurrent: Tensor, biases: Tensor) -> tuple[Tensor, Tensor]:
    return steps.new_empty((steps.shape[0], steps.shape[1], state.shape[2])), torch.empty_like(state)


def _turned(gates: Tensor) -> Tensor:
    """Swap the first two of three gates: torch has reset, update, new; ONNX update, reset, new. Its own inverse."""
    first, second, third = gates.chunk(3)
    return torch.cat([second, first, third])


class GruOperator(nn.Module):
    """Stands for a trained one-way nn.GRU of any number of layers in an export; takes and gives the same tensors."""

    def __init__(self, source: nn.GRU) -> None:
        super().__init__()
        if source.bidirectional or not source.bias:
            raise UserError("A GRU that looks both ways or has no biases can't be exported.", "Take another net.")
        self._batch_first, self._layers, self._hidden = source.batch_first, source.num_layers, source.hidden_size
        for layer in range(source.num_layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            ih, hh, one, two = (_turned(getattr(source, f"{name}_l{layer}").detach()) for name in names)
            self.register_buffer(f"weights{layer}", ih[None].clone())
            self.register_buffer(f"recurrent{layer}", hh[None].clone())
            self.register_buffer(f"biases{layer}", torch.cat([one, two])[None].clone())

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return every step's output and the last state, as nn.GRU does for a batch."""
        steps = x.transpose(0, 1) if self._batch_first else x
        if state is None:
            state = steps.new_zeros((self._layers, steps.shape[1], self._hidden))
        lasts = []
        for layer in range(self._layers):
            parameters = (getattr(self, f"{name}{layer}") for name in ("weights", "recurrent", "biases"))
            steps, last = torch.ops.avatar.gru(steps, state[layer : layer + 1], *parameters)
            lasts.append(last)
        return (steps.transpose(0, 1) if self._batch_first else steps), torch.cat(lasts)


def with_gru_operators(net: nn.Module) -> nn.Module:
    """Return the net with every nn.GRU in it exchanged; other nets come back as they are."""
    if isinstance(net, nn.GRU):
        return GruOperator(net)
    for name, child in net.named_children():
        setattr(net, name, with_gru_operators(child))
    return net


def _translate(steps: Any, state: Any, weights: Any, recurrent: Any, biases: Any) -> tuple[Any, Any]:
    """Write the operator down. Its output has an axis for the direction, which is taken out again."""
    out, last = op.GRU(
        steps,
        weights,
        recurrent,
        biases,
        None,
        state,
        hidden_size=weights.shape[1] // 3,
        linear_before_reset=1,
    )
    axis: Any = op.Constant(value_ints=[1])
    return op.Squeeze(out, axis), last


TRANSLATIONS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {torch.ops.avatar.gru.default: _translate}
