"""Leaves each speaker out in turn to score teacher and student, then trains both on all speakers."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from runtime.perception.voice_emotion import LABELS
from training import measures, plots
from training.batches import whole
from training.losses import soft_targets
from training.run import Fit, Run
from training.voice_emotion import scores
from training.voice_emotion.data import Utterances, Voices, acted, heard, read_out
from training.voice_emotion.nets import Ensemble, build
from training.voice_emotion.sounds import change_with

STUDENT: Final = {"hidden": 512}
MEMBERS, HIDDEN, DROPOUT = 6, 512, 0.3
EPOCHS: Final = 8
COPIES, READ_COPIES = 12, 4
BALANCE, READ_SHARE, SMOOTHING, READ_SMOOTHING = 0.25, 0.25, 0.1, 0.2
TEMPERATURE, SOFT_WEIGHT = 2.0, 0.7
SMOKE_EACH: Final = 1
"""Utterances of each speaker and emotion, or of each reader, in the smoke profile."""
SMOKE_SPEAKERS: Final = (3, 8)

Batch = tuple[Tensor, Tensor]


def train(run: Run) -> None:
    """Score both nets on speakers left out, train them on all, and save the student."""
    voices, readers, other_readers = _voices(run)
    answers = {name: scores.Answers.none(len(voices)) for name in ("teacher", "student")}
    for speaker in np.unique(voices.speakers):
        held = voices.speakers == speaker
        nets = _fit_both(run, f"-{speaker:02}", voices.where(~held), readers, voices.where(held))
        for name, net in nets.items():
            answers[name].hear(net, voices, held, other_readers)
    nets = _fit_both(run, "", voices, readers, voices)
    temperature = scores.best_temperature(answers["student"].clean, voices.labels)
    run.save_student(nets["student"], STUDENT | {"temperature": temperature, "arousal": scores.AROUSAL})
    for name, net in nets.items():
        found = scores.figures(answers[name], voices)
        run.note(**{name: found | {"parameters": sum(weight.numel() for weight in net.parameters())}})
    run.note(
        utterances=len(voices),
        readers_utterances=len(other_readers),
        split="each speaker of EmoDB left out in turn; every other reader of LibriSpeech is never learnt from",
    )


def _voices(run: Run) -> tuple[Voices, Voices, Voices]:
    """Return the features of EmoDB, of the readers to learn from, and of the readers kept apart."""
    most = SMOKE_EACH if run.smoke else None
    emodb = acted(run.folder("voice_emotion/emodb"), most)
    if run.smoke:
        emodb = [cut for cut in emodb if cut.speaker in SMOKE_SPEAKERS]
    one, other = read_out(run.folder("speech/librispeech_other"), most)
    change, talkers = change_with([cut.sound for cut in one], run.seed), [cut.sound for cut in other]
    copies, read_copies = (1, 1) if run.smoke else (COPIES, READ_COPIES)
    return (
        heard(emodb, change, copies, talkers, run.seed),
        heard(one, change, read_copies, talkers, run.seed + 1),
        heard(other, change, 0, talkers, run.seed + 2),
    )


def _fit_both(run: Run, suffix: str, voices: Voices, readers: Voices, held: Voices) -> dict[str, nn.Module]:
    """Return teacher and student, trained on `voices` and `readers`; `held` is looked at when all is done."""
    items = Utterances(voices, readers, BALANCE, READ_SHARE, SMOOTHING, READ_SMOOTHING)
    teacher = run.fit(
        _fit(run, f"teacher{suffix}", Ensemble(MEMBERS, HIDDEN, DROPOUT).fit_scale(items.features), plain, items, held)
    )
    small = build({**STUDENT, "dropout": DROPOUT}).fit_scale(items.features)
    student = run.fit(_fit(run, f"student{suffix}", small, distilled(teacher), items, held))
    return {"teacher": teacher, "student": student}


def _fit(
    run: Run, name: str, net: nn.Module, loss: Callable[[nn.Module, Batch], Tensor], items: Utterances, held: Voices
) -> Fit:
    epochs = 1 if run.smoke else EPOCHS

    def evaluate(net: nn.Module) -> dict[str, float]:
        return {"accuracy": measures.accuracy(held.labels, scores.logits(net, held.clean).argmax(axis=1))}

    def draw(net: nn.Module, path: Path) -> None:
        got = scores.logits(net, held.clean).argmax(axis=1)
        plots.confusion(measures.confusion(held.labels, got, len(LABELS)), LABELS, path, name)

    return Fit(
        name=name,
        net=net,
        loss=loss,
        train=items,
        evaluate=evaluate,
        best="accuracy",
        epochs=epochs,
        evaluate_every=epochs,  # once, at the end: the speaker left out must not choose the weights
        batch_size=16 if run.smoke else 64,
        rate=2e-3,
        weight_decay=0.05,
        ema=0.99,
        collate=whole,
        weights=items.shares,
        samples=draw,
    )


def plain(net: nn.Module, batch: Batch) -> Tensor:
    """Return the mean cross-entropy of all members of the teacher with the wanted chances."""
    features, wanted = batch
    assert isinstance(net, Ensemble)
    each = net.each(features)
    return F.cross_entropy(each.flatten(0, 1), wanted.repeat(len(each), 1))


def distilled(teacher: nn.Module) -> Callable[[nn.Module, Batch], Tensor]:
    """Return the student's loss: mostly the teacher's softened chances, the rest the wanted ones."""

    def loss(net: nn.Module, batch: Batch) -> Tensor:
        features, wanted = batch
        with torch.no_grad():
            told = teacher(features)
        answer = net(features)
        soft = soft_targets(answer, told, TEMPERATURE)
        return SOFT_WEIGHT * soft + (1 - SOFT_WEIGHT) * F.cross_entropy(answer, wanted)

    return loss
