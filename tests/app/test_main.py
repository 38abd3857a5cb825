import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

WORLDS = """
import gymnasium
gymnasium.register("MyPole-v0", entry_point="gymnasium.envs.classic_control:CartPoleEnv", max_episode_steps=50)
"""
CURRICULUM = """
[learning]
n_envs = 2
[evaluation]
n_eval_episodes = 2
[[stages]]
task = "gym:MyPole-v0"
steps = 64
"""


def palimpsest(*arguments, folder):
    environment = {**os.environ, "PYTHONPATH": str(folder), "PALIMPSEST_RUNS": str(folder / "runs")}
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_import_registers_the_users_own_worlds(tmp_path):
    (tmp_path / "my_worlds.py").write_text(WORLDS)
    file = tmp_path / "mine.toml"
    file.write_text(CURRICULUM)
    without = palimpsest("run", file, "--quiet", folder=tmp_path)
    assert without.returncode == 2
    assert "MyPole" in without.stderr
    done = palimpsest("run", file, "--json", "--quiet", "--import", "my_worlds", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tasks"][0]["key"] == "gym:MyPole-v0"


def test_a_missing_module_is_refused_in_one_line(tmp_path):
    done = palimpsest("--import", "no_such_worlds", "list", "worlds", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("palimpsest: --import: No module named 'no_such_worlds'")
    assert done.stderr.count("\n") == 1


def test_import_without_a_module_is_refused(tmp_path):
    assert "a module name is missing" in palimpsest("list", "worlds", "--import", folder=tmp_path).stderr
