"""The Models panel: the available models, the facts about each, and the choice for the next run."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.config.agent import AnyModelConfig, PretrainedConfig
from agents.models import ModelFacts
from agents.models.catalogue import ModelChoice
from agents.models.descriptions import size
from widgets.forms.error_text import validation_error_text
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import strategy_title
from widgets.models.model_list import ModelList
from widgets.models.model_sheet import ModelSheet
from widgets.panel import Panel
from widgets.requests import ExamineModel, FindModel, ListModels, NameModel, UseModel
from widgets.scene import Scene
from widgets.shell.card import TARGET
from widgets.style.icons import icon
from widgets.style.panel_style import GAP, MARGIN, reparent
from widgets.style.text_metrics import scaled, set_placeholder
from widgets.style.translation import tr

_LIST = 176
"""Largest width of the list, in pixels at the normal type size."""
_CHOSEN_IN_LIST = ("name", "source")
"""Settings that the choice in the list determines."""


class ModelsPanel(Panel):
    """The list of models on the left; on the right facts about the chosen one, its settings, and a button to use it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config, self._is_live = RunConfig(), False
        self._choices: tuple[ModelChoice, ...] = ()
        self._named: tuple[ModelChoice, ...] = ()
        self._facts: dict[AnyModelConfig, ModelFacts] = {}
        self._model: AnyModelConfig = self._config.model
        """The model that is shown, with its current settings."""
        self._form: ModelForm | None = None
        self.list, self.sheet = ModelList(), ModelSheet()
        self.list.chosen.connect(self._choose)
        self.source = QLineEdit(clearButtonEnabled=True)
        self.source.setFixedWidth(200)
        self.source.returnPressed.connect(self._name)
        self.folder, self.file, self.again = QToolButton(), QToolButton(), QToolButton()
        for button in (self.folder, self.file, self.again):
            button.setProperty("flat", True)
        self.folder.clicked.connect(lambda: self.requested.emit(FindModel("folder")))
        self.file.clicked.connect(lambda: self.requested.emit(FindModel("file")))
        self.again.clicked.connect(lambda: self.requested.emit(ListModels()))
        self.use = QPushButton()
        self.use.setProperty("primary", True)
        self.use.setMinimumHeight(TARGET)
        self.use.clicked.connect(lambda: self.requested.emit(UseModel(self._model)))
        self.setAcceptDrops(True)
        self._lay_out()
        reparent(self.header_widgets(), self)
        self.setFocusProxy(self.list)
        self.retranslate()
        self.restyle()

    def header_widgets(self) -> list[QWidget]:
        """Return the field for a name, and the buttons for a folder, a file and another search."""
        return [self.source, self.folder, self.file, self.again]

    def subtitle(self) -> str:
        """Return the model of the next run."""
        return tr("the next run has {model}", model=_title(self._config.model))

    def show_config(self, config: RunConfig) -> None:
        """Take the settings of the next run, which the memory estimates of all models depend on."""
        if (config.learning, config.algorithm) != (self._config.learning, self._config.algorithm):
            self._facts.clear()
        self._config = config
        self._show()

    def show_choices(self, choices: tuple[ModelChoice, ...]) -> None:
        """Show the available models, and those that the person named."""
        self._choices = choices
        self._list()

    def add_choice(self, choice: ModelChoice) -> None:
        """Add a model that the person named, and choose it."""
        if choice not in self._named:
            self._named = (*self._named, choice)
        self.source.clear()
        self._list()
        self.list.choose(choice)

    def show_facts(self, model: AnyModelConfig, facts: ModelFacts) -> None:
        """Show the facts about a model."""
        self._facts[model] = facts
        for choice in (*self._choices, *self._named):
            if choice.model == model:
                self.list.set_summary(choice, _summary(facts))
        if model == self._model:
            self._show()

    def draw(self, scene: Scene) -> None:
        """Disable the button while a run is live: it keeps its model."""
        self._is_live = scene.state in ("preparing", "running", "paused")
        self._offer()

    def retranslate(self) -> None:
        """Translate every text."""
        meaning = tr("Press Enter to look it up. Nothing is asked of the network.")
        set_placeholder(self.source, tr("Name on the hub, or a path"), meaning)
        self.source.setAccessibleName(tr("Name of a model on the Hugging Face hub, or its path"))
        self.list.setAccessibleName(tr("Models"))
        texts = {
            self.folder: tr("Choose a folder with a model"),
            self.file: tr("Choose a GGUF file"),
            self.again: tr("Look again for models on this machine"),
        }
        for button, text in texts.items():
            button.setToolTip(text)
            button.setAccessibleName(text)
        self.use.setText(tr("Use this model"))
        self._list()
        self._rebuild()
        self._show()

    def restyle(self) -> None:
        """Update the icons to the colours of the theme, and the list to its type size."""
        self.list.setMaximumWidth(scaled(_LIST))
        self.list.doItemsLayout()
        for button, name in (
            (self.folder, "ph.folder-open"),
            (self.file, "ph.file-plus"),
            (self.again, "ph.arrow-clockwise"),
        ):
            button.setIcon(icon(name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Accept folders and GGUF files."""
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add the dropped model to the list."""
        for path in _dropped(event)[:1]:
            self.requested.emit(NameModel(str(path)))

    def _lay_out(self) -> None:
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 2 * GAP, 0)
        self._column.setSpacing(3 * GAP)
        self._column.addWidget(self.sheet)
        self._column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(content)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        right = QVBoxLayout()
        right.setSpacing(2 * GAP)
        right.addWidget(area, 1)
        right.addWidget(self.use, 0, Qt.AlignmentFlag.AlignRight)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN - GAP, 0, MARGIN, MARGIN - GAP)
        layout.setSpacing(3 * GAP)
        layout.addWidget(self.list, 2)
        layout.addLayout(right, 3)

    def _list(self) -> None:
        self.list.show_choices((*self._choices, *self._named))
        for model, facts in self._facts.items():
            for choice in (*self._choices, *self._named):
                if choice.model == model:
                    self.list.set_summary(choice, _summary(facts))
        if self.list.choice is None:
            here = (choice for choice in self._choices if choice.model == self._config.model)
            for choice in here:
                self.list.choose(choice)

    def _choose(self, choice: ModelChoice) -> None:
        same = choice.model.name == self._model.name
        self._model = choice.model
        if same and self._form is not None:
            self._form.show_model(choice.model)
        else:
            self._rebuild()
        self._examine()

    def _rebuild(self) -> None:
        """Make a form for the settings of the chosen kind of model."""
        if self._form is not None:
            self._form.hide()  # else a pending show event would open it as a window once it has no parent
            self._form.setParent(None)  # now: `deleteLater` leaves it beside the new one until the event loop runs
            self._form.deleteLater()
        fields = tuple(key for key in type(self._model).model_fields if key not in _CHOSEN_IN_LIST)
        self._form = ModelForm(self._model, fields, self)
        self._form.edited.connect(self._set)
        self._column.insertWidget(1, self._form)

    def _set(self, field: str, value: object) -> None:
        try:
            self._model = type(self._model).model_validate({**self._model.model_dump(), field: value})
        except ValidationError as error:
            if self._form is not None:
                self._form.show_problem(field, validation_error_text(error))
            return
        if self._form is not None:
            self._form.show_problem(field, "")
        self._examine()

    def _examine(self) -> None:
        self._show()
        if self._model not in self._facts:
            self.requested.emit(ExamineModel(self._model))

    def _name(self) -> None:
        if source := self.source.text().strip():
            self.requested.emit(NameModel(source))

    def _show(self) -> None:
        facts = self._facts.get(self._model)
        self.sheet.show_facts(_title(self._model), facts)
        if self._form is not None and facts is not None:
            self._form.offer("target_modules", [(name, name) for name in facts.linear])
        self._offer()

    def _offer(self) -> None:
        facts = self._facts.get(self._model)
        is_used = self._model == self._config.model
        self.use.setEnabled(facts is not None and facts.problem is None and not is_used and not self._is_live)
        reason = tr("The next run has it already") if is_used else tr("A run in progress keeps its model")
        self.use.setToolTip(
            reason if is_used or self._is_live else tr("Let the next run have this model; can be undone")
        )


def _title(model: AnyModelConfig) -> str:
    """Return the title of a model: its kind, or the name of a pretrained one."""
    if not isinstance(model, PretrainedConfig):
        return strategy_title(model.name)
    path = Path(model.source)
    return path.name if path.is_absolute() else model.source or strategy_title(model.name)


def _summary(facts: ModelFacts) -> str:
    if facts.problem is not None:
        return tr("can't be used")
    if not facts.weights:
        return ""
    weights = tr("{weights} weights", weights=_short(facts.weights))
    return f"{weights} · {size(facts.memory.persistent)}"


def _short(count: int) -> str:
    """Return a number of weights in short form, such as 270 M."""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return str(count)


def _dropped(event: QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.is_dir() or path.suffix.lower() == ".gguf"]
