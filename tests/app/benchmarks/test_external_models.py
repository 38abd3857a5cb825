"""Both commands report every defect of a model, and refuse no intact one."""

import pytest

pytest.importorskip("transformers", reason="the extra llm is not installed")

from app.benchmarks.external_models import figures
from app.benchmarks.model_defects import CONTROLS, DEFECTS


def test_each_defect_is_named_and_each_control_runs():
    errors, silent, refused = figures(len(DEFECTS), len(CONTROLS), seed=5)
    assert (errors.value, silent.value, refused.value) == (0, 0, 0)
