"""A Piper voice, with a small model of the same form made here."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runtime.core.errors import UserError
from runtime.voice.piper import PiperSynthesizer, phoneme_ids, phonemised
from runtime.voice.synthesizer import VoiceStyle
from tests.voice.checks import TEXTS, check_utterance, symbols

onnx = pytest.importorskip("onnx")
pytest.importorskip("espeakng_loader")

LETTERS = "_^$ ,.?!abcdefhiklmnoprstuvwzðəɛɪɹʃʊʌɐɑɔæŋɡθɾɚɜjːˈˌ"
IDS = {letter: [number] for number, letter in enumerate(LETTERS)}
HOP = 256
HOPS_PER_ID = 5


def make_voice(folder: Path, alignments: bool = False, speakers: int = 1, **described: Any) -> Path:
    """Write a voice whose audio is 5 hops for each id, in proportion to the length scale, as loud as the id is high."""
    h, t = onnx.helper, onnx.TensorProto
    inputs = [
        h.make_tensor_value_info("input", t.INT64, [1, "n"]),
        h.make_tensor_value_info("input_lengths", t.INT64, [1]),
        h.make_tensor_value_info("scales", t.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(h.make_tensor_value_info("sid", t.INT64, [1]))
    samples = np.zeros((1, 1, HOP * HOPS_PER_ID), np.float32)
    samples[..., ::2] = 1.0
    constants = [
        h.make_tensor("one", t.INT64, [1], [1]),
        h.make_tensor("two", t.INT64, [1], [2]),
        h.make_tensor("small", t.FLOAT, [1], [0.005]),
        h.make_tensor("wave", t.FLOAT, samples.shape, samples.ravel()),
        h.make_tensor("flat", t.INT64, [4], [1, 1, 1, -1]),
        h.make_tensor("last", t.INT64, [1], [2]),
        h.make_tensor("hops", t.FLOAT, [1], [float(HOPS_PER_ID)]),
    ]
    nodes = [
        h.make_node("Cast", ["input"], ["ids"], to=t.FLOAT),
        h.make_node("Mul", ["ids", "small"], ["levels"]),
        h.make_node("Unsqueeze", ["levels", "last"], ["column"]),
        h.make_node("Mul", ["column", "wave"], ["pieces"]),
        h.make_node("Gather", ["scales", "one"], ["stretch"]),
        h.make_node("Reshape", ["pieces", "flat"], ["output"]),
    ]
    outputs = [h.make_tensor_value_info("output", t.FLOAT, [1, 1, 1, "m"])]
    if alignments:
        nodes += [
            h.make_node("Sub", ["levels", "levels"], ["zeros"]),
            h.make_node("Add", ["zeros", "hops"], ["durations"]),
        ]
        outputs.append(h.make_tensor_value_info("durations", t.FLOAT, [1, "n"]))
    graph = h.make_graph(nodes, "voice", inputs, outputs, constants)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    path = folder / "voice.onnx"
    onnx.save(model, path)
    config = {
        "audio": {"sample_rate": 22_050},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_id_map": IDS,
        "num_speakers": speakers,
        "speaker_id_map": {"jo": 1} if speakers > 1 else {},
    }
    path.with_name("voice.onnx.json").write_text(json.dumps(config | described), encoding="utf-8")
    return path


def loaded(path: Path) -> PiperSynthesizer:
    voice = PiperSynthesizer(str(path), threads=1)
    voice.load()
    return voice


def test_it_speaks_any_text_with_times_that_cover_it(tmp_path: Path) -> None:
    voice = loaded(make_voice(tmp_path))
    for text in TEXTS:
        utterance = voice.synthesise(text, VoiceStyle())
        assert utterance.rate_hz == 22_050
        assert utterance.duration_s > 0.1
        check_utterance(utterance)
    for text in ("", " ", "...", "😀"):
        assert not len(voice.synthesise(text, VoiceStyle()).audio)


def test_phonemes_are_those_that_the_voice_was_given(tmp_path: Path) -> None:
    utterance = loaded(make_voice(tmp_path)).synthesise("Hello there. Hello.", VoiceStyle())
    assert symbols(utterance) == "h ə l oʊ ð ɛɹ h ə l oʊ"
    assert [word.text for word in utterance.words] == ["Hello", "there.", "Hello."]


def test_text_becomes_decomposed_ipa_with_its_marks() -> None:
    loaded_text = phonemised("Hello there, café. Bye?", "en-us")
    assert loaded_text == "həlˈoʊ ðˈɛɹ, kæfˈeɪ. bˈaɪ?"


def test_ids_are_padded_as_in_training() -> None:
    table = {"^": [1], "_": [0], "$": [2], "a": [7], "b": [8, 9]}
    assert phoneme_ids("a?b", table) == ([1, 0, 7, 0, 8, 9, 0, 2], [0, 0, 1, 1, 3, 3, 3, 0])


def test_a_voice_with_alignments_gives_exact_times(tmp_path: Path) -> None:
    utterance = loaded(make_voice(tmp_path, alignments=True)).synthesise("a sun", VoiceStyle())
    # ids: ^ _ ɐ _ space _ s _ ˈ _ ʌ _ n _ $; the pad, id 0, is silent
    hop_s = HOP * HOPS_PER_ID / 22_050
    starts = {phoneme.symbol: phoneme.start_s for phoneme in utterance.phonemes}
    assert starts["s"] - starts["ʌ"] == pytest.approx(-4 * hop_s, abs=1e-3)
    assert starts["ʌ"] - starts["n"] == pytest.approx(-2 * hop_s, abs=1e-3)


def test_speakers_go_by_name_and_number(tmp_path: Path) -> None:
    voice = loaded(make_voice(tmp_path, speakers=3))
    assert [voice.has_voice(name) for name in ("jo", "2", "3", "ann", "")] == [True, True, False, False, False]
    assert voice.synthesise("hello", VoiceStyle("jo")).duration_s > 0.1


def test_what_is_wrong_with_a_voice_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file"):
        loaded(tmp_path / "absent.onnx")
    path = make_voice(tmp_path, audio={"sample_rate": 5})
    with pytest.raises(UserError, match=r"no description of a Piper voice.*sample_rate"):
        loaded(path)
    path = make_voice(tmp_path, num_speakers=4)
    with pytest.raises(UserError, match="does not take"):
        loaded(path)
    path.write_bytes(b"not a model")
    with pytest.raises(UserError, match="can't be loaded"):
        loaded(path)
    path.with_name("voice.onnx.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="no description"):
        loaded(path)
