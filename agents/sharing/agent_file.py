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
_MOST_TASKS, _MOST_PHRASES = 1_000, 10_000


class Words(Frozen):
    """The words that have a token of their own."""

    words: tuple[str, ...]
    """In the order they were learned."""

    @field_validator("words")
    @classmethod
    def _plain(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        odd = next((word for word in words if split(word) != [word]), None)
        if odd is not None:
            raise ValueError(f"{odd[:40]!r} is not one word in lower case")
        if len(set(words)) < len(words):
            raise ValueError("a word is there twice")
        return words


class Model(Frozen):
    """The language model, its weights left out."""

    config: ModelConfig
    """Its size."""
    tokenizer: Words
    """Its vocabulary."""
    initial_vocabulary_size: int = Field(ge=FIRST_WORD)
    """Size of the vocabulary at birth."""
    seed: int = Field(ge=0, lt=2**31)
    """What the rows of new words are drawn from."""


def _task_ids(action_sets: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if not all(key.isascii() and key.isdecimal() and int(key[:9]) < _MOST_TASKS for key in action_sets):
        raise ValueError(f"columns must be numbers below {_MOST_TASKS}")
    if sum(map(len, action_sets.values())) > _MOST_PHRASES:
        raise ValueError(f"there are more than {_MOST_PHRASES:,} phrases")
    return action_sets


Menus = Annotated[dict[str, tuple[str, ...]], AfterValidator(_task_ids)]


class Description(Frozen):
    """The agent, its weights left out."""

    kind: Literal["transformer"]
    """Tells a language agent from other bodies."""
    model: Model
    """How it reads and speaks."""
    action_sets: Menus
    """The phrases that each column of its run offered."""


class Provenance(Frozen):
    """Where an agent comes from."""

    run: str = Field(max_length=400)
    """Name of its run."""
    step: int = Field(ge=0)
    """How many steps it had lived."""
    tasks: tuple[str, ...] = Field((), max_length=_MOST_TASKS)
    """Titles of the tasks it had begun, in order."""
    strategy: str = Field("", max_length=80)
    """How old skills survived."""
    algorithm: str = Field("", max_length=80)
    """How it learned."""


class About(Frozen):
    """All but the weights."""

    agent: Description
    """What it is."""
    provenance: Provenance
    """Where it comes from."""
    task_arrays: Numbers = Field(default_factory=dict)
    """Which columns wear weights of their own."""

    @model_validator(mode="after")
    def _have_task_ids_that_it_met(self) -> About:
        odd = sorted(set(self.task_arrays) - set(self.agent.action_sets))
        if odd:
            raise ValueError(f"column {odd[0][:40]!r} wears weights of its own, and the agent never met it")
        return self


@dataclass(frozen=True, slots=True)
class SharedAgent:
    """An agent that was opened and found whole."""

    about: About
    arrays: Mapping[str, NDArray[Any]]
    files: Mapping[str, bytes]
    """`ABOUT` and `WEIGHTS` as they came."""
    task_arrays: ArraysByTask = field(default_factory=dict)
    """What it wears instead of `arrays` in some columns of its run."""

    @property
    def weights(self) -> int:
        """How many numbers it has learned."""
        return sum(array.size for array in self.arrays.values())


def export(run: Run, path: Path, step: int | None = None) -> Provenance:
    """Write the agent of a run, as it was at `step` or is now. Raises `BadInput`."""
    arrays, description, at = run.checkpoint_at(step)
    kind = description["kind"]
    if kind != "transformer":
        raise BadInput(
            f"{run.id}: its agent is of kind {kind!r}, and only a transformer can begin another run: "
            "its actions are words that it knows elsewhere, too; export the whole run"
        )
    clips = run.story().until(at).clips
    provenance = Provenance(
        run=run.name[:400],
        step=at,
        tasks=tuple(dict.fromkeys(clip.stage.configured_task.title for clip in clips)),
        strategy=spelling(run.config.strategy),
        algorithm=run.config.algorithm.name,
    )
    worn, numbers = numbered(run.task_arrays_at(at))
    told = {
        "agent": description,
        "provenance": provenance.model_dump(),
        **({"task_arrays": numbers} if numbers else {}),
    }
    about, packed = codec.dumps(told).encode(), task_weights.packed({**arrays, **worn})
    read(about, packed, run.id)  # what could not be opened again is not sent out
    pack(path, "agent", {ABOUT: about, WEIGHTS: packed})
    return provenance


def load(path: Path) -> SharedAgent:
    """Open an agent's file. Raises `BadInput` with one line unless everything about it fits together."""
    with opened(path) as bundle:
        if bundle.kind != "agent":
            raise BadInput(f"{path.name}: holds a {bundle.kind}, not an agent; import it first")
        return read(bundle.content(ABOUT), bundle.content(WEIGHTS), path.name)


def read(about: bytes, packed: bytes, name: str) -> SharedAgent:
    """Make an agent of the content of its two files. Raises `BadInput`, which calls it `name`."""
    try:
        told = About.model_validate(parse(about, largest=LARGEST_ABOUT))
        weights = expected(told.agent)
        arrays, task_arrays = parted(
            unpacked(packed, with_task_arrays(weights, told.task_arrays)), weights, told.task_arrays
        )
    except ValidationError as error:
        raise BadInput(f"{name}: the agent is described wrongly ({explain(error)}); ask for it again") from error
    except ValueError as error:
        raise BadInput(f"{name}: the agent cannot be read ({error}); ask for it again") from error
    return SharedAgent(told, arrays, {ABOUT: about, WEIGHTS: packed}, task_arrays)


def expected(agent: Description) -> Shapes:
    """Return names and shapes of the weights that `agent` must have. Raises ValueError if it contradicts itself."""
    words = agent.model.tokenizer.words
    missing = {
        word for action_set in agent.action_sets.values() for phrase in action_set for word in split(phrase)
    } - set(words)
    if missing:
        raise ValueError(f"{min(missing)[:40]!r} is an action's word without a token")
    config = agent.model.config
    return policy_shapes(config, config.context + LONGEST_PHRASE, FIRST_WORD + len(words))
