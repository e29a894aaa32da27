"""A Whisper of the real shape but tiny, made from numbers alone: it was trained on nothing.

Its encoder is random. Its decoder looks only at the place in the text, so it writes the same words whatever it hears;
`sure` says whether with a high or a low probability.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperSpec
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

_SPECIAL = ("<|endoftext|>", "<|startoftranscript|>", "<|nospeech|>", "<|notimestamps|>", "<|0.00|>", "<|0.02|>")
_PROMPT = 2  # start of transcript, no timestamps
MELS = 80


def write_model(folder: Path, text: str, sure: bool = True, width: int = 32, layers: int = 1, heads: int = 2) -> Path:
    """Write a model that reads every sound as `text`, as faster-whisper loads it, and return its folder."""
    vocabulary = [*dict.fromkeys(text.split()), *(f"filler{n}" for n in range(40)), *_SPECIAL]
    random = np.random.default_rng(0)
    spec = WhisperSpec(layers, heads, layers, heads)
    _fill_encoder(spec.encoder, width, random)
    _fill_decoder(spec.decoder, width, len(vocabulary))
    script = [vocabulary.index(token) for token in (*text.split(), "<|endoftext|>")]
    for place, token in enumerate(script):
        spec.decoder.projection.weight[token, place + _PROMPT - 1] = 4.0 if sure else 0.1
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids, spec.config.suppress_ids_begin, spec.config.lang_ids = [], [], []
    spec.config.alignment_heads = [[0, 0]]
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer = Tokenizer(WordLevel({token: number for number, token in enumerate(vocabulary)}, unk_token="filler0"))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    return folder


def _weights(random: np.random.Generator | None, *shape: int) -> NDArray[np.float32]:
    if random is None:
        return np.zeros(shape, np.float32)
    return (random.standard_normal(shape) * 0.1).astype(np.float32)


def _linear(spec: Any, outputs: int, inputs: int, random: np.random.Generator | None) -> None:
    spec.weight, spec.bias = _weights(random, outputs, inputs), np.zeros(outputs, np.float32)


def _norm(spec: Any, width: int) -> None:
    spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def _attention(spec: Any, width: int, sizes: tuple[int, ...], random: np.random.Generator | None) -> None:
    _norm(spec.layer_norm, width)
    for linear, size in zip(spec.linear, sizes, strict=True):
        _linear(linear, size * width, width, random)


def _feed_forward(spec: Any, width: int, random: np.random.Generator | None) -> None:
    _norm(spec.layer_norm, width)
    _linear(spec.linear_0, 4 * width, width, random)
    _linear(spec.linear_1, width, 4 * width, random)


def _fill_encoder(spec: Any, width: int, random: np.random.Generator) -> None:
    for convolution, inputs in ((spec.conv1, MELS), (spec.conv2, width)):
        convolution.weight, convolution.bias = _weights(random, width, inputs, 3), np.zeros(width, np.float32)
    spec.position_encodings.encodings = _weights(random, 1_500, width)
    _norm(spec.layer_norm, width)
    for layer in spec.layer:
        _attention(layer.self_attention, width, (3, 1), random)
        _feed_forward(layer.ffn, width, random)


def _fill_decoder(spec: Any, width: int, tokens: int) -> None:
    spec.embeddings.weight = np.zeros((tokens, width), np.float32)
    spec.position_encodings.encodings = np.eye(448, width, dtype=np.float32)
    _norm(spec.layer_norm, width)
    spec.projection.weight = np.zeros((tokens, width), np.float32)
    for layer in spec.layer:
        _attention(layer.self_attention, width, (3, 1), None)
        _attention(layer.attention, width, (1, 2, 1), None)
        _feed_forward(layer.ffn, width, None)
