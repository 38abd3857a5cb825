"""Export an agent of a run to a file, and open such a file as untrusted input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from numpy.typing import NDArray
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from agents import codec
from agents.config.agent import ModelConfig
from agents.config.error_text import explain
from agents.config.strategy_pair import spelling
from agents.errors import BadInput
from agents.language.tokenizer import FIRST_WORD
from agents.language.transformer import LONGEST_PHRASE
from agents.models.transformer_shapes import Shapes, policy_shapes
from agents.runtime.strict_json import parse
from agents.sharing.archive import opened
from agents.sharing.archive_limits import MIB
from agents.sharing.archive_writer import pack
from agents.sharing.task_weights import Numbers, numbered, parted, with_task_arrays
from agents.sharing.weight_check import unpacked
from agents.store import task_weights
from agents.store.run import Run
from agents.store.task_weights import ArraysByTask
from envs.options import Frozen
from envs.words import split

ABOUT, WEIGHTS = "about.json", "agent.safetensors"
LARGEST_ABOUT = 4 * MIB
_MAX_TASKS, _MAX_PHRASES = 1_000, 10_000


class Words(Frozen):
    """The vocabulary beyond the initial tokens."""

    words: tuple[str, ...]
    """The words in the order of their tokens."""

    @field_validator("words")
    @classmethod
    def _are_distinct_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        invalid = next((word for word in words if split(word) != [word]), None)
        if invalid is not None:
            raise ValueError(f"{invalid[:40]!r} is not a single word in lower case")
        if len(set(words)) < len(words):
            raise ValueError("a word occurs twice")
        return words


class Model(Frozen):
    """The language model without its weights."""

    config: ModelConfig
    """Its size."""
    tokenizer: Words
    """Its vocabulary."""
    initial_vocabulary_size: int = Field(ge=FIRST_WORD)
    """Size of the vocabulary when the model was created."""
    seed: int = Field(ge=0, lt=2**31)
    """Seed of the embeddings of new words."""


def _task_ids(action_sets: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if not all(key.isascii() and key.isdecimal() and int(key[:9]) < _MAX_TASKS for key in action_sets):
        raise ValueError(f"task ids must be numbers below {_MAX_TASKS}")
    if sum(map(len, action_sets.values())) > _MAX_PHRASES:
        raise ValueError(f"there are more than {_MAX_PHRASES:,} phrases")
    return action_sets


ActionSets = Annotated[dict[str, tuple[str, ...]], AfterValidator(_task_ids)]


class Description(Frozen):
    """The agent without its weights."""

    kind: Literal["transformer"]
    """Kind of policy: a language policy on the built-in transformer."""
    model: Model
    """Its language model."""
    action_sets: ActionSets
    """The action phrases of each task, by task id."""


class Provenance(Frozen):
    """The origin of an agent."""

    run: str = Field(max_length=400)
    """Name of the run."""
    step: int = Field(ge=0)
    """Environment steps it was trained for."""
    tasks: tuple[str, ...] = Field((), max_length=_MAX_TASKS)
    """Titles of the tasks it was trained on, in order."""
    strategy: str = Field("", max_length=80)
    """Strategy against forgetting."""
    algorithm: str = Field("", max_length=80)
    """Reinforcement learning algorithm."""


class About(Frozen):
    """The JSON part of an agent's file: everything but the weights."""

    agent: Description
    """Its description."""
    provenance: Provenance
    """Its origin."""
    task_arrays: Numbers = Field(default_factory=dict)
    """Index of the per-task weights, by task id, for tasks that have any."""

    @model_validator(mode="after")
    def _have_known_task_ids(self) -> About:
        unknown = sorted(set(self.task_arrays) - set(self.agent.action_sets))
        if unknown:
            raise ValueError(f"task {unknown[0][:40]!r} has per-task weights but no action set")
        return self


@dataclass(frozen=True, slots=True)
class SharedAgent:
    """An agent that was loaded from a file and validated."""

    about: About
    arrays: Mapping[str, NDArray[Any]]
    files: Mapping[str, bytes]
    """The contents of `ABOUT` and `WEIGHTS`, unchanged."""
    task_arrays: ArraysByTask = field(default_factory=dict)
    """Weights that replace `arrays` for some tasks, by task id."""

    @property
    def weights(self) -> int:
        """Number of weights."""
        return sum(array.size for array in self.arrays.values())


def export(run: Run, path: Path, step: int | None = None) -> Provenance:
    """Write the agent of a run at `step`, or the newest, to a file. Raises `BadInput`."""
    arrays, description, at = run.checkpoint_at(step)
    kind = description["kind"]
    if kind != "transformer":
        raise BadInput(
            f"{run.id}: its agent is of kind {kind!r}, but only a transformer can start another run, "
            "since it reads its actions as words; export the whole run"
        )
    clips = run.story().until(at).clips
    provenance = Provenance(
        run=run.name[:400],
        step=at,
        tasks=tuple(dict.fromkeys(clip.stage.configured_task.title for clip in clips)),
        strategy=spelling(run.config.strategy),
        algorithm=run.config.algorithm.name,
    )
    task_weight_arrays, numbers = numbered(run.task_arrays_at(at))
    contents = {
        "agent": description,
        "provenance": provenance.model_dump(),
        **({"task_arrays": numbers} if numbers else {}),
    }
    about, packed = codec.dumps(contents).encode(), task_weights.packed({**arrays, **task_weight_arrays})
    read(about, packed, run.id)  # refuse to export a file that could not be imported
    pack(path, "agent", {ABOUT: about, WEIGHTS: packed})
    return provenance


def load(path: Path) -> SharedAgent:
    """Load an agent's file. Raises `BadInput` with one line if any part is invalid or they are inconsistent."""
    with opened(path) as bundle:
        if bundle.kind != "agent":
            raise BadInput(f"{path.name}: holds a {bundle.kind}, not an agent; import it first")
        return read(bundle.content(ABOUT), bundle.content(WEIGHTS), path.name)


def read(about: bytes, packed: bytes, name: str) -> SharedAgent:
    """Load an agent from its description `about`, in JSON, and its `packed` weights, in safetensors.

    Raises `BadInput` if either is invalid; its message begins with `name`.
    """
    try:
        parsed = About.model_validate(parse(about, largest=LARGEST_ABOUT))
        weights = expected(parsed.agent)
        arrays, task_arrays = parted(
            unpacked(packed, with_task_arrays(weights, parsed.task_arrays)), weights, parsed.task_arrays
        )
    except ValidationError as error:
        raise BadInput(f"{name}: the agent's description is invalid ({explain(error)}); ask for it again") from error
    except ValueError as error:
        raise BadInput(f"{name}: the agent cannot be read ({error}); ask for it again") from error
    return SharedAgent(parsed, arrays, {ABOUT: about, WEIGHTS: packed}, task_arrays)


def expected(agent: Description) -> Shapes:
    """Return names and shapes of the weights that `agent` must have. Raises ValueError if it is inconsistent."""
    words = agent.model.tokenizer.words
    missing = {
        word for action_set in agent.action_sets.values() for phrase in action_set for word in split(phrase)
    } - set(words)
    if missing:
        raise ValueError(f"{min(missing)[:40]!r} is a word of an action but not in the vocabulary")
    config = agent.model.config
    return policy_shapes(config, config.context + LONGEST_PHRASE, FIRST_WORD + len(words))
