from pathlib import Path, PureWindowsPath

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from widgets.shell.save_dialog import ask_for_file, ask_for_folder, file_name

KINDS = {".toml": "Curricula (*.toml)", ".csv": "Tables (*.csv)"}
TITLES = [
    ("Kitchen, then mirror", "Kitchen, then mirror"),
    ("a/b", "a-b"),
    ("../../etc/passwd", "-..-etc-passwd"),
    (r"C:\mine", "C-mine"),
    ('what? "this" <is> a|b*', "what- -this- -is- a-b-"),
    ("line\nbreak\tand\x00nul", "line-break-and-nul"),
    ("lesson v1.5", "lesson v1.5"),
    ("ends with dots. . .", "ends with dots"),
    (".hidden", "hidden"),
    ("con", "_con"),
    ("Aux.1", "_Aux.1"),
    ("COM1", "_COM1"),
    ("LPT³.x", "_LPT³.x"),
    ("concert", "concert"),
    ("", "Untitled"),
    ("///", "Untitled"),
    (" .. ", "Untitled"),
    ("猫" * 200, "猫" * 66),
]


@pytest.fixture
def parent(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """Lets a name be typed into the next dialogs, and answers questions by a button's words."""

    class Typed:
        def __init__(self):
            self.offered, self.asked, self.answer = [], [], "Cancel"

        def __call__(self, name, filter_=""):
            def choose(_parent, _title, offered, *_):
                self.offered.append(offered)
                return str(tmp_path / name), filter_

            monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)

    typed = Typed()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))

    def press(box):
        typed.asked.append(box.text())
        box.chosen = next(button for button in box.buttons() if button.text() == typed.answer)

    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)
    return typed


@pytest.mark.parametrize(("title", "name"), TITLES)
def test_any_title_gives_a_name_that_a_file_can_have_on_every_system(title, name, tmp_path):
    assert file_name(title) == name
    (tmp_path / f"{name}.toml").write_text("")
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.toml"]
    assert PureWindowsPath(f"{name}.toml").name == f"{name}.toml"


@pytest.mark.parametrize(
    ("name", "filter_", "written"),
    [
        ("lesson v1.5", "", "lesson v1.5.toml"),
        ("lesson", "", "lesson.toml"),
        ("lesson.toml", "", "lesson.toml"),
        ("lesson.TOML", "", "lesson.TOML"),
        ("lesson.csv", "", "lesson.csv"),
        ("lesson.txt", "", "lesson.txt.toml"),
        ("v1.5", KINDS[".csv"], "v1.5.csv"),
        ("ends.", "", "ends..toml"),
    ],
)
def test_the_suffix_is_appended_never_put_in_the_place_of_what_follows_a_dot(
    parent, typed, tmp_path, name, filter_, written
):
    typed(name, filter_)
    assert ask_for_file(parent, "Save", "x", KINDS) == tmp_path / written
    assert typed.asked == []


@pytest.mark.parametrize(("answer", "chosen"), [("Replace", "lesson v1.5.toml"), ("Cancel", None)])
def test_the_file_that_would_be_written_is_asked_about_where_it_is_there(parent, typed, tmp_path, answer, chosen):
    (tmp_path / "lesson v1.5.toml").write_text("precious")
    typed("lesson v1.5")
    typed.answer = answer
    assert ask_for_file(parent, "Save", "x", KINDS) == (tmp_path / chosen if chosen else None)
    assert typed.asked == ["‘lesson v1.5.toml’ is there already. Replace it?"]


def test_a_folder_that_is_there_is_asked_about_too(parent, typed, tmp_path):
    typed("")
    assert ask_for_folder(parent, "Export", "run") == tmp_path / "run"
    (tmp_path / "run").mkdir()
    assert ask_for_folder(parent, "Export", "run") is None
    assert typed.asked == ["The folder ‘run’ is there already. Replace the files in it?"]


def test_a_title_with_a_slash_offers_a_file_in_the_folder_that_is_there(parent, typed, tmp_path):
    typed("a")
    ask_for_file(parent, "Save", "lessons/first", KINDS, tmp_path)
    ask_for_file(parent, "Save", "lesson v1.5", KINDS)
    assert typed.offered == [str(tmp_path / "lessons-first.toml"), str(Path.home() / "lesson v1.5.toml")]
