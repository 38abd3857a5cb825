"""What README and the handbook say is so: links, commands, files, settings and keys."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

import resources
from agents.analysis.definitions import FAMILIES
from agents.config import RunConfig, config_file
from agents.registry import ALGORITHMS, BENCHMARKS, MEMORIES, META, STRATEGIES, names
from app.__main__ import FILES
from app.cli.bench import options
from app.cli.commands import cli
from app.cli.listing import KINDS
from app.cli.run import load_config, parse_settings
from app.process import application
from app.window.actions import ACTIONS, MENUS
from app.window.menus import SUBMENUS
from app.window.panels import PANELS
from app.window.settings import SCALES
from envs.curriculum import Stage
from envs.options import ChoreOptions, GymOptions, RulesOptions, WordsOptions
from envs.task import library
from widgets.live.watch_controls import SPEEDS
from widgets.style.catalogue import LANGUAGES
from widgets.style.theme import THEMES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}
LINK = re.compile(r"\]\(([^)\s]+)\)")
TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"python -m app(?: [^`#\n]*)?")
SECTION = re.compile(r"^##+ ([^\n]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`]*)` )?\|", re.MULTILINE)
RECIPES = "docs/recipes/"
"""Pages that name parts which do not exist before the recipe is followed; `test_recipes` follows them."""
EXAMPLES = {"RUN": "20260101-a-run", "DIR": "somewhere"}
PARTS = {**names(ALGORITHMS), **names(STRATEGIES), **names(META), **names(MEMORIES)}
TABLES = {key: type(part) for key, part in RunConfig() if isinstance(part, BaseModel) and not hasattr(part, "name")}


def commands():
    for page, text in TEXTS.items():
        for command in dict.fromkeys(COMMAND.findall(text)):
            yield pytest.param(page, shlex.split(command)[3:], id=f"{page}: {command.strip()}")


def tables_of_settings():
    """Return each table of settings, with the model that the heading above it names."""
    for page, text in TEXTS.items():
        for heading, body in SECTION.findall(text):
            name = heading.strip("`[]")
            model = Stage if name == "stages" else {**PARTS, **TABLES}.get(name)
            if model is not None:
                yield pytest.param(model, body, id=f"{page}: {name}")


COMMANDS, SETTINGS = list(commands()), list(tables_of_settings())


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_leads_somewhere(page):
    links = [link.partition("#")[0] for link in LINK.findall(TEXTS[page]) if not link.startswith("https://")]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_every_page_is_found_from_the_handbook():
    linked = {(ROOT / "docs" / link).resolve() for link in LINK.findall(TEXTS["docs/README.md"])}
    assert [page for page in TEXTS if (ROOT / page) not in linked | {ROOT / "docs/README.md"}] == []


@pytest.mark.parametrize(("page", "arguments"), COMMANDS)
def test_every_command_shown_is_understood(page, arguments):
    words = [EXAMPLES.get(word, word) for word in arguments]
    if "--import" in words:
        del words[words.index("--import") : words.index("--import") + 2]
    if not words or words[0].startswith("--") or words[0].endswith(FILES):
        assert application._parser().parse_args(words)
        return
    given = typer.main.get_command(cli).commands[words[0]].make_context(words[0], words[1:]).params
    assert given.get("kind", "runs") in KINDS
    if words[0] == "bench":
        assert given["name"] in {*BENCHMARKS, "all"}
        options(words[2:])
    if words[0] == "run" and not page.startswith(RECIPES):
        _assert_run(given)
    if given.get("panel") and not page.startswith(RECIPES):
        assert given["panel"] in {spec.key for spec in PANELS}


def _assert_run(given):
    """Hold a `run` against the demonstration, where the file that it names is the reader's."""
    own = given["curriculum"].endswith(".toml")
    flags = {"strategy.name": given["strategy"] or "replay", "algorithm.name": given["algorithm"] or "ppo"}
    assert load_config("demo" if own else given["curriculum"], flags | parse_settings(given["changes"] or ()))


@pytest.mark.parametrize("page", [page for page in TEXTS if TOML.search(TEXTS[page])])
def test_every_curriculum_shown_can_be_loaded(page):
    for text in TOML.findall(TEXTS[page]):
        assert config_file.parse(text, name=page).stages


