"""The form with a clip's options: budget, target score, environment, teacher and strategy.

Its fields are built from the pydantic models of these options, which also validate the entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from agents.config.error_text import explain
from agents.config.strategies import SingleStrategyConfig
from agents.config.strategy_pair import StrategyConfig, tables
from envs.curriculum import Stage, unteachable
from envs.experts import has_expert
from envs.gym_worlds.reward_threshold import SCALED_GOAL_NOTE, shortened_goal
from envs.options import GymOptions
from envs.teaching import Teaching
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.curriculum.edit_conflict import EditConflict
from widgets.forms.field_editors import FieldEditor, RealEditor, WordsEditor, field_editor
from widgets.forms.field_titles import LEVELS, Level, hidden_settings_text, label_and_level
from widgets.forms.form_rows import FormRows
from widgets.forms.number_text import number_text
from widgets.forms.part_titles import strategy_title
from widgets.style.panel_style import flat_combo, quiet_label, row
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr
from widgets.timeline.teacher_editor import TeacherEditor
from widgets.timeline.tracks import clip_title

WIDTH = 400
ERROR_LINE = 24
"""Height reserved for one error message, in pixels."""
AROUND_FIELDS = 160
"""Height of the parts of the form above and below the fields, in pixels."""


class StageForm(QDialog):
    """Edits one clip's options; applying them is one undo step.

    Signals:
        level_chosen: str: the user chose a level of detail, one of `LEVELS`.
    """

    level_chosen = Signal(str)

    def __init__(
        self,
        model: CurriculumModel,
        id_: str,
        strategy: StrategyConfig,
        parent: QWidget | None = None,
        *,
        runs: Sequence[tuple[str, Path]] = (),
        level: Level = "expert",
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("Popup")
        self._runs, self._corner = runs, QPoint()
        self._model, self._stage, self._strategy = model, model.stage(id_), strategy
        self.setWindowTitle(tr("Options of {title}", title=clip_title(self._stage)))
        self.setFixedWidth(scaled(WIDTH))
        self.rows = FormRows()
        self._is_history = not (model.is_open(id_) or model.is_running(id_))
        self._fill()
        self._lay_out()
        self._detail.setCurrentIndex(list(LEVELS).index(level))
        self._show_level()

    def _fill(self) -> None:
        stage, rows = self._stage, self.rows
        fields = Stage.model_fields
        steps_label, gate_label = tr("Steps, at most"), tr("Stop early, at a score of")
        rows.add("steps", steps_label, self._editor("steps", fields["steps"], stage.steps, steps_label))
        gate = self._editor("until", fields["until"], 0.95 if stage.until is None else stage.until, gate_label)
        self.gate = QCheckBox(gate_label)
        self.gate.setChecked(stage.until is not None)
        self.gate.toggled.connect(gate.setEnabled)
        gate.setEnabled(self.gate.isChecked())
        rows.add("until", self.gate, gate)
        rows.heading(tr("World"))
        for name, field, value in self._options():
            words = label_and_level(stage.configured_task.spec.options, name)
            default = field.get_default(call_default_factory=True)
            label = tr(words.label)
            rows.add(f"options.{name}", label, self._editor(name, field, value, label), words, default)
        self._fill_teaching()
        for table, part in self._parts().items():
            settings = _numbers(part)
            if settings:
                rows.heading(tr("{strategy}, in this clip only", strategy=strategy_title(part.name)))
            for name, field, value in settings:
                words = label_and_level(type(part), name)
                editor = self._override(f"{table}{name}", field, value, tr(words.label))
                rows.add(f"strategy.{table}{name}", tr(words.label), editor, words)

    def _fill_teaching(self) -> None:
        """Add the rows of the teacher; a meta clip has none."""
        if self._stage.kind == "meta":
            return
        self.rows.heading(tr("Teacher"))
        for name, field in Teaching.model_fields.items():
            words, value = label_and_level(Teaching, name), getattr(self._stage.teaching, name)
            label = tr(words.label)
            editor = self._teacher(field, label) if name == "teacher" else self._editor(name, field, value, label)
            if isinstance(editor, WordsEditor):
                editor.hint(tr("all of the clip"))
            self.rows.add(f"teaching.{name}", label, editor, words, field.get_default())

    def _teacher(self, field: FieldInfo, label: str) -> FieldEditor:
        editor = TeacherEditor(self._runs, has_expert=has_expert(self._stage.configured_task.spec))
        editor.show_value(self._stage.teaching.teacher)
        editor.describe("teacher", field, label)
        return editor

    def offer_models(self, sources: Sequence[tuple[str, str]]) -> None:
        """Offer these language models, pairs of title and source, as teachers."""
        if self._stage.kind == "task":
            editor = self.rows.editor("teaching.teacher")
            assert isinstance(editor, TeacherEditor), "the field 'teacher' is edited by a TeacherEditor"
            editor.offer_models(sources)

    def _options(self) -> list[tuple[str, FieldInfo, Any]]:
        stage = self._stage
        options = stage.configured_task.spec.options(**stage.options)
        return [(name, field, getattr(options, name)) for name, field in type(options).model_fields.items()]

    def _parts(self) -> dict[str, SingleStrategyConfig]:
        """Return the strategy's parts by the prefix of their settings' names; a meta clip has none."""
        return tables(self._strategy) if self._stage.kind == "task" else {}

    def _editor(self, name: str, field: FieldInfo, value: Any, label: str) -> FieldEditor:
        editor = field_editor(field, name, label)
        editor.show_value(value)
        return editor

    def _override(self, name: str, field: FieldInfo, value: Any, label: str) -> FieldEditor:
        editor = RealEditor(field)
        editor.hint(tr("as in the run: {value}", value=number_text(value)))
        table, _, setting = name.rpartition(".")
        overrides = self._stage.strategy.get(table, {}) if table else self._stage.strategy
        editor.show_value(overrides.get(setting))
        editor.describe(setting, field, label)
        return editor

    def _goal_text(self) -> str:
        """Return how a Gymnasium return goal is adapted to a shorter time limit; empty if it is not."""
        spec = self._stage.configured_task.spec
        options = spec.options(**self._stage.options)
        goal = shortened_goal(spec.fixed["gym_id"], options) if isinstance(options, GymOptions) else None
        return (
            ""
            if goal is None or not isinstance(options, GymOptions)
            else tr(SCALED_GOAL_NOTE, **goal.template_arguments(options.max_episode_steps))
        )

    def _lay_out(self) -> None:
        title = QLabel(clip_title(self._stage))
        title.setProperty("brand", True)
        heading = row(title, None, self._levels())
        summary = QLabel(f"{tr(self._stage.configured_task.spec.summary)} {self._goal_text()}".strip(), wordWrap=True)
        summary.setProperty("quiet", True)
        self._buttons = QDialogButtonBox()
        self._buttons.rejected.connect(self.reject)
        apply = self._buttons.addButton(tr("Apply"), QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = self._buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAutoDefault(False)
        apply.setDisabled(self._is_history)
        self.rows.setDisabled(self._is_history)
        apply.setDefault(True)
        apply.clicked.connect(self.apply)
        for button in (cancel, apply):
            button.setIcon(QIcon())  # some desktops add coloured icons to dialog buttons
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self.rows)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area = area
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(heading)
        for widget in (summary, *self._warning(), area, self._hidden, self._buttons):
            column.addWidget(widget)

    def _levels(self) -> QComboBox:
        """Return the combo box with the levels of detail, which are those of the settings panel."""
        self._detail, self._hidden = flat_combo(), quiet_label(wraps=True)
        self._detail.addItems([tr(name) for name in LEVELS.values()])
        self._detail.setAccessibleName(tr("Level of detail"))
        self._detail.setToolTip(tr("How many settings are shown. One that is not as by default is always shown."))
        self._detail.activated.connect(self._choose_level)
        return self._detail

    def _choose_level(self) -> None:
        self._show_level()
        self._fit()
        self.level_chosen.emit(list(LEVELS)[self._detail.currentIndex()])

    def _show_level(self) -> None:
        level = list(LEVELS)[self._detail.currentIndex()]
        self.rows.show_level(level)
        self._hidden.setText(hidden_settings_text(self.rows.hidden, level))
        self._hidden.setVisible(self.rows.hidden > 0)

    def _warning(self) -> list[QWidget]:
        if self._model.is_open(self._stage.id):
            return self._note()
        text = tr("This clip is in training. With another world or strategy it ends here, and the new one follows.")
        if self._is_history:
            text = tr("This clip is history: it can't be changed. Duplicate it to run it again.")
        label = QLabel(text, wordWrap=True)
        label.setProperty("problem", True)
        return [label]

    def _note(self) -> list[QWidget]:
        """Explain why a meta clip has no strategy rows."""
        if self._stage.kind == "task":
            return []
        text = tr("No strategy acts while a meta clip trains the initial weights. It consolidates after the clip.")
        label = QLabel(text, wordWrap=True)
        label.setProperty("quiet", True)
        return [label]

    def open_above(self, corner: QPoint) -> None:
        """Show the form with its lower left corner at a position of the screen, moved to be wholly visible."""
        self._corner = corner
        self._fit()
        self.open()
        self.rows.editor("steps").setFocus(Qt.FocusReason.TabFocusReason)  # selects the number, to be typed over

    def _fit(self) -> None:
        """Set the height to that of the visible fields, and move the form above its corner, within the screen."""
        corner, screen = self._corner, self.screen().availableGeometry().adjusted(8, 8, -8, -8)
        self._area.setMinimumHeight(min(self.rows.sizeHint().height() + ERROR_LINE, screen.height() - AROUND_FIELDS))
        self.adjustSize()
        left = min(max(corner.x(), screen.left()), screen.right() - self.width())
        top = min(max(corner.y() - self.height() - 8, screen.top()), screen.bottom() - self.height())
        self.move(left, top)

    def apply(self) -> None:
        """Change the clip and close the form, or show the error beside each invalid field."""
        problems = self._problems()
        self.rows.show_problems(problems)
        if problems:
            return
        try:
            self._model.replace(self._stage.id, self._stage_entered())
        except EditConflict as error:
            self.rows.show_problems({"steps": error.user_message})
        else:
            self.accept()

    def _entered(self) -> dict[str, Any]:
        """Return the clip's fields with the edits; values that were not edited keep their exact value."""
        stage, values, edited = self._stage, self.rows.values(), self.rows.edited()
        overrides = {key: value for key, value in _below(values, "strategy.").items() if value not in (None, "")}
        return {
            "id": stage.id,
            "kind": stage.kind,
            "task": stage.task,
            "steps": values["steps"],
            "until": values["until"] if self.gate.isChecked() else None,
            "options": stage.options | _below(edited, "options."),
            "teaching": stage.teaching.model_dump() | _below(edited, "teaching."),
            "strategy": overrides,
        }

    def _stage_entered(self) -> Stage:
        overrides = deepcopy(self._stage.strategy)
        edited = _below(self.rows.edited(), "strategy.")
        for table, part in self._parts().items():
            target = overrides.setdefault(table.rstrip("."), {}) if table else overrides
            for name, value in _below(edited, table).items():
                target.pop(name, None)
                if value not in (None, ""):
                    target[name] = value
            known = {name: value for name, value in target.items() if name in type(part).model_fields}
            checked = type(part).model_validate(part.model_dump() | known)
            # edited values are stored as the model converts them: "64" as 64, not 64.0
            target |= {name: getattr(checked, name) for name in known if table + name in edited}
        strategy = {name: value for name, value in overrides.items() if value != {}}
        return Stage(**{**self._entered(), "strategy": strategy})

    def _problems(self) -> dict[str, str]:
        """Return the error message of every invalid field, by the field's name."""
        entered = self._entered()
        options, overrides = entered.pop("options"), entered.pop("strategy")
        teaching = entered.pop("teaching")
        parts = self._parts().items()
        return {
            **_check(Stage, entered),
            **_check(self._stage.configured_task.spec.options, options, "options."),
            **self._check_teaching(teaching),
            **{
                name: message
                for table, part in parts
                for name, message in _check(
                    type(part), part.model_dump() | _below(overrides, table), f"strategy.{table}"
                ).items()
            },
            **self.rows.problems(),
        }

    def _check_teaching(self, entered: dict[str, Any]) -> dict[str, str]:
        """Return the errors of the teacher's own fields, or else why it cannot teach this task."""
        if problems := _check(Teaching, entered, "teaching."):
            return problems
        message = unteachable(self._stage.configured_task.spec, Teaching(**entered))
        return {"teaching.teacher": message} if message else {}


def _numbers(strategy: SingleStrategyConfig) -> list[tuple[str, FieldInfo, Any]]:
    """Return the numeric settings of a strategy, which a clip may override."""
    fields = type(strategy).model_fields.items()
    return [(name, field, getattr(strategy, name)) for name, field in fields if field.annotation in (int, float)]


def _below(values: dict[str, Any], table: str) -> dict[str, Any]:
    return {name.removeprefix(table): value for name, value in values.items() if name.startswith(table)}


def _check(model: type[BaseModel], data: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Validate `data`; return the error messages by field name with `prefix`."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        return {prefix + str(item["loc"][0]): _message(error.title, item) for item in error.errors() if item["loc"]}
    return {}


def _message(title: str, item: ErrorDetails) -> str:
    single = InitErrorDetails(type=item["type"], loc=item["loc"], input=item["input"], ctx=item.get("ctx", {}))
    message = explain(ValidationError.from_exception_data(title, [single]))
    return message.removeprefix(f"{item['loc'][0]}: ")
