"""A recording in pieces."""

import numpy as np

from runtime.voice.recorded import PIECE_S, pieces

RATE_HZ = 16_000


def test_pieces_join_to_the_recording_and_are_cut_where_it_is_quiet() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 20 * RATE_HZ).astype(np.float32)
    for quiet_s in (6.0, 11.5, 17.0):
        sound[int(quiet_s * RATE_HZ) : int((quiet_s + 0.3) * RATE_HZ)] = 0.0
    found = list(pieces("a.wav", sound, RATE_HZ))
    assert np.array_equal(np.concatenate([piece.audio for piece in found]), sound)
    assert [piece.text for piece in found] == ["a.wav", *[""] * (len(found) - 1)]
    assert max(len(piece.audio) for piece in found) <= PIECE_S[1] * RATE_HZ
    ends_s = np.cumsum([len(piece.audio) for piece in found])[:-1] / RATE_HZ
    assert [any(quiet <= end <= quiet + 0.3 for quiet in (6.0, 11.5, 17.0)) for end in ends_s] == [True] * len(ends_s)


def test_a_short_recording_is_one_piece_and_an_empty_one_none() -> None:
    assert len(list(pieces("a", np.zeros(RATE_HZ, np.float32), RATE_HZ))) == 1
    assert not list(pieces("a", np.zeros(0, np.float32), RATE_HZ))