@pytest.mark.parametrize("text", [text for page in TEXTS.values() for text in TOML.findall(page)])
def test_a_curriculum_that_has_the_name_of_one_of_ours_is_ours(text):
    shipped = {path.read_text(encoding="utf-8") for path in config_file.curricula().values()}
    names = {config_file.parse(ours).name for ours in shipped}
    assert config_file.parse(text).name not in names or text in shipped


@pytest.mark.parametrize(("model", "body"), SETTINGS)
def test_every_table_of_settings_is_complete_and_true(model, body):
    rows = dict(ROW.findall(body))
    assert set(rows) == set(model.model_fields) - {"name"}
    for key, value in rows.items():
        if value:
            assert tomllib.loads(f"value = {value}")["value"] == model.model_fields[key].default, key


def test_every_part_and_every_table_is_documented():
    assert {param.id.rpartition(": ")[2] for param in SETTINGS} == {*PARTS, *TABLES, "stages"}


def test_every_task_of_the_library_is_documented_with_its_options():
    assert [spec.key for spec in library() if f"`{spec.key}`" not in TEXTS["docs/worlds.md"]] == []
    sections = dict(SECTION.findall(TEXTS["docs/worlds.md"]))
    for heading, *kinds in (
        ("Household", WordsOptions),
        ("Several rooms", ChoreOptions, RulesOptions),
        ("Gymnasium", GymOptions),
    ):
        rows = dict(ROW.findall(sections[heading]))
        fields = {key: field for options in kinds for key, field in options.model_fields.items()}
        assert set(rows) == set(fields)
        assert all(
            tomllib.loads(f"value = {value}")["value"] == fields[key].default for key, value in rows.items() if value
        )


def test_every_shortcut_is_documented():
    keys = [key for spec in ACTIONS.values() for key in spec.keys.split()]
    assert [key for key in keys if key not in TEXTS["docs/shortcuts.md"]] == []


def test_every_panel_has_a_name_on_the_command_line():
    assert [spec.key for spec in PANELS if f"`{spec.key}`" not in TEXTS["docs/command-line.md"]] == []


NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
)
COUNTED = {
    "algorithms": len(names(ALGORITHMS)),
    "benchmarks": len(BENCHMARKS),
    "curricula": len(config_file.curricula()),
    "families of them": len(FAMILIES),
    "languages": len(LANGUAGES),
    "panels": len(PANELS),
    "recipes": len(list((ROOT / "docs/recipes").glob("*.md"))),
    "sizes": len(SCALES),
    "strategies": len(names(STRATEGIES)),
    "themes": len(THEMES),
}
"""What the pages count, and how many there are: a page that counts them is right, or it says no number."""


@pytest.mark.parametrize("noun", COUNTED)
def test_what_is_counted_is_counted_right(noun):
    words, right = "|".join([*NUMBERS, r"\d+"]), {str(COUNTED[noun]), *NUMBERS[COUNTED[noun] : COUNTED[noun] + 1]}
    for page, text in TEXTS.items():
        numbers = re.findall(rf"\b({words})\s+{noun}\b", " ".join(text.split()), re.IGNORECASE)
        assert {number.lower() for number in numbers} <= right, page


def test_the_fastest_speed_of_watching_is_the_one_that_is_documented():
    match = re.search(r"from holding still to (\d+) steps a second", TEXTS["docs/watching.md"])
    assert match is not None
    assert float(match[1]) == max(SPEEDS)


PATHS = [
    pytest.param(*path, id=f"{page}: {' › '.join(path)}")
    for page, text in TEXTS.items()
    for path in (re.sub(r"\s+", " ", found).split(" › ") for found in re.findall(r"\*(\w+ › [^*]+)\*", text))
]


@pytest.mark.parametrize(("menu", "item"), PATHS)
def test_every_menu_that_is_named_has_that_item(menu, item):
    rows = {title.replace("&", ""): keys for title, keys in MENUS}
    offered = [SUBMENUS[key[1:]] if key.startswith("+") else ACTIONS[key].text for key in rows[menu] if key]
    assert item in [text.replace("&", "") for text in offered]


PRESSED = dict.fromkeys(" ".join(bold.split()) for bold in re.findall(r"\*\*([^*]+)\*\*", TEXTS["README.md"]))


@pytest.mark.parametrize("name", PRESSED)
def test_what_the_readme_lets_one_press_is_called_so_in_the_window(name):
    texts = tomllib.loads(resources.path("translations/zh_CN.toml").read_text(encoding="utf-8"))
    assert name in texts or f"{name}…" in texts or name in TEXTS["docs/shortcuts.md"]
