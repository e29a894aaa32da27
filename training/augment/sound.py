"""Changed copies of sound: other pitch and speed, other rooms, noise at a stated ratio, other loudness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.augment import chance
from training.augment.chance import Range

Sound = NDArray[np.float32]
"""Mono, shape (samples,), full scale ±1."""
DIRECT_S = 0.0025
"""An impulse response up to here counts as the direct sound."""
DECAY_DB = 60.0


@dataclass(frozen=True)
class Draw:
    """What is done to one sound; None and neutral values leave it alone."""

    speed: float = 1.0
    semitones: float = 0.0
    t60_s: float | None = None
    direct_db: float = 0.0
    """Direct sound over reverberation."""
    snr_db: float | None = None
    colour: float = 0.0
    """Of made-up noise: its power falls as frequency to this power (0 white, 1 pink, 2 brown)."""
    gain_db: float = 0.0


@dataclass(frozen=True)
class SoundChange:
    """How sound may change; `draw` throws the dice, `apply` does it, a call does both.

    The order is: speed, pitch, room, noise, gain. So the noise is in the room's ratio, and loudness scales both.
    """

    speed: Range = (0.9, 1.1)
    """As of a tape: tempo and pitch together (Ko et al. 2015)."""
    semitones: Range = (-2.0, 2.0)
    """At the same tempo."""
    pitch_chance: float = 0.5
    t60_s: Range = (0.15, 0.6)
    direct_db: Range = (0.0, 12.0)
    room_chance: float = 0.5
    snr_db: Range = (5.0, 30.0)
    noise_chance: float = 0.7
    gain_db: Range = (-12.0, 6.0)
    noises: Sequence[Sound] = ()
    """Recorded noises at the sounds' rate; noise of a drawn colour is made up where there are none."""

    def draw(self, rng: np.random.Generator) -> Draw:
        """Return what shall be done to one sound."""
        pitched, roomy, noisy = rng.random(3) < (self.pitch_chance, self.room_chance, self.noise_chance)
        semitones, t60_s = chance.between(self.semitones, rng), chance.between(self.t60_s, rng)
        snr_db = chance.between(self.snr_db, rng)
        return Draw(
            speed=chance.between(self.speed, rng),
            semitones=semitones if pitched else 0.0,
            t60_s=t60_s if roomy else None,
            direct_db=chance.between(self.direct_db, rng),
            snr_db=snr_db if noisy else None,
            colour=chance.between((0.0, 2.0), rng),
            gain_db=chance.between(self.gain_db, rng),
        )

    def __call__(self, sound: Sound, rate_hz: int, rng: np.random.Generator | None = None) -> tuple[Sound, Draw]:
        """Return a changed copy of a sound, and what was done.

        Its length is about 1 / `draw.speed` of the old one; stretch curves that belong to it by
        `training.augment.landmarks.change_speed`.

        Args:
            sound: mono, shape (samples,), full scale ±1.
            rate_hz: samples a second.
            rng: where chance comes from; numpy's own generator, which the training loop seeds, when not given.
        """
        if not chance.is_on():
            return sound, Draw()
        rng = chance.fresh() if rng is None else rng
        draw = self.draw(rng)
        return self.apply(sound, rate_hz, draw, rng), draw

    def apply(self, sound: Sound, rate_hz: int, draw: Draw, rng: np.random.Generator) -> Sound:
        """Return the sound with `draw` done to it, made quieter where it would leave full scale."""
        changed = shift_pitch(change_speed(sound, draw.speed), rate_hz, draw.semitones)
        if draw.t60_s is not None:
            changed = reverberate(changed, room(draw.t60_s, draw.direct_db, rate_hz, rng))
        if draw.snr_db is not None:
            changed = mix_at_snr(changed, self._noise(len(changed), draw.colour, rng), draw.snr_db)
        changed = changed * np.float32(10 ** (draw.gain_db / 20))
        return changed / np.float32(max(1.0, float(np.abs(changed).max(initial=0.0))))

    def _noise(self, samples: int, colour: float, rng: np.random.Generator) -> Sound:
        if not self.noises:
            return coloured_noise(samples, colour, rng)
        noise = self.noises[int(rng.integers(len(self.noises)))]
        return np.roll(noise, -int(rng.integers(len(noise))))


