from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from agents.config import RunConfig
from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig, TableConfig
from agents.config.algorithms import DQNConfig
from agents.models import MemoryEstimate, ModelFacts, ModelWarning, TrainedLayers
from agents.models.catalogue import ModelChoice, from_source
from widgets.models.models_panel import ModelsPanel
from widgets.requests import ExamineModel, FindModel, ListModels, NameModel, UseModel
from widgets.scene import Scene

HUB = PretrainedConfig(source="some/model")
CHOICES = (
    ModelChoice("built in", "transformer", ModelConfig()),
    ModelChoice("built in", "mlp", MLPConfig()),
    ModelChoice("built in", "table", TableConfig()),
    ModelChoice("on this machine", "some/model", HUB),
)
FACTS = ModelFacts(
    name="some/model",
    origin="huggingface.co/some/model",
    commit="0123456789abcdef",
    architecture="LlamaForCausalLM",
    weights=268_000_000,
    dtype="BF16",
    context=32_768,
    licence="apache-2.0",
    has_template=True,
    disk=540_000_000,
    is_whole=False,
    layers=(TrainedLayers("q_proj", 18, 640, 1_024, 13_312),),
    head=641,
    memory=MemoryEstimate(1_072_000_000, 3_000_000, 3_000_000, 6_000_000, 900_000_000),
    batch=(64, 128),
)


@pytest.fixture
def panel(qtbot):
    panel = ModelsPanel()
    qtbot.addWidget(panel)
    panel.resize(560, 300)
    panel.requests = []
    panel.requested.connect(panel.requests.append)
    panel.show()
    panel.show_choices(CHOICES)
    return panel


def choose(panel, choice):
    panel.list.choose(choice)
    return panel


def sheet_texts(panel):
    grid = panel.sheet._grid
    rows = [[grid.itemAtPosition(row, column) for column in (0, 1)] for row in range(grid.rowCount())]
    return {
        title.widget().text(): value.widget().text().replace("\u200b", "") for title, value in rows if title and value
    }


def test_models_are_listed_in_groups_and_the_next_run_s_is_chosen(panel):
    texts = [panel.list.item(row).text() for row in range(panel.list.count())]
    assert texts == ["Built in", "Transformer", "MLP", "Table", "On this machine", "some/model"]
    assert panel.list.choice == CHOICES[0]
    assert panel.requests == [ExamineModel(ModelConfig())]
    assert not panel.list.item(0).flags() & Qt.ItemFlag.ItemIsSelectable


def test_every_fact_is_shown_before_the_model_is_loaded(panel):
    choose(panel, CHOICES[3]).show_facts(HUB, FACTS)
    assert sheet_texts(panel) == {
        "Architecture": "LlamaForCausalLM",
        "Weights": "268,000,000 as BF16",
        "From": "huggingface.co/some/model",
        "Commit": "0123456789ab",
        "Licence": "apache-2.0",
        "On disk": "540.0 MB",
        "Context": "32,768 tokens",
        "Chat": "its tokeniser has a chat template",
        "Trains": "q_proj 640→1,024 ×18; value head 641",
        "Memory needed": "1.1 GB; at most 2.0 GB with a batch",
        "Frozen weights": "1.1 GB",
        "Learned weights": "6.0 MB, gradients included",
        "Optimiser": "6.0 MB",
        "Largest batch": "900.0 MB: 64 sentences of 128 tokens",
    }
    assert panel.list.item(5).toolTip() == "some/model\n268 M weights · 1.1 GB"


def test_the_button_requests_a_usable_model(panel, qtbot):
    choose(panel, CHOICES[3])
    assert not panel.use.isEnabled()  # its facts are not known yet
    panel.show_facts(HUB, FACTS)
    qtbot.mouseClick(panel.use, Qt.MouseButton.LeftButton)
    assert panel.requests[-1] == UseModel(HUB)
    panel.show_config(RunConfig(model=HUB))
    assert not panel.use.isEnabled()
    assert panel.subtitle() == "the next run has some/model"


def test_an_unusable_model_shows_the_reason_and_disables_the_button(panel):
    problem = ModelWarning("it would hold {needed}, and this machine has {there} of memory; choose a smaller model")
    facts = replace(FACTS, problem=replace(problem, arguments={"needed": "9 GB", "there": "8 GB"}))
    choose(panel, CHOICES[3]).show_facts(HUB, facts)
    assert panel.sheet.problem.text().startswith("Can't be used: it would hold 9 GB, and this machine has 8 GB")
    assert not panel.use.isEnabled()
    choose(panel, CHOICES[1]).show_facts(MLPConfig(), ModelFacts(name="mlp", origin=""))
    assert panel.sheet.problem.isHidden()


def test_changed_settings_request_new_facts(panel):
    choose(panel, CHOICES[3]).show_facts(HUB, FACTS)
    panel._form.edited.emit("rank", 0)
    assert panel.requests[-1] == ExamineModel(PretrainedConfig(source="some/model", rank=0))
    panel._form.edited.emit("rank", -1)
    assert "rank" in panel._form._problems["rank"].text()
    assert panel.requests[-1] == ExamineModel(PretrainedConfig(source="some/model", rank=0))


def test_a_live_run_keeps_its_model(panel):
    choose(panel, CHOICES[3]).show_facts(HUB, FACTS)
    panel.draw(Scene(state="running"))
    assert not panel.use.isEnabled()
    panel.draw(Scene(state="stored"))
    assert panel.use.isEnabled()


def test_other_batches_need_other_estimates(panel):
    panel.show_facts(HUB, FACTS)
    panel.show_config(RunConfig(algorithm=DQNConfig()))
    choose(panel, CHOICES[3])
    assert panel.requests[-1] == ExamineModel(HUB)


def test_a_name_a_folder_and_a_file_can_be_requested(panel, qtbot, tmp_path):
    qtbot.keyClicks(panel.source, "other/model")
    qtbot.keyClick(panel.source, Qt.Key.Key_Return)
    for button in (panel.folder, panel.file, panel.again):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.requests[1:] == [NameModel("other/model"), FindModel("folder"), FindModel("file"), ListModels()]
    panel.add_choice(from_source("other/model", ModelConfig()))
    assert panel.list.choice.title == "other/model"
    assert panel.source.text() == ""
    assert panel.requests[-1] == ExamineModel(PretrainedConfig(source="other/model"))


@pytest.mark.parametrize(("name", "is_taken"), [("model.gguf", True), ("folder", True), ("notes.txt", False)])
def test_a_folder_or_a_gguf_file_can_be_dropped(name, is_taken, panel, tmp_path):
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_bytes(b"")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    buttons = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    panel.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, *buttons))
    assert panel.requests[1:] == ([NameModel(str(path))] if is_taken else [])
