from pkgutil import resolve_name

import pytest
from PySide6.QtGui import QImage

from agents.errors import BadInput
from agents.store.run_store import RunStore
from app.window.panels import PANELS
from app.window.screenshot import take
from widgets.runs.run_browser import RunBrowser


@pytest.fixture
def stored(qtbot, tmp_path, scripted, config):
    run = RunStore(tmp_path / "runs").create(config, "pictured")
    list(run.record(scripted(config, steps=40).events))
    return run


def colours(path):
    image = QImage(str(path))
    return {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}


def test_a_panel_of_a_stored_run_is_saved_in_the_given_size(stored, tmp_path):
    path = take(tmp_path / "reward.png", run=stored, panel="reward", theme="light", size=(640, 300))
    assert QImage(str(path)).size().toTuple() == (640, 300)
    assert len(colours(path)) > 5


@pytest.mark.parametrize("spec", [spec for spec in PANELS if spec.beside], ids=lambda spec: spec.key)
def test_a_hidden_panel_draws_the_run_before_it_is_saved(stored, tmp_path, monkeypatch, spec):
    kind, drawn = resolve_name(spec.widget), []
    draw = kind.draw
    monkeypatch.setattr(kind, "draw", lambda panel, scene: (draw(panel, scene), drawn.append(scene.story))[0])
    take(tmp_path / "panel.png", run=stored, panel=spec.key, size=(640, 300))
    assert any(drawn)


def test_the_list_of_runs_shows_the_stored_runs(stored, tmp_path, monkeypatch):
    listed = []
    monkeypatch.setattr(RunBrowser, "show_runs", lambda panel, rows: listed.append([row.name for row in rows]))
    take(tmp_path / "runs.png", run=stored, panel="runs", size=(640, 300))
    assert listed
    assert all(names == ["pictured"] for names in listed)


def test_theme_and_language_change_the_picture(stored, tmp_path):
    pictures = {
        (theme, language): QImage(
            str(
                take(
                    tmp_path / f"{theme}{language}.png",
                    run=stored,
                    panel="remembering",
                    theme=theme,
                    language=language,
                    size=(430, 330),
                )
            )
        )
        for theme, language in (("dark", "en"), ("light", "en"), ("dark", "zh_CN"))
    }
    assert pictures["light", "en"].pixelColor(20, 320).lightness() > 200 > 60
    assert pictures["dark", "en"].pixelColor(20, 320).lightness() < 60
    assert pictures["dark", "en"] != pictures["dark", "zh_CN"]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"panel": "rewards"}, "did you mean 'reward'"),
        ({"theme": "drak"}, "did you mean 'dark'"),
        ({"language": "zh"}, "did you mean 'zh_CN'"),
    ],
)
def test_an_unknown_value_is_refused_with_a_suggestion(stored, tmp_path, wrong, hint):
    with pytest.raises(BadInput, match=hint):
        take(tmp_path / "x.png", run=stored, **wrong)


def test_only_png_files_are_written(stored, tmp_path):
    with pytest.raises(BadInput, match=r"\.png"):
        take(tmp_path / "x.gif", run=stored, panel="reward")
