"""Markdown as GitHub, GitLab, Azure, MkDocs, Docusaurus, MyST, kramdown, Notion and Obsidian write it, said in
pandoc's and Quarto's: tables of what becomes what, and a loop over the lines. What no row knows stays as it is."""

from .inlines import block_anchor
from .notion import without_notion_id
from .pages import to_pandoc

__all__ = ["block_anchor", "to_pandoc", "without_notion_id"]
