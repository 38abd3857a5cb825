import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.algorithms import FOMAMLConfig, PPOConfig, ReinforceConfig
from agents.config.config_file import changed, curricula, dump, find_curriculum, load, parse, save
from agents.config.error_text import comma_hint
from agents.config.strategies import EWCConfig, ReplayConfig
from agents.errors import BadInput
from envs.curriculum import Stage

STAGE = '[[stages]]\ntask = "household/go-to"\n'

BAD = [
    (
        '[[stages]]\ntask = "houshold/go-to"',
        "stages[0].task: unknown task 'houshold/go-to'; did you mean 'household/go-to'?",
    ),
    (STAGE + STAGE + '[[stages]]\ntask = "x"', "stages[2].task: unknown task 'x'; there are: household/go-to,"),
    ('[[stages]]\ntask = "gym:os:system"', "stages[0].task: 'gym:os:system' is not a Gymnasium id; write it like gym:"),
    ("[[stages]]\nsteps = 3", "stages[0].task: is missing"),
    (STAGE + "steps = 0", "stages[0].steps: must be at least 1, got 0"),
    (STAGE + "steps = 2.5", "stages[0].steps: must be a whole number, got 2.5"),
    (STAGE + "until = 1.5", "stages[0].until: must be at most 1, got 1.5"),
    (STAGE + "until = nan", "stages[0].until: must be a finite number, got nan"),
    (STAGE + 'kind = "mata"', "stages[0].kind: must be 'task' or 'meta', got 'mata'"),
    (STAGE + 'kind = "meta"', "stages[0]: a meta stage needs a family of tasks, and 'household/go-to' is a single one"),
    (STAGE + "options = 3", "stages[0].options: must be a table of settings, got 3"),
    (STAGE + "[stages.options]\nobject = 2", "stages[0].options.object: unknown setting; did you mean 'objects'?"),
    (STAGE + "[stages.options]\nobjects = 9", "stages[0].options.objects: must be at most 3, got 9"),
    (STAGE + "[stages.strategy]\nbatch_size = 2", "stages[0].strategy.batch_size: unknown setting; there are: name"),
    (
        STAGE + '[stages.strategy]\nname = "replai"',
        "stages[0].strategy.name: unknown strategy 'replai'; did you mean 'replay'?",
    ),
    (
        STAGE + '[stages.strategy]\nname = "ewc"\nstrength = -1',
        "stages[0].strategy.strength: must be at least 0, got -1",
    ),
    ("sed = 3", "sed: unknown setting; did you mean 'seed'?"),
    ('seed = "x"', "seed: must be a whole number, got 'x'"),
    ("seed = 1979-05-27", "seed: must be a whole number, got datetime.date(1979, 5, 27)"),
    ("seed = " + "9" * 3000, "seed: must be less than 2147483648, got 999"),
    ("name = 3", "name: must be text in quotes, got 3"),
    ('device = "gpu"', "device: must be 'auto', 'cpu' or 'cuda', got 'gpu'"),
    ('strategy = "replay"', "strategy: must be a table of settings, got 'replay'"),
    ('[strategy]\nname = "reply"', "strategy.name: unknown strategy 'reply'; did you mean 'replay'?"),
    ("[strategy]\nrows = 3", "strategy.name: is missing; write which strategy these settings are for"),
    ('[strategy]\nname = "replay"\nbatch_sise = 3', "strategy.batch_sise: unknown setting; did you mean 'batch_size'?"),
    ('[algorithm]\nname = "ppo"\ngamma = 2', "algorithm.gamma: must be at most 1, got 2"),
    ("[learning]\nlearning_rate = inf", "learning.learning_rate: must be a finite number, got inf"),
    ("[model]\nwidth = 65", "model: width 65 must be a multiple of heads 4"),
    ("[model]\nwidth = 3\nheads = 0", "model.width: must be at least 8, got 3 (and 1 more)"),
    ("stages = 3", "stages: must be a list of tables like [[stages]], got 3"),
    ("stages = [3]", "stages[0]: must be a table of settings, got 3"),
    (f'{STAGE}id = "a"\n{STAGE}id = "a"', "stages: two stages have the same id"),
    ('"a\\nb" = 1', "'a\\nb': unknown setting; there are: name, seed"),
    ("x =", "is not valid TOML: Invalid value (at end of document)"),
    ("\x00", "is not valid TOML: "),
    ("a." * 40_000 + "a = 1", "line 1 has 80005 characters; write at most 4000 in a line"),
    ("a." * 40 + "a = 1", "line 1: a key has more than 16 parts; settings are at most 3 deep"),
    ("x = {" + "a." * 40 + "a = 1}", "line 1: a key has more than 16 parts"),
    ('"a".' * 40 + "a = 1", "line 1: a key has more than 16 parts"),
    ("x = " + "[" * 3000, "brackets are nested too deeply"),
]


