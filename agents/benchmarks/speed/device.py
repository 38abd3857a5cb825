"""How fast does the agent act and learn on this machine's device, and what share of its arithmetic rate does it reach?

The processor is measured beside a GPU. On any machine, a fake device counts what a GPU would have to do: operations,
copies and synchronisations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch.utils.flop_counter import FlopCounterMode

from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.timing import medians
from agents.benchmarks.speed.device_agent import TASK, DeviceAgent
from agents.benchmarks.speed.fake_device import ELSEWHERE, second_device, to_near
from agents.config.agent import ModelConfig, PretrainedConfig
from agents.config.learning import LearningConfig

SMALL = LearningConfig(n_envs=4, n_steps=4)
"""Budget on the fake device, which counts operations instead of timing them."""
Model = ModelConfig | PretrainedConfig
Rates = Mapping[torch.dtype, float]
"""Floating-point operations per second of a matrix product, by dtype."""


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """A device to measure, and the size of the matrices that saturate it."""

    device: torch.device
    size: int
    dtypes: tuple[torch.dtype, ...]


def available_devices() -> tuple[DeviceKind, ...]:
    """Return the GPU, if there is one, and the processor."""
    processor = DeviceKind(torch.device("cpu"), 1024, (torch.float32,))
    if not torch.cuda.is_available():
        return (processor,)
    return DeviceKind(torch.device("cuda"), 8192, (torch.float32, torch.bfloat16)), processor


def measure(source: str = "", rounds: int = 5, worlds: int = LearningConfig().n_envs) -> list[Figure]:
    """Measure the built-in model, and a pretrained one if `source` names it, on every device."""
    models: dict[str, Model] = {"built-in": ModelConfig()}
    if source:
        models["pretrained"] = PretrainedConfig(source=source, context=128)
    figures = []
    for kind in available_devices():
        rates = {dtype: matrix_rate(kind, dtype, rounds) for dtype in kind.dtypes}
        for dtype, rate in rates.items():
            how = f"{kind.size} × {kind.size}, {_name(dtype)}, median of {rounds}, {torch.get_num_threads()} threads"
            figures.append(Figure(f"{kind.device}: matrix product, {_name(dtype)}", rate / 1e9, "GFLOP/s", source=how))
        for name, model in models.items():
            figures += _agent_speeds(f"{kind.device}, {name}", DeviceAgent(model, worlds, kind.device), rates, rounds)
    return figures + _fake_device_counts()


def _agent_speeds(name: str, agent: DeviceAgent, rates: Rates, rounds: int) -> list[Figure]:
    """Return the speed of each activity of an agent, and its share of the matrix product's rate."""
    decisions = agent.collect().actions.numel()
    rate = rates.get(agent.dtype, rates[torch.float32])
    how = f"{TASK}, PPO, {agent.worlds} worlds, median of {rounds}"
    full = f"every token of {len(agent.sentences)} sentences, nothing shared, median of {rounds}"
    collecting = decisions / _seconds(agent.collect, agent.device, rounds)
    figures = [Figure(f"{name}: collecting rollouts", collecting, "steps/s", source=how)]
    for activity, work, count, unit, source in (
        ("collecting and learning", agent.collect_and_learn, decisions, "steps/s", how),
        ("reading", agent.read, agent.tokens, "tokens/s", full),
        ("reading with gradients", agent.descend, agent.tokens, "tokens/s", full),
    ):
        seconds = _seconds(work, agent.device, rounds)
        share = _operations(work) / seconds / rate
        figures.append(Figure(f"{name}: {activity}", count / seconds, unit, source=source))
        source = f"operations in matrices, counted while it does so, to the {_name(agent.dtype)} product"
        figures.append(Figure(f"{name}: share of the matrix rate, {activity}", share, "of 1", source=source))
    return figures


def _operations(work: Callable[[], object]) -> int:
    """Return the floating-point operations of the matrix products in `work`."""
    with FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())


def _fake_device_counts() -> list[Figure]:
    """Act and learn once on the fake device; return the counts per step, and the difference of the weights."""
    reference = DeviceAgent(ModelConfig(), SMALL.n_envs, torch.device("cpu"), SMALL)
    reference.collect_and_learn()
    with second_device() as device:
        agent = DeviceAgent(ModelConfig(), SMALL.n_envs, ELSEWHERE, SMALL)
        device.reset()
        agent.collect()
        counts = device.operations, sum(device.copies.values()), sum(device.waits.values())
        agent = DeviceAgent(ModelConfig(), SMALL.n_envs, ELSEWHERE, SMALL)
        agent.collect_and_learn()
    pairs = zip(reference.policy.parameters(), agent.policy.parameters(), strict=True)
    difference = max(float((expected.detach() - to_near(weight.detach())).abs().max()) for expected, weight in pairs)
    source = f"built-in, {SMALL.n_steps} steps in {SMALL.n_envs} worlds, on a device that is not there"
    steps = SMALL.n_steps + 1  # the values after the last step are computed, too
    names = ("operations", "copies to or from the device", "waits for an answer")
    name = "another device: difference of the weights after an update"
    return [
        Figure(name, difference, "", "= 0", difference == 0, source),
        *(
            Figure(f"another device: {counted} for a step in all worlds", count / steps, "", source=source)
            for counted, count in zip(names, counts, strict=True)
        ),
    ]


def matrix_rate(kind: DeviceKind, dtype: torch.dtype, rounds: int) -> float:
    """Return floating-point operations per second of the product of two square matrices."""
    left, right = (torch.ones(kind.size, kind.size, device=kind.device, dtype=dtype) for _ in range(2))
    with _full_precision():
        return 2 * kind.size**3 / _seconds(partial(torch.mm, left, right), kind.device, rounds)


def _seconds(work: Callable[[], object], device: torch.device, rounds: int) -> float:
    """Return the median seconds of `rounds` rounds, after one of warm-up, including the wait for a GPU."""

    def synchronised() -> None:
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return medians({"work": synchronised}, rounds)["work"]


@contextmanager
def _full_precision() -> Iterator[None]:
    """Disable TF32, so that the rate of float32 is measured in float32."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
