import re
from pathlib import Path

import pytest

from agents.errors import BadInput
from agents.studies.study_file import load
from agents.studies.trials import arms_of, orders_of, trials_of

SMALL = 'name = "Memory"\nseeds = 2\n'


@pytest.fixture
def study(tmp_path):
    def read(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return read


def test_a_grid_is_every_combination_with_every_seed(study):
    read, base = study(f'{SMALL}[grid]\n"strategy.name" = ["replay", "agem"]\n"memory.buffer_size" = [16, 4096]\n')
    trials = trials_of(read, base)
    assert [(trial.arm, trial.config.seed) for trial in trials] == [
        (f"{name}, buffer_size {size}", seed) for seed in (0, 1) for name in ("replay", "agem") for size in (16, 4096)
    ]
    assert {trial.config.memory.buffer_size for trial in trials} == {16, 4096}
    assert all(trial.tags[0] == "study: Memory" for trial in trials)


def test_named_arms_hold_several_settings(study):
    read, base = study(
        f'{SMALL}[[arms]]\nname = "small"\nsettings = {{ "strategy.name" = "replay", "memory.buffer_size" = 16 }}\n'
        '[[arms]]\nname = "none"\n'
    )
    small, none, *_ = trials_of(read, base)
    assert (small.arm, small.config.memory.buffer_size) == ("small", 16)
    assert (none.arm, none.config) == ("none", base.changed({"seed": 0}))


def test_a_search_draws_the_same_settings_every_time_and_within_their_range(study):
    space = '"learning.learning_rate" = { low = 1e-4, high = 1e-2, log = true }'
    text = f"{SMALL}[search]\nsamples = 20\n[search.space]\n{space}\n"
    rates = [[arm["learning.learning_rate"] for _, arm in arms_of(study(text)[0])] for _ in range(2)]
    assert rates[0] == rates[1]
    assert len(set(rates[0])) == 20
    assert all(1e-4 <= rate <= 1e-2 for rate in rates[0])
    assert sum(rate < 1e-3 for rate in rates[0]) in range(4, 17)  # half of them, on a logarithmic scale


def test_seeds_take_turns_with_the_orders(study):
    read, base = study('name = "Orders"\nseeds = 4\norders = 2\n')
    orders = [[stage.task for stage in trial.config.stages] for trial in trials_of(read, base)]
    assert orders[0] == orders[2] == [stage.task for stage in base.stages]
    assert orders[1] == orders[3] != orders[0]
    assert sorted(orders[1]) == sorted(orders[0])
    assert len({config.model_dump_json() for config in orders_of(base, 24)}) == 24


def test_experts_are_added_for_every_task_and_seed(study):
    read, base = study(f"{SMALL}experts = true\n")
    trials = trials_of(read, base)
    assert sum(trial.arm == "expert" for trial in trials) == 2 * len(base.stages)


BAD = [
    ("seeds = 3", "study.toml: name: "),
    (f"{SMALL}curriculum = 'nowhere.toml'", "curriculum 'nowhere.toml' is no file beside it, and none of demo"),
    (f"{SMALL}sedes = 3", "sedes: unknown setting; did you mean 'seeds'?"),
    ('name = "x"\nseeds = []', "seeds: must hold at least one seed"),
    ('name = "x"\nseeds = [1, 1]', "seeds: a seed is listed twice"),
    ('name = "x"\nseeds = 1000000000', "has 10,001 runs; take at most 10,000"),
    (f'{SMALL}[grid]\n"learning.n_envs" = []', "grid"),
    (f"{SMALL}[grid]\n" + "".join(f'"a.b{i}" = [1, 2, 3, 4]\n' for i in range(10)), "has 2,097,152 runs"),
    (f'{SMALL}[search.space]\n"learning.n_envs" = {{ low = 3, high = 1 }}', "low 3 must be below high 1"),
    ("name = ", "is not valid TOML"),
    ("a." * 3_000 + "a = 1", "study.toml: "),
]


@pytest.mark.parametrize(("text", "line"), BAD, ids=[line[:40] for _, line in BAD])
def test_bad_input_is_one_line_that_says_what_to_mend(study, text, line):
    with pytest.raises(BadInput) as refusal:
        study(text)
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("grid", "line"),
    [
        ('"strategy.nme" = ["ewc"]', "arm 'nme ewc': "),
        ('"strategy.name" = ["ewc"]\n"strategy.batch_size" = [3]', "batch_size"),
        ('"strategy.name" = ["ewc"]\n[settings]\n"model.width" = 33', "must be a multiple of heads"),
        ('"strategy.name" = ["ewc", "ewc"]', "two arms have the same name or the same settings"),
    ],
)
def test_settings_that_do_not_fit_are_named_with_their_arm(study, grid, line):
    read, base = study(f"{SMALL}[grid]\n{grid}\n")
    with pytest.raises(BadInput) as refusal:
        trials_of(read, base)
    assert line in str(refusal.value)


def test_more_orders_than_there_are_is_refused(study):
    read, base = study(f"{SMALL}orders = 25\n")
    with pytest.raises(BadInput, match="orders: 4 stages have 24 orders, not 25"):
        trials_of(read, base)


def test_the_examples_of_the_handbook_can_be_planned(study):
    page = (Path(__file__).parents[3] / "docs/studies.md").read_text(encoding="utf-8")
    whole, search = re.findall(r"^```toml study\.toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for text, count in ((whole, 20), (f'name = "Search"\n{search}', 24)):
        assert len(trials_of(*study(text))) == count