@pytest.mark.parametrize(("text", "line"), BAD, ids=[line[:40] for _, line in BAD])
def test_bad_input_names_the_place_the_value_and_the_remedy(text, line):
    with pytest.raises(BadInput) as refusal:
        parse(text, name="demo.toml")
    assert str(refusal.value).startswith(f"demo.toml: {line}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["\n".join(f"b{n}." + "a." * 14 + "a = 1" for n in range(8_000)), ("x = [" + "1," * 1900 + "]\n") * 200],
    ids=["many dotted keys", "many long lines"],
)
def test_no_file_takes_long_to_refuse(text):
    before = time.process_time()
    with pytest.raises(BadInput):
        parse(text)
    assert time.process_time() - before < 3


@pytest.mark.parametrize("text", ['name = "dots ................................. in text"', "# " + "." * 200])
def test_dots_in_text_and_comments_are_no_deep_keys(text):
    assert parse(text).seed == 0


DEMO = load(find_curriculum("demo"))
SEEDS = [find_curriculum(name).read_text(encoding="utf-8") for name in sorted(curricula())]
PIECES = st.sampled_from(
    [
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        '"',
        "'",
        "\n",
        "#",
        "stages",
        "name",
        "nan",
        "-1",
        "1e400",
        "0x",
        "\\u0000",
    ]
) | st.text(max_size=4)


@st.composite
def mutated(draw):
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        text = text[:at] + draw(PIECES) + text[at + length :]
    return text


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(mutated() | st.text(max_size=80))
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_line(text):
    refusal = refusal_of(lambda: parse(text))
    assert len(refusal.splitlines()) <= 1
    assert len(refusal) <= 400


def refusal_of(read):
    """Return the line that refuses; nothing if it was read. Any other exception passes through."""
    try:
        assert isinstance(read(), RunConfig)
    except BadInput as refusal:
        return str(refusal)
    return ""


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["ppo", "ewc", "gym:x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "task", "batch_size", "x"]), inner)
    ),
    max_leaves=4,
)
PATHS = st.sampled_from(
    [
        "seed",
        "name",
        "strategy.name",
        "strategy.batch_size",
        "stages",
        "stages.0",
        "stages.0.steps",
        "stages.0.options.objects",
        "stages.7.x",
        "strategy",
        "model.width",
        "a.b.c",
        ".",
        "name.x",
        "stages.0.strategy.name",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PATHS, VALUES, min_size=1, max_size=3))
def test_whatever_is_set_it_holds_or_is_refused_in_one_line(changes):
    assert len(refusal_of(lambda: changed(DEMO, changes)).splitlines()) <= 1


STAGES = st.builds(
    Stage,
    task=st.sampled_from(["household/go-to", "household/words", "gym:CartPole-v1"]),
    steps=st.integers(1, 10**9),
    until=st.none() | st.floats(0.01, 1),
    options=st.sampled_from([{}, {"max_episode_steps": 40}]),
    strategy=st.sampled_from([{}, {"name": "ewc", "strength": 0.5}]),
)
CONFIGS = st.builds(
    RunConfig,
    name=st.text(max_size=200),
    seed=st.integers(0, 2**31 - 1),
    stages=st.lists(STAGES, max_size=3).map(tuple),
    algorithm=st.sampled_from([PPOConfig(), PPOConfig(gamma=0.5), ReinforceConfig(), ReinforceConfig(batch_size=7)]),
    strategy=st.sampled_from([ReplayConfig(), EWCConfig(strength=1e-7), ReplayConfig(batch_size=5)]),
    meta=st.sampled_from([FOMAMLConfig(meta_batch_size=2)]),
    model=st.builds(ModelConfig, layers=st.integers(1, 24)),
)


