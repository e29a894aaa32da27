"""Cleaning finds what was planted in data, and writes it where a person decides."""

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

pytest.importorskip("sklearn")
pytest.importorskip("cleanlab")

from runtime.core.errors import UserError
from training.__main__ import main
from training.cleaning import pictures, sound
from training.cleaning.review import Review, Row

RATE_HZ = 16_000


def clean(kind: str, data: Path, *words: str) -> dict[tuple[str, str], Row]:
    """Clean DATA/set and return the rows of its review by item and finding."""
    assert main(["clean", kind, "set", "--data", str(data), *words]) == 0
    return {row.key: row for row in Review.read(data / "reviews/set.csv").rows}


def picture(seed: int, blur_px: float = 0.0) -> NDArray[Any]:
    """A picture of random squares, some hundred pixels wide."""
    chance = np.random.default_rng(seed)
    whole = cv2.resize(chance.integers(0, 256, (12, 16), dtype=np.uint8), (320, 240), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), blur_px) if blur_px else whole)


def save(path: Path, made: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), made)


def test_pictures_blurred_blank_copied_and_broken_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for number in range(4):
        save(folder / f"good{number}.png", picture(number))
    save(folder / "copy.png", picture(2))
    dim = np.asarray(picture(3) * 0.9, np.uint8)
    save(folder / "later.png", dim)
    save(folder / "blurred.png", picture(7, blur_px=9.0))
    save(folder / "grey.png", np.full((240, 320), 90, np.uint8))
    (folder / "broken.png").write_bytes(b"no picture")
    rows = clean("pictures", tmp_path)
    assert set(rows) == {
        ("broken.png", "unreadable"),
        ("blurred.png", "blur"),
        ("grey.png", "blank"),
        ("good2.png", "duplicate"),
        ("later.png", "near copy"),
    }
    decided = {item: row.decision for (item, _), row in rows.items()}
    assert decided == {"broken.png": "drop", "good2.png": "drop", "blurred.png": "", "grey.png": "", "later.png": ""}
    assert all(row.proposal == "drop" for row in rows.values())
    assert "copy.png" in rows["good2.png", "duplicate"].detail


def test_sharpness_is_the_same_in_any_light() -> None:
    sharp = pictures.sharpness(picture(1))
    assert pictures.sharpness(np.asarray(picture(1) * 0.3, np.uint8)) == pytest.approx(sharp, rel=0.05)
    assert pictures.sharpness(picture(1, blur_px=3.0)) < sharp / 5


