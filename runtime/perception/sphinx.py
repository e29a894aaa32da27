"""pocketsphinx, the embedded recogniser: three decoders side by side for each stream.

A narrow one knows only the persona's phrases and is right on those; a wide one knows English in general and gives the
alternative reading; a phone loop without words gives the score that any speech can reach. How far the narrow decoder's
score lies below the phone loop's tells whether the speech is of the persona's domain at all.
"""

import logging
import math
import re
import tempfile
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import Transcript
from runtime.perception.recogniser import MAX_STREAMS, MAX_TURN_S

log = logging.getLogger(__name__)

_RATE_HZ: Final = 16_000
_IN_DOMAIN_GAP: Final = 0.0018
_OUT_OF_DOMAIN_GAP: Final = 0.0036
"""Log score per frame by which the narrow decoder may lie below the phone loop: surely inside, surely outside.
Measured over spoken phrases of the concierge: inside 0.0012 (median), outside 0.0030."""
_DISCOUNT_MASS: Final = 0.1
_FILLER: Final = re.compile(r"<[^>]*>|\[[^\]]*\]|\(\d+\)")
MAX_WORDS: Final = 20_000


class _Stream:
    """The three decoders of one stream and what they have been fed."""

    def __init__(self, narrow: Any, wide: Any, phones: Any) -> None:
        self.decoders = {"narrow": narrow, "wide": wide, "phones": phones}
        self.fed = 0
        self.ended = False
        for decoder in self.decoders.values():
            decoder.start_utt()

    def feed(self, samples: NDArray[np.float32]) -> None:
        room = int(MAX_TURN_S * _RATE_HZ) - self.fed
        piece = (np.clip(samples[: max(0, room)], -1, 1) * 32_767).astype(np.int16).tobytes()
        self.fed += len(piece) // 2
        if piece:
            for decoder in self.decoders.values():
                decoder.process_raw(piece, False, False)

    def end(self) -> None:
        if not self.ended:
            for decoder in self.decoders.values():
                decoder.end_utt()
        self.ended = True


