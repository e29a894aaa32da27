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
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
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


@dataclass
class _Narrow:
    """What was made of the phrases: the folder with their model, and decoders that stand ready, one for a stream."""

    folder: "tempfile.TemporaryDirectory[str]"
    ready: list[Any] = field(default_factory=list)

    def decoder(self) -> Any:
        """Return a decoder that nobody uses."""
        return self.ready.pop() if self.ready else self.make()

    def make(self) -> Any:
        """Return a new decoder; takes some 30 ms."""
        folder = self.folder.name
        return _decoder(lm=f"{folder}/phrases.lm", dict=f"{folder}/phrases.dict", lw=10, wip=0.3)


class _Stream:
    """The three decoders of one stream and what they have been fed; the narrow one is given back to its `origin`."""

    def __init__(self, origin: _Narrow, wide: Any, phones: Any) -> None:
        self.origin = origin
        self.narrow, self.wide, self.phones = origin.decoder(), wide, phones
        self.fed = 0
        for decoder in self.decoders:
            decoder.start_utt()

    @property
    def decoders(self) -> tuple[Any, Any, Any]:
        return self.narrow, self.wide, self.phones

    def feed(self, samples: NDArray[np.float32]) -> None:
        room = int(MAX_TURN_S * _RATE_HZ) - self.fed
        piece = (np.clip(samples[: max(0, room)], -1, 1) * 32_767).astype(np.int16).tobytes()
        self.fed += len(piece) // 2
        if piece:
            for decoder in self.decoders:
                decoder.process_raw(piece, False, False)

    def end(self) -> None:
        for decoder in self.decoders:
            decoder.end_utt()

    def read(self, final: bool) -> Transcript:
        best, free, other = self.narrow.hyp(), self.phones.hyp(), self.wide.hyp()
        text = _clean(best.hypstr) if best else ""
        in_domain = _in_domain(best, free, self.narrow.n_frames())
        return Transcript(text, final, 1.0, in_domain, _clean(other.hypstr) if other else "")


