"""The same constructs in both dialects: MediaWiki if ``wiki``, else Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def heading(wiki: bool, level: int, text: str) -> str:
    """A heading of level 2 to 6."""
    return f"{'=' * level} {text} {'=' * level}" if wiki else f"{'#' * level} {text}"


def bold(wiki: bool, text: str) -> str:
    return f"'''{text}'''" if wiki else f"**{text}**"


def bullet_list(wiki: bool, items: Sequence[str]) -> str:
    """A list; an item that starts with a space is nested."""
    bullet = "*" if wiki else "-"
    return "\n".join(f"   {bullet} {item[1:]}" if item[:1] == " " else f"{bullet} {item}" for item in items)


def code(wiki: bool, text: str, language: str = "python") -> str:
    if wiki:
        return f'<syntaxhighlight lang="{language}">\n{text}\n</syntaxhighlight>'
    return f"```{language}\n{text}\n```"


def table(wiki: bool, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if wiki:
        lines = "".join(f"|-\n| {' || '.join(row)}\n" for row in rows)
        return f'{{| class="wikitable"\n|-\n! {" !! ".join(head)}\n{lines}|}}'
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def infobox(sources: Sequence[tuple[str, str, str]], domains: Sequence[str], updated: str) -> str:
    """The metadata of a MediaWiki page."""
    cited = "\n".join(f"* [[source::{kind}|{title}|{url}]]" for kind, title, url in sources)
    fields = ", ".join(f"[[domain::{domain.replace(' ', '_')}]]" for domain in domains)
    return f"""{{| class="wikitable" style="float:right; margin-left:1em; width:300px;"
|-
! Knowledge Sources
|
{cited}
|-
! Domains
| {fields}
|-
! Last Updated
| [[last_updated::{updated} 14:00 GMT]]
|}}"""


def metadata(sources: Sequence[tuple[str, str, str]], domains: Sequence[str], updated: str) -> str:
    """The metadata of a Markdown page."""
    cited = ", ".join(f"[{kind}: {title}]({url})" for kind, title, url in sources)
    fields = {"Domains": ", ".join(domains), "Sources": cited, "Last Updated": updated}
    return "## Metadata\n\n" + bullet_list(False, [f"**{key}**: {value}" for key, value in fields.items()])
