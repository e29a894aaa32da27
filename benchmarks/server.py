"""The real server as a process of its own, and the processor time of all its processes."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx
import psutil

START_S = 60.0


class Server:
    """A running server: its `address`, its state, and what it uses."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, ready_s: float) -> None:
        self.address = address
        self.ready_s = ready_s
        self._process = psutil.Process(process.pid)

    def status(self) -> dict[str, object]:
        """Return what /ready says."""
        status: dict[str, object] = httpx.get(f"{self.address}/ready").json()
        return status

    def cpu_s(self) -> float:
        """Return the seconds of processor time that all processes of the server have used."""
        total = 0.0
        for process in (self._process, *self._process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total


@contextlib.contextmanager
def running(*flags: str) -> Iterator[Server]:
    """Start the server with flags on a free port; end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    memory = tempfile.mkdtemp(prefix="avatar-benchmark-")
    own = ["--port", str(port), "--log-level", "warning", "--data-dir", memory]
    command = [sys.executable, "-m", "runtime", *own, *flags]
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            if process.poll() is not None or time.monotonic() - begun > START_S:
                raise RuntimeError(f"the server did not start: {' '.join(command)}")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/ready", timeout=2).status_code == 200:
                    break
            time.sleep(0.02)
        yield Server(process, address, time.monotonic() - begun)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(6)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(memory, ignore_errors=True)