class SphinxRecogniser:
    """The embedded recogniser. Decoders are kept and used again; a new one is made when all are in use."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._free: list[_Stream] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._vocabulary: frozenset[str] = frozenset()

    def load(self, phrases: Sequence[str]) -> None:
        """Make the phrases' language model and dictionary, and the first set of decoders."""
        try:
            import pocketsphinx
        except ImportError as error:
            raise UserError(f"pocketsphinx can't be imported: {error}.", "Install the package pocketsphinx.") from error
        self._folder = tempfile.TemporaryDirectory(prefix="avatar-phrases-")
        model = Path(pocketsphinx.get_model_path()) / "en-us"
        self._write_model(model / "cmudict-en-us.dict", [words for p in phrases if (words := normal(p))])
        self._model = model
        stream = self._make()
        stream.feed(np.zeros(_RATE_HZ // 5, np.float32))
        stream.end()
        self._free.append(stream)

    def feed(self, stream: str, samples: NDArray[np.float32]) -> Transcript:
        """See `Recogniser.feed`."""
        if stream not in self._streams:
            if len(self._streams) >= MAX_STREAMS:
                raise UserError(f"{MAX_STREAMS} people are speaking at once.", "Lower max_sessions.")
            self._streams[stream] = self._begin()
        self._streams[stream].feed(samples)
        return self._read(self._streams[stream], final=False)

    def pause(self, stream: str) -> None:
        """Nothing to do: the text is ready at any time."""

    def finish(self, stream: str) -> Transcript:
        """See `Recogniser.finish`."""
        open_stream = self._streams.pop(stream, None)
        if open_stream is None:
            return Transcript("", True)
        open_stream.end()
        self._free.append(open_stream)
        return self._read(open_stream, final=True)

    def drop(self, stream: str) -> None:
        """See `Recogniser.drop`. The last pass over the sound waits until the decoders are used again."""
        if stream in self._streams:
            self._free.append(self._streams.pop(stream))

    def close(self) -> None:
        """Remove the temporary language model."""
        if self._folder is not None:
            self._folder.cleanup()

    # ------------------------------------------------------------ inside

    def _begin(self) -> _Stream:
        if not self._free:
            return self._make()
        used = self._free.pop()
        used.end()
        return _Stream(**used.decoders)

    def _make(self) -> _Stream:
        from pocketsphinx import Decoder

        assert self._folder is not None
        folder = self._folder.name
        common = {"hmm": str(self._model / "en-us"), "loglevel": "FATAL"}
        narrow = Decoder(lm=f"{folder}/phrases.lm", dict=f"{folder}/phrases.dict", lw=10, wip=0.3, **common)
        wide = Decoder(
            lm=str(self._model / "en-us.lm.bin"),
            dict=str(self._model / "cmudict-en-us.dict"),
            maxhmmpf=3_000,
            ds=2,
            pl_window=5,
            topn=2,
            fwdflat=False,
            bestpath=False,
            **common,
        )
        phones = Decoder(
            lm=None,
            dict=None,
            allphone=str(self._model / "en-us-phone.lm.bin"),
            lw=2.0,
            pip=0.3,
            beam=1e-10,
            pbeam=1e-10,
            **common,
        )
        return _Stream(narrow, wide, phones)

    def _write_model(self, dictionary: Path, phrases: Sequence[str]) -> None:
        """Write the phrases' language model (ARPA) and the dictionary of its words alone (quick to load)."""
        from pocketsphinx.lm import ArpaBoLM

        assert self._folder is not None
        wanted = {word for phrase in phrases for word in phrase.split()}
        if not wanted:
            raise UserError("The persona has no phrases to listen for.", "Give its knowledge some questions.")
        if len(wanted) > MAX_WORDS:
            raise UserError(f"The persona's phrases have over {MAX_WORDS} different words.", "Use fewer.")
        entries = _entries(dictionary, wanted)
        self._vocabulary = frozenset(_FILLER.sub("", entry.split()[0]) for entry in entries)
        if missing := sorted(wanted - self._vocabulary):
            log.warning("no pronunciation is known for: %s; phrases with them are not listened for", ", ".join(missing))
        known = [phrase for phrase in phrases if set(phrase.split()) <= self._vocabulary]
        folder = Path(self._folder.name)
        (folder / "phrases.dict").write_text("".join(entries))
        model = ArpaBoLM(sentfile=StringIO("\n".join(known) + "\n"), add_start=True, discount_mass=_DISCOUNT_MASS)
        model.compute()
        with (folder / "phrases.lm").open("w") as file:
            model.write(file)

    def _read(self, stream: _Stream, final: bool) -> Transcript:
        narrow, wide, phones = (stream.decoders[name] for name in ("narrow", "wide", "phones"))
        best, free = narrow.hyp(), phones.hyp()
        text = _clean(best.hypstr) if best else ""
        other = wide.hyp()
        return Transcript(
            text, final, 1.0, _in_domain(best, free, narrow.n_frames()), _clean(other.hypstr) if other else ""
        )


def normal(text: str) -> str:
    """Return text as the language model writes it: lower case, words and apostrophes only."""
    return " ".join(re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower()))


def _clean(text: str) -> str:
    return " ".join(_FILLER.sub(" ", text).split())


def _in_domain(best: Any, free: Any, frames: int) -> float:
    if best is None or free is None or not frames:
        return 0.0
    gap = (_log(free.score) - _log(best.score)) / frames
    return float(np.clip((_OUT_OF_DOMAIN_GAP - gap) / (_OUT_OF_DOMAIN_GAP - _IN_DOMAIN_GAP), 0.0, 1.0))


def _log(score: float) -> float:
    return math.log(max(score, 1e-300))


def _entries(dictionary: Path, wanted: Iterable[str]) -> list[str]:
    """Return the lines of a pronouncing dictionary for the wanted words, variants too."""
    wanted = set(wanted)
    with dictionary.open(encoding="utf-8") as lines:
        return [line for line in lines if line[: line.find(" ")].split("(")[0] in wanted]
