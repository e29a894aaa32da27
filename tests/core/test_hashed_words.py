"""Words hashed into the rows of a table."""

import numpy as np

from runtime.core.hashed_words import WordHasher, padded, words_of

HASHER = WordHasher(words=50, pieces=70, pieces_per_word=6, max_words=4)


def test_words_are_lower_case_without_punctuation() -> None:
    assert words_of("Where’s the LIFT, please? 2 people") == ["where's", "the", "lift", "please", "2", "people"]


def test_rows_lie_in_their_parts_of_the_table() -> None:
    ids = HASHER.ids("where is the planetarium")
    assert ids.shape == (4, 7)
    assert ((ids[:, 0] >= 1) & (ids[:, 0] <= 50)).all()
    pieces = ids[:, 1:][ids[:, 1:] > 0]
    assert ((pieces >= 51) & (pieces < HASHER.rows)).all()
    assert HASHER.rows == 121


def test_the_same_word_is_always_the_same_row() -> None:
    # CRC-32 does not change from process to process, as Python's own hash does.
    assert HASHER.ids("lift").tolist() == [[33, 88, 86, 82, 108, 101, 93]]


def test_long_texts_keep_their_first_or_last_words() -> None:
    text = "one two three four five six"
    assert np.array_equal(HASHER.ids(text), HASHER.ids("one two three four"))
    assert np.array_equal(HASHER.ids(text, last=True), HASHER.ids("three four five six"))


def test_a_text_without_words_is_one_word_of_nothing() -> None:
    assert HASHER.ids("?!").tolist() == [[0] * 7]


def test_a_batch_is_padded_at_the_ends() -> None:
    batch = padded([HASHER.ids("one"), HASHER.ids("one two three")])
    assert batch.shape == (2, 3, 7)
    assert not batch[0, 1:].any()
    assert np.array_equal(batch[0, 0], batch[1, 0])
