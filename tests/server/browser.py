"""A headless Chromium with a microphone that speaks from a file, and the watch it keeps on a page."""

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import cv2
import numpy as np
import soxr
from numpy.typing import NDArray
from playwright.async_api import Page, async_playwright

from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.synthesizer import VoiceStyle

RATE_HZ = 48_000
WAIT_MS = 20_000.0
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WATCH = (Path(__file__).parent / "watch.js").read_text()


def write_microphone(path: Path, question: str, before_s: float, after_s: float) -> None:
    """Write a recording of `question` with silence around it: 48 kHz, mono. Chromium plays it again and again."""
    voice = EspeakSynthesizer()
    voice.load()
    spoken = voice.synthesise(question, VoiceStyle(voice="en-us"))
    sound = soxr.resample(spoken.audio, spoken.rate_hz, RATE_HZ) * 0.6
    rng = np.random.default_rng(1)
    samples = np.concatenate([np.zeros(int(before_s * RATE_HZ)), sound, np.zeros(int(after_s * RATE_HZ))])
    samples += rng.normal(0, 3e-4, len(samples))  # a room is never wholly silent
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


def write_camera(path: Path, scenes: list[tuple[NDArray[np.uint8], float]], fps: int = 15) -> None:
    """Write RGB pictures of one even size, each for so many seconds, as Y4M, which Chromium plays again and again."""
    height, width = scenes[0][0].shape[:2]
    random = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for picture, seconds in scenes:
            for _ in range(round(seconds * fps)):
                noise = random.integers(0, 3, picture.shape, np.uint8)  # no real camera gives one picture twice
                yuv = cv2.cvtColor(cv2.add(picture, noise), cv2.COLOR_RGB2YUV_I420)
                file.write(b"FRAME\n" + yuv.tobytes())


@asynccontextmanager
async def open_page(chromium: str, microphone: Path | None, camera: Path | None = None) -> AsyncIterator[Page]:
    """Open an empty page that is watched (see watch.js); with no `microphone` the browser refuses one.

    `camera` is a Y4M file that its camera shows; without one it shows a test picture.

    Errors that the page threw fail the test when it leaves.
    """
    devices = ["--use-fake-device-for-media-stream"]
    if microphone is None:
        devices += ["--deny-permission-prompts"]
    else:
        devices += ["--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}"]
    if camera is not None:
        devices += [f"--use-file-for-fake-video-capture={camera}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=[*FLAGS, *devices], ignore_default_args=["--mute-audio"]
        )
        try:
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(WAIT_MS)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.add_init_script(WATCH)
            yield page
            assert errors == []
        finally:
            await browser.close()
