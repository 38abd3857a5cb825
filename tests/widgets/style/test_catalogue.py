import ast
import string
import tomllib
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

import resources
from agents.analysis.definitions import FAMILIES
from agents.config import RunConfig, agent, algorithms, config_file, learning, strategies, strategy_pair
from agents.config.compatibility import REASONS
from agents.config.strategy_pair import CONFLICTS, TWICE
from agents.language.context_limit import CUT
from agents.metrics import METRICS
from agents.models import architectures, descriptions, facts, trainable_layers
from agents.registry import ALGORITHMS, MEMORIES, META, STRATEGIES, names
from app.proof.catalogue import entries
from app.window.actions import ACTIONS, MENUS
from app.window.help import OTHER_KEYS
from app.window.menus import SUBMENUS
from app.window.panels import PANELS
from app.window.status_bar import END_TEXTS, LOAD_TEXTS, PHASE_TEXTS, STATE_TEXTS
from envs import options
from envs.curriculum import Stage
from envs.external.checked_env import WARNING_TEMPLATES
from envs.gym_worlds.reward_threshold import SCALED_GOAL_NOTE, SCALED_GOAL_WARNING
from envs.options import Frozen
from envs.task import library
from envs.teaching import Teaching
from widgets.forms.field_editors import field_title
from widgets.forms.field_titles import FIELDS, LEVELS
from widgets.forms.part_titles import SUMMARIES, TITLES
from widgets.models.model_list import GROUPS
from widgets.plots.run_names import FORKED
from widgets.proof.proof_marks import MARKS
from widgets.proof.proof_table import TITLES as TITLES_OF_FIGURES
from widgets.runs.run_actions import RUN_ACTIONS
from widgets.runs.run_table import COLUMNS
from widgets.style.catalogue import LANGUAGES
from widgets.views.divergence_text import DEGREES

ROOT = Path(__file__).parents[3]


def literals(path):
    """Every literal that `tr` is called with, including both branches of a conditional."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr" and node.args:
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.strip("_ "):
                    yield part.value


def code_texts():
    for folder in ("app", "widgets"):
        for path in (ROOT / folder).rglob("*.py"):
            yield from literals(path)


def templates():
    """Message templates of refused commands and errors in `agents`."""
    for path in (ROOT / "agents").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant))
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
                yield from (part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant))


def table_texts():
    for spec in ACTIONS.values():
        yield from (spec.text, spec.tip)
    for spec in library():
        if not spec.key.startswith("gym:"):
            yield spec.summary
        yield from (spec.title, spec.group)
    yield from (config_file.load(path).name for path in config_file.curricula().values())
    for metric in METRICS:
        yield from (metric.title, metric.formula)
    yield from (row.formula for family in FAMILIES for row in family.rows)
    yield from (title for title, _ in MENUS)
    yield from (text for _, text in OTHER_KEYS)
    yield from (spec.title for spec in PANELS)
    yield from (entry.question for entry in entries())
    yield from (mark.text for mark in MARKS.values())
    yield from filter(None, TITLES_OF_FIGURES)
    yield from (TWICE, CUT, *(rule.reason for rule in CONFLICTS))
    yield from (column.title for column in COLUMNS)
    yield from (text for action in RUN_ACTIONS.values() for text in (action.name, action.tip))
    yield from (*WARNING_TEMPLATES, SCALED_GOAL_WARNING, SCALED_GOAL_NOTE, FORKED)
    yield from (*LEVELS.values(), *(words.label for words in FIELDS.values()), *SUMMARIES.values())
    yield from ("done", "stopped", "fault", "running", "paused", "interrupted")
    yield from (
        *STATE_TEXTS.values(),
        *END_TEXTS.values(),
        *PHASE_TEXTS.values(),
        *REASONS,
        *SUBMENUS.values(),
        *TITLES.values(),
    )
    yield from (*descriptions.TITLES, *descriptions.TEXTS, *descriptions.TIPS, *facts.TEXTS, *GROUPS.values())
    yield from (words for _, words in DEGREES)
    yield from (text for group in LOAD_TEXTS.values() for text in group)
    yield from (architectures.UNKNOWN, architectures.NO_TEXT, architectures.UNSHARED, trainable_layers.NO_SUCH)


def models(module):
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Frozen)]
    return [kind for kind in kinds if kind.model_fields and not kind.__subclasses__()]


def model_texts():
    parts = (agent, algorithms, learning, strategies, strategy_pair, options)
    for model in {RunConfig, *(kind for part in parts for kind in models(part)), Stage, Teaching}:
        yield (model.__doc__ or "").strip().splitlines()[0]
        for key, field in model.model_fields.items():
            if key in ("id", "name", "stages"):
                continue
            yield from (field.description or "", field_title(key))
            yield from choices(field.annotation)


def choices(annotation):
    """The values of a setting that is a Literal, also of an optional one."""
    for kind in (annotation, *get_args(annotation)):
        if get_origin(kind) is Literal:
            yield from map(str, get_args(kind))


def needed():
    kinds = [name for table in (ALGORITHMS, STRATEGIES, META, MEMORIES) for name in names(table)]
    texts = {*code_texts(), *table_texts(), *model_texts(), *templates()} - set(kinds) - {""}
    return sorted(text for text in texts if any(character.isalpha() for character in text) and text != "{error}")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_the_catalogue_knows_every_text_of_the_interface(language):
    known = tomllib.loads(resources.path(f"translations/{language}.toml").read_text(encoding="utf-8"))
    assert [text for text in needed() if text not in known] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_has_the_same_placeholders(language):
    known = tomllib.loads(resources.path(f"translations/{language}.toml").read_text(encoding="utf-8"))
    for text, translation in known.items():
        assert placeholders(translation) <= placeholders(text), text


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
