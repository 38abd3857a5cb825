import pytest

from app.window.settings import MAX_RECENT, Settings


@pytest.fixture
def folder(tmp_path, qapp):
    return tmp_path / "config"


def reopened(settings):
    settings.flush()
    return Settings(settings.folder)


@pytest.mark.parametrize(("name", "value"), [("theme", "light"), ("language", "zh_CN"), ("scale", 1.3)])
def test_a_choice_is_remembered(folder, name, value):
    settings = Settings(folder)
    setattr(settings, name, value)
    assert getattr(reopened(settings), name) == value


@pytest.mark.parametrize(("name", "default"), [("theme", "dark"), ("scale", 1.0)])
def test_an_invalid_value_is_read_as_missing(folder, name, default):
    settings = Settings(folder)
    settings._file.setValue(name, "nonsense")
    assert getattr(reopened(settings), name) == default


def test_the_folder_can_be_chosen_by_the_environment(folder, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_CONFIG", str(folder))
    assert Settings().folder == folder


def test_recent_files_are_few_distinct_and_still_there(folder, tmp_path):
    settings = Settings(folder)
    files = [tmp_path / f"{number}.toml" for number in range(MAX_RECENT + 2)]
    for path in files:
        path.touch()
        settings.opened(path)
    settings.opened(files[-2])
    files[-1].unlink()
    recent = reopened(settings).recent
    assert recent[0] == files[-2]
    assert files[-1] not in recent
    assert len(recent) == len(set(recent)) == MAX_RECENT - 1


@pytest.mark.parametrize("level", ["simple", "full", "expert"])
def test_the_level_of_detail_is_remembered_and_simple_at_first(tmp_path, level):
    settings = Settings(tmp_path)
    assert settings.detail == "simple"
    settings.store_detail(level)
    settings.flush()
    assert Settings(tmp_path).detail == level
