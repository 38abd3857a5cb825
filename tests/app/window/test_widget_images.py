import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.story import Story
from app.window.widget_images import WRITERS, save_svg
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.remembering.remembering_panel import RememberingPanel
from widgets.reward.reward_plot import RewardPlot
from widgets.scene import Scene
from widgets.shell.card import Card
from widgets.timeline.timeline import Timeline

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def story(scripted, config):
    return Story(scripted(config, steps=60).events)


@pytest.fixture
def sheet(qtbot):
    instance = QWidget()
    qtbot.addWidget(instance)
    QVBoxLayout(instance).addWidget(QLabel("Go to fell"))
    instance.resize(300, 200)
    return instance


def texts(path):
    return [part.text for part in ElementTree.parse(path).iter(f"{SVG}text")]


def largest_image(path):
    sizes = [
        float(part.get("width")) * float(part.get("height")) for part in ElementTree.parse(path).iter(f"{SVG}image")
    ]
    return max(sizes, default=0)


@pytest.mark.parametrize("panel", [RewardPlot, RememberingPanel, Timeline])
def test_a_panel_is_saved_as_vectors_and_text(qtbot, tmp_path, story, config, panel):
    model = CurriculumModel()
    model.load(config.stages, config.name)
    instance = panel(model) if panel is Timeline else panel()
    host = QWidget()
    qtbot.addWidget(host)
    card = Card("card", "Card", instance, host)
    host.resize(900, 300)
    QVBoxLayout(host).addWidget(card)
    host.show()
    instance.draw(Scene(story=story, name="run", state="stored"))
    path = tmp_path / "panel.svg"
    save_svg(card, path)
    assert QSvgRenderer(str(path)).isValid()
    assert any(texts(path))
    assert largest_image(path) <= 64 * 64, "only icons may be raster images"


def test_an_svg_has_the_size_and_the_text_of_its_widget(tmp_path, sheet):
    path = tmp_path / "sheet.svg"
    save_svg(sheet, path)
    assert ElementTree.parse(path).getroot().get("viewBox") == "0 0 300 200"
    assert texts(path) == ["Go to fell"]


def test_a_png_has_the_size_of_its_widget(tmp_path, sheet):
    path = tmp_path / "sheet.png"
    WRITERS["png"](sheet, path)
    assert QImage(str(path)).size() == sheet.size() * sheet.devicePixelRatio()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_cannot_be_written_raises_oserror(tmp_path, sheet, kind):
    with pytest.raises(OSError, match="nowhere"):
        WRITERS[kind](sheet, tmp_path / "nowhere" / "sheet")
