import importlib.metadata
import os
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.core import device
from runtime.core.device import PROFILES, Gpu, Machine, choose_profile, find_machine, parse_gpus
from runtime.core.errors import UserError

SMALL = Machine("Linux x86_64", "3.11.7", 2.0, 2, 4_000)
LARGE = replace(SMALL, cores=16.0, cores_present=16, memory_mb=64_000)
H100 = Gpu("NVIDIA H100", 80_000)


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    """A folder in the place of /sys/fs/cgroup."""
    return tmp_path


def test_find_machine_tells_what_this_process_may_use() -> None:
    machine = find_machine()
    assert 0 < machine.cores <= machine.cores_present
    assert 100 < machine.memory_mb < 100_000_000


def test_edge_is_what_a_two_core_machine_gets() -> None:
    profile, reason = choose_profile("auto", SMALL)
    assert (profile.name, profile.width, profile.height, profile.fps, profile.cores) == ("edge", 512, 512, 25, 2)
    assert "2 usable cores" in reason
    assert "no NVIDIA GPU" in reason


def test_more_cores_get_the_desktop_profile() -> None:
    assert choose_profile("auto", LARGE)[0].name == "desktop"
    assert choose_profile("auto", replace(LARGE, memory_mb=1_000))[0].name == "edge"


def test_a_gpu_counts_only_with_the_cuda_build() -> None:
    without = replace(LARGE, gpus=(H100,))
    profile, reason = choose_profile("auto", without)
    assert profile.name == "desktop"
    assert "make gpu" in reason
    with_build = replace(without, onnxruntime_gpu=True)
    assert choose_profile("auto", with_build)[0].precision == "fp16"
    with pytest.raises(UserError, match="make gpu"):
        choose_profile("gpu", without)


def test_a_profile_asked_for_by_name_is_given() -> None:
    assert choose_profile("edge", replace(LARGE, gpus=(H100,), onnxruntime_gpu=True))[0] is PROFILES["edge"]
    with pytest.raises(UserError, match="auto, edge, desktop, gpu"):
        choose_profile("toaster", SMALL)


def test_large_models_get_more_threads_than_small_ones() -> None:
    assert PROFILES["edge"].threads(0.4) == 1
    assert PROFILES["edge"].threads(0.5) == 2


def test_a_cpu_quota_counts_cgroup_v2(groups: Path) -> None:
    (groups / "cpu.max").write_text("50000 100000\n")
    assert device.usable_cores(groups) == 0.5
    (groups / "cpu.max").write_text("max 100000\n")
    assert device.usable_cores(groups) >= 1


def test_a_cpu_quota_counts_cgroup_v1(groups: Path) -> None:
    (groups / "cpu").mkdir()
    (groups / "cpu/cpu.cfs_quota_us").write_text("75000\n")
    (groups / "cpu/cpu.cfs_period_us").write_text("100000\n")
    assert device.usable_cores(groups) == 0.75
    (groups / "cpu/cpu.cfs_quota_us").write_text("-1\n")
    assert device.usable_cores(groups) >= 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity masks")
def test_an_affinity_mask_counts(groups: Path) -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert device.usable_cores(groups) == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_memory_limit_counts(groups: Path) -> None:
    whole = device.usable_memory_mb(groups)
    (groups / "memory.max").write_text("512000000\n")
    assert device.usable_memory_mb(groups) == 512
    (groups / "memory.max").write_text("max\n")
    assert device.usable_memory_mb(groups) == whole


def test_gpus_are_read_from_the_drivers_listing() -> None:
    listing = "NVIDIA H100 80GB HBM3, 81559\nNVIDIA T4, Special, 15360\nNo devices were found\nbroken, [N/A]\n"
    assert parse_gpus(listing) == (Gpu("NVIDIA H100 80GB HBM3", 81_559), Gpu("NVIDIA T4, Special", 15_360))


def test_a_driver_tool_that_fails_means_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert device.find_gpus() == ()
    tool.write_text("#!/bin/sh\necho 'NVIDIA L4, 23034'\n")
    assert device.find_gpus() == (Gpu("NVIDIA L4", 23_034),)


@pytest.mark.parametrize(
    ("installed", "says"),
    [
        ({"onnxruntime"}, None),
        ({"onnxruntime-gpu"}, None),
        ({"onnxruntime", "onnxruntime-gpu"}, "both installed"),
        (set(), "not installed"),
    ],
)
def test_the_two_builds_of_onnx_runtime_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: set[str], says: str | None
) -> None:
    for name in installed:
        folder = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    find = importlib.metadata.MetadataPathFinder.find_distributions

    def only_ours(context: importlib.metadata.DistributionFinder.Context) -> object:
        return find(importlib.metadata.DistributionFinder.Context(name=context.name, path=[str(tmp_path)]))

    monkeypatch.setattr(importlib.metadata.MetadataPathFinder, "find_distributions", only_ours)
    answer = device.check_onnxruntime()
    assert answer is None if says is None else says in (answer or "")
