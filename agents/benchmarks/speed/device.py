"""How fast does the agent live and learn on the device there is, and how much of the device does that take?

With a GPU the processor is measured beside it. Without one, a device that is not there tells what a GPU would be
asked for: what is left behind, brought over and waited for.
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
from agents.benchmarks.speed.fake_device import ELSEWHERE, near, second_device
from agents.config.agent import ModelConfig, PretrainedConfig
from agents.config.learning import LearningConfig

SMALL = LearningConfig(n_envs=4, n_steps=4)
"""What is lived on the device that is not there: it is asked what happens, not how fast."""
Model = ModelConfig | PretrainedConfig
Rates = Mapping[torch.dtype, float]
"""Operations per second of a product of matrices of each kind of number."""


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """A device to measure, and how large a matrix fills it."""

    device: torch.device
    size: int
    dtypes: tuple[torch.dtype, ...]


def places() -> tuple[DeviceKind, ...]:
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
    for place in places():
        rates = {dtype: _matrix_rate(place, dtype, rounds) for dtype in place.dtypes}
        for dtype, rate in rates.items():
            how = f"{place.size} × {place.size}, {_name(dtype)}, median of {rounds}, {torch.get_num_threads()} threads"
            figures.append(Figure(f"{place.device}: matrix product, {_name(dtype)}", rate / 1e9, "GFLOP/s", source=how))
        for name, model in models.items():
            figures += _lived(f"{place.device}, {name}", DeviceAgent(model, worlds, place.device), rates, rounds)
    return figures + _asked()


def _lived(name: str, player: DeviceAgent, rates: Rates, rounds: int) -> list[Figure]:
    """Return how fast each thing is that an agent does, and what share of the matrix product's rate that is."""
    decisions = player.collect().actions.numel()
    rate = rates.get(player.dtype, rates[torch.float32])
    how = f"{TASK}, PPO, {player.worlds} worlds, median of {rounds}"
    full = f"every token of {len(player.sentences)} sentences, nothing shared, median of {rounds}"
    figures = [
        Figure(f"{name}: living", decisions / _seconds(player.collect, player.device, rounds), "steps/s", source=how)
    ]
    for what, work, count, unit, source in (
        ("living and learning", player.collect_and_learn, decisions, "steps/s", how),
        ("reading", player.read, player.tokens, "tokens/s", full),
        ("reading with gradients", player.descend, player.tokens, "tokens/s", full),
    ):
        seconds = _seconds(work, player.device, rounds)
        share = _operations(work) / seconds / rate
        figures.append(Figure(f"{name}: {what}", count / seconds, unit, source=source))
        told = f"operations in matrices, counted while it does so, to the {_name(player.dtype)} product"
        figures.append(Figure(f"{name}: share of the matrix rate, {what}", share, "of 1", source=told))
    return figures


def _operations(work: Callable[[], object]) -> int:
    """Return the operations that products of matrices in `work` take, two for each number and number."""
    with FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())


def _asked() -> list[Figure]:
    """Live and learn once on a device that is not there; report what a GPU would be asked for."""
    plain = DeviceAgent(ModelConfig(), SMALL.n_envs, torch.device("cpu"), SMALL)
    plain.collect_and_learn()
    with second_device() as device:
        far = DeviceAgent(ModelConfig(), SMALL.n_envs, ELSEWHERE, SMALL)
        device.forget()
        far.collect()
        living = device.computed, sum(device.brought.values()), sum(device.waited.values())
        far = DeviceAgent(ModelConfig(), SMALL.n_envs, ELSEWHERE, SMALL)
        far.collect_and_learn()
    pairs = zip(plain.policy.parameters(), far.policy.parameters(), strict=True)
    apart = max(float((weight.detach() - near(other.detach())).abs().max()) for weight, other in pairs)
    how = f"built-in, {SMALL.n_steps} steps in {SMALL.n_envs} worlds, on a device that is not there"
    steps = SMALL.n_steps + 1
    told = ("operations", "copies to or from the device", "waits for an answer")
    return [
        Figure("another device: difference of the weights after an update", apart, "", "= 0", apart == 0, how),
        *(
            Figure(f"another device: {what} for a step in all worlds", count / steps, "", source=how)
            for what, count in zip(told, living, strict=True)
        ),
    ]


def _matrix_rate(place: DeviceKind, dtype: torch.dtype, rounds: int) -> float:
    """Return operations per second of the product of two square matrices."""
    left, right = (torch.ones(place.size, place.size, device=place.device, dtype=dtype) for _ in range(2))
    with _full_precision():
        return 2 * place.size**3 / _seconds(partial(torch.mm, left, right), place.device, rounds)


def _seconds(work: Callable[[], object], device: torch.device, rounds: int) -> float:
    """Return the median time of so many rounds, after one that warms up; a GPU is waited for."""

    def awaited() -> None:
        work()
        _wait(device)

    return medians({"work": awaited}, rounds)["work"]


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@contextmanager
def _full_precision() -> Iterator[None]:
    """Multiply float32 as float32: with TF32 the rate would be that of another kind of number."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
