"""What this machine is, and the profile it gets: sizes, rates, threads, precision, providers."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from runtime.core.errors import UserError

CGROUP_ROOT = Path("/sys/fs/cgroup")
NVIDIA_SMI_TIMEOUT_S = 5.0
SMALL_MODEL_GFLOP = 0.4
"""Up to this size a second thread costs more than it gives (measured on four shared cores)."""
CPU_PROVIDERS: Final = ("CPUExecutionProvider",)
GPU_PROVIDERS: Final = ("CUDAExecutionProvider", "CPUExecutionProvider")


@dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU as its driver names it."""

    name: str
    memory_mb: int


@dataclass(frozen=True)
class Machine:
    """What this process may use of its machine: `cores` after affinity and quota, `memory_mb` after limits."""

    system: str
    python: str
    cores: float
    cores_present: int
    memory_mb: int
    gpus: tuple[Gpu, ...] = ()
    onnxruntime_gpu: bool = False
    """Whether the CUDA build of ONNX Runtime is the one installed."""


@dataclass(frozen=True)
class Profile:
    """How much the runtime does on a machine. Rates are per second; `cores` is what it is made for."""

    name: str
    width: int
    height: int
    fps: int
    cores: int
    memory_mb: int
    threads_small: int
    threads_large: int
    precision: str
    """`fp32` or `fp16`: what models with FP16 weights are run in."""
    providers: tuple[str, ...]
    """ONNX Runtime's execution providers, first choice first."""
    max_sessions: int
    vision_fps: int
    """How often faces are looked for, as long as the machine has the time."""

    def threads(self, gflop: float) -> int:
        """Return the threads one run of a model of that many GFLOP gets."""
        return self.threads_small if gflop <= SMALL_MODEL_GFLOP else self.threads_large


PROFILES: Final[dict[str, Profile]] = {
    "edge": Profile("edge", 512, 512, 25, 2, 2_000, 1, 2, "fp32", CPU_PROVIDERS, 2, 15),
    "desktop": Profile("desktop", 720, 720, 25, 6, 6_000, 1, 2, "fp32", CPU_PROVIDERS, 4, 15),
    "gpu": Profile("gpu", 720, 720, 25, 4, 8_000, 1, 2, "fp16", GPU_PROVIDERS, 8, 25),
}


def choose_profile(name: str, machine: Machine) -> tuple[Profile, str]:
    """Return the profile called `name`, or for `auto` the best one the machine carries; and why, as a sentence.

    Raises:
        UserError: there is no such profile, or `gpu` is asked for where there is none.
    """
    if name == "auto":
        return _choose(machine)
    if name not in PROFILES:
        raise UserError(f"There is no device profile {name!r}.", f"Choose auto, {', '.join(PROFILES)}.")
    if name == "gpu" and (missing := _gpu_missing(machine)):
        raise UserError(f"The gpu profile cannot run here: {missing}.", "Use --device auto, or mend that.")
    return PROFILES[name], "It was asked for."


def _choose(machine: Machine) -> tuple[Profile, str]:
    missing = _gpu_missing(machine)
    if not missing:
        return PROFILES["gpu"], f"{machine.gpus[0].name} and the CUDA build of ONNX Runtime are there."
    desktop, has = PROFILES["desktop"], f"{machine.cores:g} usable cores and {machine.memory_mb:,} MB of memory"
    if machine.cores >= desktop.cores and machine.memory_mb >= desktop.memory_mb:
        return desktop, f"There are {has}; {missing}."
    needs = f"desktop wants {desktop.cores} and {desktop.memory_mb:,} MB"
    return PROFILES["edge"], f"There are {has}, {needs}; {missing}."


def _gpu_missing(machine: Machine) -> str:
    """Return what the gpu profile lacks here, or an empty string."""
    if not machine.gpus:
        return "no NVIDIA GPU was found"
    if not machine.onnxruntime_gpu:
        return f"{machine.gpus[0].name} is there, but onnxruntime-gpu is not installed (make gpu)"
    return ""


def find_machine() -> Machine:
    """Look at this machine. Asks the NVIDIA driver when its tool is there, which takes up to a second."""
    present = os.cpu_count() or 1
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        cores=usable_cores(),
        cores_present=present,
        memory_mb=usable_memory_mb(),
        gpus=find_gpus(),
        onnxruntime_gpu=_installed("onnxruntime-gpu") and not _installed("onnxruntime"),
    )


def usable_cores(root: Path = CGROUP_ROOT) -> float:
    """Return the cores this process may use: the least of affinity mask and CPU quota (cgroup v2 or v1)."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    for group in _groups(root, "cpu"):
        quota = _words(group / "cpu.max")
        if not quota:
            quota = _words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us")
        if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
            cores = min(cores, int(quota[0]) / int(quota[1]))
    return max(cores, 0.1)


def usable_memory_mb(root: Path = CGROUP_ROOT) -> int:
    """Return the memory this process may use, in MB: the machine's, or a control group's lower limit."""
    total = int(psutil.virtual_memory().total)
    for group in _groups(root, "memory"):
        limit = _words(group / "memory.max") or _words(group / "memory.limit_in_bytes")
        if limit and limit[0].isdigit():
            total = min(total, int(limit[0]))
    return total // 1_000_000


def _groups(root: Path, controller: str) -> list[Path]:
    """Return the folders of this process's control group and of all groups above it (v2, and v1's `controller`)."""
    folders = [root, root / controller]
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return folders
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        folder = (root / controller if controllers else root) / path.strip("/")
        while folder != root and root in folder.parents:
            folders.append(folder)
            folder = folder.parent
    return folders


def _words(path: Path) -> list[str]:
    """Return the words of a small file, none where it can't be read."""
    try:
        return path.read_text().split()
    except OSError:
        return []


def find_gpus() -> tuple[Gpu, ...]:
    """Return the NVIDIA GPUs that the driver's own tool lists, none where there is no such tool."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=NVIDIA_SMI_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_gpus(done.stdout)


def parse_gpus(listing: str) -> tuple[Gpu, ...]:
    """Return the GPUs of nvidia-smi's `name, memory` lines (memory in MiB); lines it can't read are left out."""
    gpus = []
    for line in listing.splitlines():
        name, _, memory = line.rpartition(",")
        if name and memory.strip().isdigit():
            gpus.append(Gpu(name.strip(), int(memory)))
    return tuple(gpus)


def check_onnxruntime() -> str | None:
    """Return what is wrong with the installed ONNX Runtime, or None.

    Both builds write the same files, so whichever was installed last wins without a word.
    """
    plain, gpu = _installed("onnxruntime"), _installed("onnxruntime-gpu")
    if plain and gpu:
        return "onnxruntime and onnxruntime-gpu are both installed and overwrite each other; run: make gpu"
    if not plain and not gpu:
        return "onnxruntime is not installed; run: pip install onnxruntime"
    return None


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
