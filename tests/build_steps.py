"""Steps of a build that only tests run separately."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from typedwiki.config import Config
from typedwiki.generate import products
from typedwiki.model import RawFile
from typedwiki.pipeline import Wiki, site_context
from typedwiki.problems import Problem
from typedwiki.read import Content, page_files, read_page
from typedwiki.schema import Schema


def read_pages(
    sources: Sequence[Path], schema: Schema, base: Path, trusted: Sequence[Path] = ()
) -> tuple[list[RawFile], list[RawFile], list[Problem]]:
    """Read every page in a folder named like a type, and every index file. Return pages, indexes, problems."""
    files: list[RawFile] = []
    indexes: list[RawFile] = []
    paths, problems = page_files(sources, schema, base, trusted)
    for file in (file for file in paths if file.page_type):
        content = read_page(file)
        if isinstance(content, Content):
            problems += content.problems
            (indexes if file.is_index else files).append(content.raw)
        elif content:
            problems.append(content)
    return files, indexes, problems


def generate(wiki: Wiki, config: Config) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return every generated file by path relative to the notes folder, and the page that each comes from."""
    generated = [(product.origin, product.make()) for product in products(wiki, config, site_context(wiki, config))]
    files = {name: data for _, group in generated for name, data in group.items()}
    return files, {name: origin for origin, group in generated for name in group if origin}
