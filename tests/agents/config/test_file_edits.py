import pytest

from agents.config.config_file import curricula, dump, parse
from agents.config.file_edits import CurriculumText
from envs.curriculum import Stage

FILE = """\
# my notes
name = "mine"  # a title

# what is learned how
[algorithm]
name = "ppo"
clip_range = 0.1  # careful

# easy first
[[stages]]
task = "household/go-to"  # the kitchen
steps = 5_000

# then the mirror
[[stages]]
task = "mirror/go-to"
steps = 6_000

  [stages.options]
  max_episode_steps = 30  # small

# how it is scored
[evaluation]
eval_freq = 0
"""


def read(text):
    return CurriculumText(text, parse(text))


def stages(source, *indices, **changes):
    return tuple(source.config.stages[index].model_copy(update=changes) for index in indices)


@pytest.fixture
def source():
    return read(FILE)


EDITS = {
    "nothing": lambda source: {},
    "title": lambda source: {"name": "theirs"},
    "seed": lambda source: {"seed": 7},
    "budget": lambda source: {"stages": (*stages(source, 0, steps=9_000), source.config.stages[1])},
    "gate": lambda source: {"stages": (*stages(source, 0, until=0.9), source.config.stages[1])},
    "order": lambda source: {"stages": stages(source, 1, 0)},
    "one less": lambda source: {"stages": stages(source, 1)},
    "one more": lambda source: {"stages": (Stage(task="household/open"), *source.config.stages)},
    "none": lambda source: {"stages": ()},
    "setting": lambda source: {
        "algorithm": source.config.algorithm.model_copy(update={"clip_range": 0.3, "n_epochs": 9})
    },
    "default": lambda source: {"algorithm": source.config.algorithm.model_copy(update={"clip_range": 0.2})},
    "other algorithm": lambda source: {"algorithm": source.config.changed({"algorithm.name": "grpo"}).algorithm},
    "strategy": lambda source: {"strategy": source.config.changed({"strategy.name": "ewc"}).strategy},
    "pair": lambda source: {"strategy": source.config.changed({"strategy.name": "ewc+replay"}).strategy},
    "options": lambda source: {"stages": (source.config.stages[0], *stages(source, 1, options={}))},
    "task": lambda source: {
        "stages": (source.config.stages[0], *stages(source, 1, task="gym:CartPole-v1", options={}))
    },
}


def comparable(config):
    return parse(dump(config.model_copy(update={"stages": ()}))), [
        stage.model_dump(exclude={"id"}) for stage in config.stages
    ]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_text_parses_to_the_edited_config_and_keeps_the_comments_of_unchanged_tables(source, edit):
    config = source.config.model_copy(update=EDITS[edit](source))
    text = source.edited(config)
    assert comparable(parse(text)) == comparable(config)
    remaining = {stage.id for stage in config.stages}
    removed = [stage.id not in remaining for stage in source.config.stages]
    lost = ("# easy first", "# the kitchen") * removed[0] + ("# then the mirror", "# small") * removed[1]
    lost += ("# small",) * (edit in ("options", "task")) + ("# careful",) * (edit == "other algorithm")
    comments = [line[line.index("#") :] for line in FILE.splitlines() if "#" in line]
    assert [comment for comment in comments if comment not in lost and comment not in text] == []


def test_unedited_text_stays_the_same_byte_by_byte(source):
    assert source.edited(source.config) == FILE
    config = source.config.model_copy(update=EDITS["budget"](source))
    assert source.edited(config) == FILE.replace("5_000", "9000")


def test_a_comment_moves_with_the_stage_below_it(source):
    text = source.edited(source.config.model_copy(update=EDITS["order"](source)))
    assert text.index("# then the mirror") < text.index('"mirror/go-to"') < text.index("# easy first")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing but a comment",
        'stages = [{task = "household/go-to", steps = 5}]  # inline\n',
        'strategy.name = "ewc"  # dotted\n[[stages]]\ntask = "household/go-to"\n',
        'strategy = {name = "ewc"}  # a table in a line\n[[stages]]\ntask = "household/go-to"\n',
        '# windows\r\nname = "x"\r\n\r\n[[stages]]\r\ntask = "household/go-to"\r\n',
        'name = """\n[[stages]]\n"""  # a trap\n[[stages]]\ntask = "household/go-to"\n',
        '[["stages"]]  # quoted\ntask = "household/go-to"\n[[ stages ]]\ntask = "household/open"\n',
    ],
)
def test_files_in_any_toml_notation_can_be_edited(text):
    source = read(text)
    for changes in ({}, {"seed": 5}, {"stages": (Stage(task="mirror/go-to"),)}, {"name": "y", "stages": ()}):
        config = source.config.model_copy(update=changes)
        assert comparable(parse(source.edited(config))) == comparable(config)
    assert source.edited(source.config) == text


@pytest.mark.parametrize("name", curricula())
def test_every_shipped_curriculum_keeps_its_comments(name):
    source = CurriculumText.read(curricula()[name])
    text = source.edited(source.config.model_copy(update={"name": "Mine", "seed": 3}))
    for line in source.text.splitlines():
        assert line in text or not line.startswith("#")
