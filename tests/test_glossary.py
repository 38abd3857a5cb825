"""Words that the glossary has retired are in no name of the product."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("agents", "app", "widgets", "envs")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def retired():
    """The words in the first column of the table under *Retired words*."""
    table = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").split("## Retired words")[1]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| ")][1:]
    return {word.strip() for row in rows for word in row.split(",")}


def names(path):
    """Every name that a file gives to something, its own among them."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def test_the_glossary_retires_words():
    assert {"diary", "odds"} <= retired()


def test_retired_words_are_in_no_name():
    words = retired()
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in names(path)
        if words & {word.lower() for word in WORD.findall(name)}
    }
    assert not found