class SphinxRecogniser:
    """The embedded recogniser. Decoders are kept and used again; a new one is made when all are in use."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._free: list[tuple[Any, Any]] = []
        self._dropped: list[_Stream] = []
        self._narrow: _Narrow | None = None
        self._coming: Future[_Narrow] | None = None
        self._maker = ThreadPoolExecutor(1, "phrases")

    def load(self, phrases: Sequence[str]) -> None:
        """Make the phrases' language model and dictionary, and the first set of decoders."""
        try:
            import pocketsphinx  # noqa: F401
        except ImportError as error:
            raise UserError(f"pocketsphinx can't be imported: {error}.", "Install the package pocketsphinx.") from error
        self._narrow = _made(phrases, 1)
        warm = self._begin()
        warm.feed(np.zeros(_RATE_HZ // 5, np.float32))
        self._end(warm)

    def take_phrases(self, phrases: Sequence[str]) -> None:
        """See `Recogniser.take_phrases`: the new model is made on a thread of its own."""
        if self._coming is not None and not self._coming.cancel():
            self._coming.add_done_callback(_clear)
        self._coming = self._maker.submit(_made, tuple(phrases), len(self._streams) + len(self._free))

    def feed(self, stream: str, samples: NDArray[np.float32]) -> Transcript:
        """See `Recogniser.feed`."""
        if stream not in self._streams:
            if len(self._streams) >= MAX_STREAMS:
                raise UserError(f"{MAX_STREAMS} people are speaking at once.", "Lower max_sessions.")
            self._streams[stream] = self._begin()
        self._streams[stream].feed(samples)
        return self._streams[stream].read(final=False)

    def pause(self, stream: str) -> None:
        """Nothing to do: the text is ready at any time."""

    def finish(self, stream: str) -> Transcript:
        """See `Recogniser.finish`."""
        open_stream = self._streams.pop(stream, None)
        if open_stream is None:
            return Transcript("", True)
        self._end(open_stream)
        return open_stream.read(final=True)

    def drop(self, stream: str) -> None:
        """See `Recogniser.drop`. The last pass over the sound waits until a stream begins: now an answer is due."""
        if stream in self._streams:
            self._dropped.append(self._streams.pop(stream))

    def close(self) -> None:
        """Remove the temporary language models."""
        self._maker.shutdown(wait=True, cancel_futures=True)
        if self._coming is not None:
            _clear(self._coming)
        if self._narrow is not None:
            self._narrow.folder.cleanup()

    # ------------------------------------------------------------ inside

    def _begin(self) -> _Stream:
        while self._dropped:
            self._end(self._dropped.pop())
        if self._coming is not None and self._coming.done():
            self._exchange(self._coming)
        assert self._narrow is not None
        wide, phones = self._free.pop() if self._free else _open_decoders()
        return _Stream(self._narrow, wide, phones)

    def _end(self, stream: _Stream) -> None:
        stream.end()
        self._free.append((stream.wide, stream.phones))
        stream.origin.ready.append(stream.narrow)

    def _exchange(self, coming: "Future[_Narrow]") -> None:
        """Listen for the new phrases from this stream on; where there is no model of them, for those of before."""
        self._coming = None
        if (error := coming.exception()) is not None:
            log.warning("the phrases of before are listened for: %s", error)
            return
        assert self._narrow is not None
        self._narrow.folder.cleanup()  # its decoders have read it
        self._narrow = coming.result()


def _clear(coming: "Future[_Narrow]") -> None:
    """Remove a model that nobody will use."""
    if not coming.cancelled() and coming.exception() is None:
        coming.result().folder.cleanup()


def _decoder(**options: Any) -> Any:
    from pocketsphinx import Decoder

    return Decoder(hmm=str(_models() / "en-us"), loglevel="FATAL", **options)


def _open_decoders() -> tuple[Any, Any]:
    """Return the decoders that know of no phrases: the wide one, and the phone loop."""
    model = _models()
    wide = _decoder(
        lm=str(model / "en-us.lm.bin"),
        dict=str(model / "cmudict-en-us.dict"),
        maxhmmpf=3_000,
        ds=2,
        pl_window=5,
        topn=2,
        fwdflat=False,
        bestpath=False,
    )
    phones = _decoder(
        lm=None, dict=None, allphone=str(model / "en-us-phone.lm.bin"), lw=2.0, pip=0.3, beam=1e-10, pbeam=1e-10
    )
    return wide, phones


def _models() -> Path:
    import pocketsphinx

    return Path(pocketsphinx.get_model_path()) / "en-us"


def _made(phrases: Sequence[str], decoders: int) -> _Narrow:
    """Write the phrases' language model (ARPA) and the dictionary of its words alone (quick to load).

    Raises:
        UserError: there are no phrases, or too many different words in them.
    """
    from pocketsphinx.lm import ArpaBoLM

    spoken = [words for phrase in phrases if (words := normal(phrase))]
    wanted = {word for phrase in spoken for word in phrase.split()}
    if not wanted:
        raise UserError("The persona has no phrases to listen for.", "Give its knowledge some questions.")
    if len(wanted) > MAX_WORDS:
        raise UserError(f"The persona's phrases have over {MAX_WORDS} different words.", "Use fewer.")
    entries = _entries(wanted)
    if missing := wanted - _words(entries):
        log.warning(
            "no pronunciation is known for: %s; phrases with them are not listened for", ", ".join(sorted(missing))
        )
    known = [phrase for phrase in spoken if missing.isdisjoint(phrase.split())]
    model = ArpaBoLM(sentfile=StringIO("\n".join(known) + "\n"), add_start=True, discount_mass=_DISCOUNT_MASS)
    model.compute()
    narrow = _Narrow(tempfile.TemporaryDirectory(prefix="avatar-phrases-"))
    folder = Path(narrow.folder.name)
    (folder / "phrases.dict").write_text("".join(entries), encoding="utf-8")
    with (folder / "phrases.lm").open("w", encoding="utf-8") as file:
        model.write(file)
    narrow.ready += [narrow.make() for _ in range(decoders)]
    return narrow


def unknown_words(phrases: Iterable[str]) -> list[str]:
    """Return the words of phrases whose pronunciation is not known, sorted: what they stand in is not listened for."""
    wanted = {word for phrase in phrases for word in normal(phrase).split()}
    return sorted(wanted - _words(_entries(wanted)))


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


def _entries(wanted: set[str]) -> list[str]:
    """Return the lines of the pronouncing dictionary for the wanted words, variants too."""
    with (_models() / "cmudict-en-us.dict").open(encoding="utf-8") as lines:
        return [line for line in lines if line[: line.find(" ")].split("(")[0] in wanted]


def _words(entries: Iterable[str]) -> frozenset[str]:
    return frozenset(_FILLER.sub("", entry.split()[0]) for entry in entries)