def power(sound: NDArray[Any]) -> float:
    """Return the mean square of a sound; 0 for none."""
    return float(np.mean(np.square(sound, dtype=np.float64))) if len(sound) else 0.0


def mix_at_snr(sound: Sound, noise: Sound, snr_db: float) -> Sound:
    """Return sound plus noise, the noise scaled so that the ratio of their powers over the whole length is `snr_db`.

    Args:
        sound: shape (samples,). It isn't scaled.
        noise: any length; repeated or cut to the sound's. Silent noise, and noise to silence, add nothing.
        snr_db: decibels, 10 log10 of the ratio of mean squares. Pauses count, so while someone speaks it is higher.
    """
    fitted = np.resize(noise, len(sound))
    loud, hum = power(sound), power(fitted)
    if loud == 0 or hum == 0:
        return sound.copy()
    return sound + fitted * np.float32(np.sqrt(loud / hum / 10 ** (snr_db / 10)))


def coloured_noise(samples: int, colour: float, rng: np.random.Generator) -> Sound:
    """Return Gaussian noise of mean square 1, shape (samples,), its power falling as frequency to that power."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.maximum(np.arange(len(spectrum)), 1)
    noise: NDArray[np.float64] = np.fft.irfft(spectrum * frequency ** (-colour / 2), samples)
    return np.asarray(noise / np.sqrt(max(power(noise), 1e-20)), dtype=np.float32)


def change_speed(sound: Sound, speed: float) -> Sound:
    """Return the sound played `speed` times as fast, as a tape: shorter and higher above 1. By soxr's resampler."""
    if speed == 1.0:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound, speed, 1.0), dtype=np.float32)


def shift_pitch(sound: Sound, rate_hz: int, semitones: float) -> Sound:
    """Return the sound at another pitch, as long as before. By audiomentations (Signalsmith's stretching)."""
    if semitones == 0.0:
        return sound
    from audiomentations import PitchShift

    shift = PitchShift(min_semitones=semitones, max_semitones=semitones, p=1.0)
    # Set by hand: its own dice would take numbers from the process-wide generators.
    shift.parameters = {"should_apply": True, "num_semitones": semitones}
    return np.asarray(shift.apply(np.ascontiguousarray(sound), rate_hz), dtype=np.float32)


def room(t60_s: float, direct_db: float, rate_hz: int, rng: np.random.Generator) -> Sound:
    """Return a made-up room's impulse response: a direct impulse, then Gaussian noise that dies away (Polack 1988).

    Args:
        t60_s: seconds in which the reverberation falls by 60 dB.
        direct_db: energy of the direct sound over that of the reverberation.
        rate_hz: samples a second.
        rng: where the reflections come from.

    Returns:
        Shape (samples,). The direct sound is the first sample, at 1, so nothing is delayed.
    """
    start = round(DIRECT_S * rate_hz)
    times = np.arange(max(round(t60_s * rate_hz), start + 1)) / rate_hz
    tail = rng.standard_normal(len(times)) * 10 ** (-DECAY_DB / 20 * times / t60_s)
    tail[:start] = 0.0
    tail *= np.sqrt(10 ** (-direct_db / 10) / np.sum(tail**2))
    tail[0] = 1.0
    return tail.astype(np.float32)


def reverberate(sound: Sound, response: Sound) -> Sound:
    """Return the sound in a room, as long as before (the ringing after its end is cut) and of the same mean square."""
    from scipy.signal import fftconvolve

    wet = np.asarray(fftconvolve(sound, response)[: len(sound)], dtype=np.float32)
    heard = power(wet)
    return wet * np.float32(np.sqrt(power(sound) / heard)) if heard > 0 else wet