def tune(seed: int, seconds: float = 1.0) -> NDArray[np.float32]:
    """A melody of its own for each seed, at a quarter of full scale."""
    chance = np.random.default_rng(seed)
    times = np.arange(int(seconds * RATE_HZ) // 8) / RATE_HZ
    notes = [np.sin(2 * np.pi * hertz * times) for hertz in chance.uniform(150, 3000, 8)]
    return np.asarray(0.25 * np.concatenate(notes), np.float32)


def test_sounds_silent_clipped_and_copied_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    hum = np.asarray(1e-4 * np.random.default_rng(1).standard_normal(RATE_HZ), np.float32)
    sounds = {
        **{f"good{number}": tune(number) for number in range(4)},
        "softer": 0.5 * tune(0),
        "zeros": np.zeros(RATE_HZ, np.float32),
        "hum": hum,
        "clipped": np.clip(12 * tune(9), -0.9, 0.9),
    }
    for name, samples in sounds.items():
        soundfile.write(folder / f"{name}.wav", samples, RATE_HZ)
    (folder / "zz.wav").write_bytes((folder / "good1.wav").read_bytes())
    rows = clean("sound", tmp_path)
    assert {key: row.decision for key, row in rows.items()} == {
        ("zeros.wav", "silence"): "drop",
        ("hum.wav", "silence"): "",
        ("clipped.wav", "clipping"): "",
        ("zz.wav", "duplicate"): "drop",
        ("softer.wav", "near copy"): "",
    }


def test_the_share_of_clipped_samples_is_exact() -> None:
    ramp = np.linspace(-0.5, 0.49, 1_000).astype(np.float32)
    assert sound.clipped_share(ramp) == 0.0
    ramp[100:103] = ramp[500:507] = 0.9
    assert sound.clipped_share(ramp) == pytest.approx(10 / 1_000)


def texts(tmp_path: Path, wrong: int = 6) -> tuple[Path, list[str]]:
    """Write a table about two things, a few of its labels wrong; return the lines of those."""
    chance = np.random.default_rng(5)
    words = {
        "weather": "rain sun cloud wind snow storm warm cold sky wet".split(),
        "money": "bank card coin pay price cheap loan bill cash fee".split(),
    }
    common = "the a is it today tell me what how please".split()
    path = tmp_path / "set/questions.csv"
    path.parent.mkdir(parents=True)
    lines, planted = ["text,category"], []
    for number in range(200):
        label = ("weather", "money")[number % 2]
        said = [*chance.choice(words[label], 3, replace=False), *chance.choice(common, 4, replace=False)]
        given = label
        if number < wrong:
            given = ("money", "weather")[number % 2]
            planted.append(f"questions.csv:{number + 2}")
        lines.append(f"{' '.join(said)},{given}")
    path.write_text("\n".join(lines) + "\n")
    return path, planted


def test_wrong_labels_are_found_with_the_right_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, planted = texts(tmp_path)
    rows = clean("text", tmp_path, "--near", "1.1")
    suspects = [item for item, finding in rows if finding == "label"]
    assert set(suspects) <= set(planted)
    assert len(suspects) >= 4
    with path.open() as file:
        given = {f"questions.csv:{number}": row["category"] for number, row in enumerate(csv.DictReader(file), 2)}
    for item in suspects:
        row = rows[item, "label"]
        assert row.proposal == f"label {'money' if given[item] == 'weather' else 'weather'}"
        assert (row.decision, row.label_at) == ("", "column 1")
    assert "200 of 200 items are used" in capsys.readouterr().out


def test_decisions_stay_when_the_data_are_looked_at_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, _ = texts(tmp_path)
    review = tmp_path / "reviews/set.csv"
    clean("text", tmp_path)
    first = Review.read(review).rows
    by_item = {row.item: number for number, row in enumerate(first) if row.finding == "label"}
    with review.open(newline="") as file:
        lines = list(csv.reader(file))
    decision = lines[0].index("decision")
    chosen = sorted(by_item)[:4]
    for item, word in zip(chosen, ("Drop", "KEEP", "label money"), strict=False):
        lines[by_item[item] + 1][decision] = word
    with review.open("w", newline="", encoding="utf-8-sig") as file:  # as a spreadsheet saves it
        csv.writer(file, delimiter=";").writerows(lines)
    rows = clean("text", tmp_path)
    assert [rows[item, "label"].decision for item in chosen] == ["drop", "keep", "label money", ""]
    capsys.readouterr()
    assert main(["report", "text", "set", "--data", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "199 of 200 items are used" in shown
    text = path.read_text().splitlines()
    text[int(chosen[0].partition(":")[2]) - 1] = "another line of words,money"
    path.write_text("\n".join(text) + "\n")
    assert "drop" not in {row.decision for (item, _), row in clean("text", tmp_path).items() if item == chosen[0]}


def test_a_line_of_numbers_far_from_its_label_is_found(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    rows = [[number % 3, *(chance.normal(3 * (number % 3), 1, 6))] for number in range(150)]
    rows[10][0] = 2  # was 1
    rows.append(rows[20])
    rows.append([0, np.nan, *rows[3][2:]])
    (tmp_path / "set").mkdir()
    (tmp_path / "set/points.csv").write_text("\n".join(",".join(map(str, row)) for row in rows))
    found = clean("numbers", tmp_path)
    assert found["points.csv:11", "label"].proposal == "label 1"
    assert found["points.csv:151", "duplicate"].decision == "drop"
    assert found["points.csv:152", "unreadable"].decision == "drop"


def test_copies_with_different_labels_are_for_a_person_to_decide(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/t.csv").write_text("hello there,a\nhello there,b\nsomething else,a\n")
    rows = clean("text", tmp_path)
    assert {key: (row.proposal, row.decision) for key, row in rows.items()} == {
        ("t.csv:1", "conflict"): ("drop", ""),
        ("t.csv:2", "conflict"): ("drop", ""),
    }


def test_labels_and_groups_are_read_from_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        save(tmp_path / f"set/0{number % 3}_{'WN'[number % 2]}.png", picture(number))
    assert main(["report", "pictures", "set", "--data", str(tmp_path), "--label-pattern", r"_(.)\."]) == 0
    shown = capsys.readouterr().out
    assert "W            3   50.0%    1.00" in shown
    assert main(["report", "pictures", "set", "--data", str(tmp_path), "--label-pattern", "_."]) == 1
    assert "Put one group in parentheses" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["clean", "text", "nowhere"], "There is no nowhere"),
        (["clean", "pictures", "set"], "There is no file .jpg or"),
        (["clean", "text", "set", "--label-column", "7"], "has 2 columns"),
        (["clean", "numbers", "set"], "holds something that is no number"),
    ],
)
def test_what_can_not_be_cleaned_is_told(
    tmp_path: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts(tmp_path)
    assert main([*words, "--data", str(tmp_path)]) == 1
    assert told in capsys.readouterr().err


def test_a_review_that_can_not_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts(tmp_path)
    (tmp_path / "reviews").write_text("a file where the folder should be")
    assert main(["clean", "text", "set", "--data", str(tmp_path), "--no-label-check"]) == 1
    assert "Name a folder with --reviews" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a,label,1,,,remove,,", "line 2: 'remove' is no decision"),
        ("a,label,1,,,label,,", "'label' is no decision"),
        ("a,label,much,,,keep,,", "'much' is no score"),
    ],
)
def test_a_decision_that_is_none_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "review.csv"
    path.write_text(f"item,finding,score,detail,proposal,decision,sha256,label_at\n{line}\n")
    with pytest.raises(UserError, match=told):
        Review.read(path)
    path.write_text("item,finding\na,b\n")
    with pytest.raises(UserError, match="lacks the column decision"):
        Review.read(path)
