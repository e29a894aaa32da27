"""Word pieces, held against the library that BERT's users split with."""

import numpy as np
import pytest

from runtime.core.word_pieces import BEGIN, END, PAD, SPECIAL, UNKNOWN, WordPieces, padded

VOCABULARY = (
    *SPECIAL,
    *"abcdefghijklmnopqrstuvwxyz'?,.-3",
    *(f"##{letter}" for letter in "abcdefghijlmnopqrstuvwxyz5"),
)
VOCABULARY += ("where", "is", "the", "toilet", "##s", "planet", "##arium", "##ar", "don", "naive")
TEXTS = (
    "Where is the toilet?", "planetarium", "planetary, planets", "I don't know", "naïve Where-is", "3.5", "", "   ",
    "k", "zk", "x" * 60, "don’t", "tab\tand\nline", "where is the toilet where is the toilet",
)  # fmt: skip


def splitting(max_pieces: int = 200) -> WordPieces:
    return WordPieces(list(dict.fromkeys(VOCABULARY)), max_pieces)


def test_the_longest_known_beginning_is_taken() -> None:
    pieces = splitting()
    found = [pieces.vocabulary[number] for number in pieces.ids("Planetarium toilets")]
    assert found == ["[CLS]", "planet", "##arium", "toilet", "##s", "[SEP]"]


@pytest.mark.parametrize("text", TEXTS)
def test_it_splits_as_the_library_does(text: str) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    pieces = splitting()
    numbers = {piece: number for number, piece in enumerate(pieces.vocabulary)}
    library = tokenizers.Tokenizer(tokenizers.models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=40))
    library.normalizer = tokenizers.normalizers.BertNormalizer()
    library.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    assert pieces.ids(text).tolist() == [BEGIN, *library.encode(text).ids, END]


def test_long_texts_keep_their_first_pieces_and_their_end() -> None:
    ids = splitting(6).ids("where is the toilet where is the toilet")
    assert ids.tolist() == [*splitting().ids("where is the toilet")[:5], END]


def test_a_word_with_a_letter_that_is_no_piece_is_unknown() -> None:
    assert splitting().ids("8").tolist() == [BEGIN, UNKNOWN, END]


def test_a_batch_is_padded_at_the_ends() -> None:
    batch = padded([np.array([BEGIN, 7, END]), np.array([BEGIN, END])])
    assert batch.tolist() == [[BEGIN, 7, END], [BEGIN, END, PAD]]
