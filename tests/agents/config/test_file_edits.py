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


def stages(source, *places, **changes):
    return tuple(source.config.stages[place].model_copy(update=changes) for place in places)


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


def meaning(config):
    return parse(dump(config.model_copy(update={"stages": ()}))), [
        stage.model_dump(exclude={"id"}) for stage in config.stages
    ]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_text_means_what_was_edited_and_keeps_every_comment_of_what_is_still_there(source, edit):
    config = source.config.model_copy(update=EDITS[edit](source))
    text = source.saying(config)
    assert meaning(parse(text)) == meaning(config)
    kept = {stage.id for stage in config.stages}
    gone = [stage.id not in kept for stage in source.config.stages]
    lost = ("# easy first", "# the kitchen") * gone[0] + ("# then the mirror", "# small") * gone[1]
    lost += ("# small",) * (edit in ("options", "task")) + ("# careful",) * (edit == "other algorithm")
    comments = [line[line.index("#") :] for line in FILE.splitlines() if "#" in line]
    assert [comment for comment in comments if comment not in lost and comment not in text] == []


def test_what_was_not_edited_stays_as_it_was_written_byte_by_byte(source):
    assert source.saying(source.config) == FILE
    config = source.config.model_copy(update=EDITS["budget"](source))
    assert source.saying(config) == FILE.replace("5_000", "9000")


def test_a_comment_moves_with_the_stage_below_it(source):
    text = source.saying(source.config.model_copy(update=EDITS["order"](source)))
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
def test_files_written_in_any_way_can_be_edited(text):
    source = read(text)
    for changes in ({}, {"seed": 5}, {"stages": (Stage(task="mirror/go-to"),)}, {"name": "y", "stages": ()}):
        config = source.config.model_copy(update=changes)
        assert meaning(parse(source.saying(config))) == meaning(config)
    assert source.saying(source.config) == text


@pytest.mark.parametrize("name", curricula())
def test_every_curriculum_that_comes_along_keeps_its_comments(name):
    source = CurriculumText.read(curricula()[name])
    text = source.saying(source.config.model_copy(update={"name": "Mine", "seed": 3}))
    for line in source.text.splitlines():
        assert line in text or not line.startswith("#")
