import pytest

from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig, TableConfig
from agents.models.catalogue import choices, from_source
from app.session.session import Session
from app.window.model_library import ModelLibrary


@pytest.fixture
def library(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    session = Session(tmp_path / "runs")
    instance = ModelLibrary(session, None)
    yield instance
    instance.close()
    session.close()


def test_models_are_listed_and_examined_in_another_thread(library, qtbot):
    examined = {}
    library.examined.connect(examined.__setitem__)
    with qtbot.waitSignal(library.listed, timeout=20_000) as listed:
        library.list_all()
    models = listed.args[0]
    assert [choice.title for choice in models[:3]] == ["transformer", "mlp", "table"]
    qtbot.waitUntil(lambda: len(examined) == len({choice.model for choice in models}), timeout=20_000)
    assert examined[ModelConfig()].problem is None


def test_a_chosen_model_is_used_by_the_next_run_and_can_be_undone(library):
    session = library._session
    configs = []
    session.config_changed.connect(configs.append)
    library.use(MLPConfig(width=32))
    assert session.config.model == MLPConfig(width=32)
    session.curriculum.undo()
    assert session.config.model == ModelConfig()
    session.curriculum.redo()
    assert configs[-1].model == MLPConfig(width=32)


def test_a_table_changes_the_algorithm_and_undo_restores_it(library):
    session = library._session
    before = session.config
    library.use(TableConfig())
    assert session.config.algorithm.name == "q_learning"
    session.curriculum.undo()
    assert session.config == before


def test_a_model_and_other_settings_are_undone_one_after_the_other(library):
    session = library._session
    library.use(MLPConfig())
    session.reconfigure(session.config.changed({"seed": 7}), {"seed": 7})
    session.curriculum.undo()
    assert (session.config.seed, session.config.model) == (0, MLPConfig())
    session.curriculum.undo()
    assert session.config.model == ModelConfig()


def test_the_settings_of_a_pretrained_model_stay_when_another_is_named():
    settings = PretrainedConfig(source="one/model", rank=4)
    assert from_source("two/model", settings).model == PretrainedConfig(source="two/model", rank=4)
    assert from_source("/folder/three", settings).title == "three"


def test_models_in_the_hubs_cache_are_listed(tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub", reason="the extra llm is not installed")
    snapshot = tmp_path / "models--some--model" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    refs = tmp_path / "models--some--model" / "refs"
    refs.mkdir()
    (refs / "main").write_text("0" * 40)
    scan = hub.scan_cache_dir
    monkeypatch.setattr(hub, "scan_cache_dir", lambda: scan(tmp_path))
    assert [choice.title for choice in choices(ModelConfig()) if choice.group == "on this machine"] == ["some/model"]
