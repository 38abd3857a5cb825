import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.story import Story
from app.window.widget_images import KINDS, save_svg
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
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made).addWidget(QLabel("Go to fell"))
    made.resize(300, 200)
    return made


def texts(path):
    return [part.text for part in ElementTree.parse(path).iter(f"{SVG}text")]


def largest_image(path):
    sizes = [
        float(part.get("width")) * float(part.get("height")) for part in ElementTree.parse(path).iter(f"{SVG}image")
    ]
    return max(sizes, default=0)


@pytest.mark.parametrize("panel", [RewardPlot, RememberingPanel, Timeline])
def test_a_panel_is_drawn_as_letters_and_lines_not_as_pixels(qtbot, tmp_path, story, config, panel):
    model = CurriculumModel()
    model.load(config.stages, config.name)
    made = panel(model) if panel is Timeline else panel()
    host = QWidget()
    qtbot.addWidget(host)
    card = Card("card", "Card", made, host)
    host.resize(900, 300)
    QVBoxLayout(host).addWidget(card)
    host.show()
    made.draw(Scene(story=story, name="run", state="stored"))
    path = tmp_path / "panel.svg"
    save_svg(card, path)
    assert QSvgRenderer(str(path)).isValid()
    assert any(texts(path))
    assert largest_image(path) <= 64 * 64, "icons at most are pictures"


def test_a_drawing_has_the_size_and_the_words_of_what_it_shows(tmp_path, sheet):
    path = tmp_path / "sheet.svg"
    save_svg(sheet, path)
    assert ElementTree.parse(path).getroot().get("viewBox") == "0 0 300 200"
    assert texts(path) == ["Go to fell"]


def test_a_picture_has_the_pixels_of_what_it_shows(tmp_path, sheet):
    path = tmp_path / "sheet.png"
    KINDS["png"](sheet, path)
    assert QImage(str(path)).size() == sheet.size() * sheet.devicePixelRatio()


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_written_is_an_error_for_the_caller(tmp_path, sheet, kind):
    with pytest.raises(OSError, match="nowhere"):
        KINDS[kind](sheet, tmp_path / "nowhere" / "sheet")