@settings(max_examples=200, deadline=None)
@given(CONFIGS)
def test_what_is_written_reads_back_the_same(config):
    assert parse(dump(config, ids=True)) == config
    again = parse(dump(config))
    assert again.model_dump(exclude={"stages": {"__all__": {"id"}}}) == config.model_dump(
        exclude={"stages": {"__all__": {"id"}}}
    )


def test_only_what_differs_is_written_for_people_to_read():
    stages = (
        Stage(task="household/go-to", options={"objects": 2}),
        Stage(kind="meta", task="household/words", until=0.5),
    )
    config = RunConfig(name="Two", stages=stages, strategy=ReplayConfig(batch_size=64))
    assert dump(config) == (
        'name = "Two"\n\n'
        '[strategy]\nname = "replay"\nbatch_size = 64\n\n'
        '[[stages]]\ntask = "household/go-to"\nsteps = 20000\n\n[stages.options]\nobjects = 2\n\n'
        '[[stages]]\nkind = "meta"\ntask = "household/words"\nsteps = 20000\nuntil = 0.5\n'
    )


def test_saving_replaces_a_file_whole_or_not_at_all(tmp_path):
    path = tmp_path / "mine.toml"
    save(path, RunConfig(name="First"))
    save(path, RunConfig(name="Second"))
    assert load(path).name == "Second"
    assert [found.name for found in tmp_path.iterdir()] == ["mine.toml"]
    with pytest.raises(BadInput, match="cannot be written"):
        save(path / "below.toml", RunConfig())


@pytest.mark.parametrize("name", curricula())
def test_every_curriculum_of_the_lab_is_valid(name):
    config = load(find_curriculum(name))
    assert config.stages
    assert config.name != "Untitled"


def test_a_curriculum_is_found_by_name_or_by_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(STAGE)
    assert find_curriculum("demo").name == "demo.toml"
    assert find_curriculum(str(path)) == path
    with pytest.raises(BadInput, match="unknown curriculum 'dmo'; did you mean 'demo'"):
        find_curriculum("dmo")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"x" * 1_000_001, "is larger than 1 MB"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (None, "there is no such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, content, line):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=line):
        load(path)


def test_a_folder_is_no_curriculum(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b'name = "From Windows"\r\n')
    assert load(path).name == "From Windows"


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 5000 + ".toml", "\0", "", ".", "/", "../nowhere"])
def test_a_name_that_no_file_can_have_is_refused_in_one_line(name):
    assert len(refusal_of(lambda: load(find_curriculum(name))).splitlines()) == 1


COMMAS = {
    "0,5": "; write 0.5, with a point",
    "-1,25": "; write -1.25, with a point",
    ",5": "; write .5, with a point",
    "1,5e-3": "; write 1.5e-3, with a point",
    "1,000": "; write 1000, without commas",
    "12,000,000": "; write 12000000, without commas",
    "0.5": "",
    "a,b": "",
    "1,2,3": "",
}


@pytest.mark.parametrize("number", COMMAS)
def test_a_number_with_commas_is_refused_with_how_it_is_written(number, tmp_path):
    assert comma_hint(number) == COMMAS[number]
    assert comma_hint(f" {number} ") == COMMAS[number]
    if COMMAS[number]:
        with pytest.raises(BadInput, match=re.escape(COMMAS[number])):
            changed(RunConfig(), {"learning.learning_rate": number})
        path = tmp_path / "a.toml"
        path.write_text(f"[learning]\nlearning_rate = {number}\n")
        with pytest.raises(BadInput, match="is not valid TOML.*" + re.escape(COMMAS[number])):
            load(path)
