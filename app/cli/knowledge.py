"""`knowledge`: print or export the knowledge base of a stored run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from agents.errors import BadInput
from agents.events import KnowledgeEntry
from agents.knowledge.embedding_map import EmbeddingMap
from agents.knowledge.ngram_encoder import HashedNgrams
from agents.knowledge.query import Query
from agents.store.run_store import RunStore
from agents.story import View
from app.cli.options import Json, Overwrite, RunName, Runs, must_be_free
from app.cli.output import print_json, wide
from app.cli.progress import show_table
from app.runs import knowledge_tables
from app.runs.tables import column_titles

PRINTED = ("id", "sentence", "confidence", "state", "source", "task", "uses", "step")
"""Columns printed on the terminal; files and `--json` hold all of them."""


def knowledge(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    at: Annotated[
        int | None, typer.Option("--at", metavar="STEP", help="Step of the run; its end if left out.")
    ] = None,
    words: Annotated[str, typer.Option(metavar="WORDS", help="Only sentences that contain all of these words.")] = "",
    similar_to: Annotated[
        str, typer.Option("--like", metavar="TEXT", help="Only sentences with a similar meaning, nearest first.")
    ] = "",
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write them to a .csv or .json file.")] = None,
    overwrite: Overwrite = False,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Print the knowledge base of a run, or write it to a file."""
    stored = RunStore(runs).find(run_name)
    view = stored.story().until(at)
    if not view.knowledge_version:
        raise BadInput(
            f"{stored.id} has no knowledge at step {view.step:,}; start a run with --set knowledge.max_entries=1000"
        )
    rows = knowledge_tables.rows(_matching(view, words, similar_to), column_titles(view.tasks))
    if to is not None:
        must_be_free([to], overwrite)
        knowledge_tables.write(to, rows)
    if as_json:
        files = [] if to is None else [str(to)]
        print_json({"run": stored.id, "step": view.step, "files": files, "entries": rows})
    elif to is None:
        show_table(wide(), [{key: row[key] for key in PRINTED} for row in rows])
    else:
        wide().print(str(to), markup=False)


def _matching(view: View, words: str, similar_to: str) -> Sequence[KnowledgeEntry]:
    entries = [entry for entry in view.knowledge() if Query(words=words).matches(entry)]
    if not similar_to:
        return entries
    index, by_id = EmbeddingMap(HashedNgrams()), {entry.id: entry for entry in entries}
    index.update(entries, len(entries))
    nearest = index.nearest(similar_to, len(entries), view.story.config.knowledge.min_similarity)
    return [by_id[id_] for id_ in nearest]
