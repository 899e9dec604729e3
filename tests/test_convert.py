"""The `convert` command: what both dialects can express is kept, and anything else is reported."""

from __future__ import annotations

import html
from pathlib import Path, PurePosixPath

import pytest
from msgspec.structs import replace

from build_steps import read_pages
from cases import FOLDER, load
from conftest import ALL_CASES, GOLDEN, ROOT
from typedwiki import schema
from typedwiki.author.convert import ConvertedPage, convert_page
from typedwiki.author.page_names import dialect_of
from typedwiki.load import namespaces_of
from typedwiki.model import RawFile, WikiPage
from typedwiki.text.parse import is_wiki, parse
from typedwiki.text.verbatim import verbatim_parts
from wiki_generator import write_wiki
from wiki_project import load_project, read_wiki_files, run_command, write_project

pytestmark = pytest.mark.slow

SCHEMA = schema.load()
OTHER = {"markdown": "mediawiki", "mediawiki": "markdown"}


def page(text: str) -> RawFile:
    return RawFile("Principle/Loss.md", "Principle", "Loss", ".", text)


def convert_text(text: str) -> ConvertedPage:
    return convert_page(page(text), OTHER[dialect_of(page(text))], SCHEMA)


MARKDOWN = """# Loss

## Overview

What *training* makes **small**, see `a|b` and $x^2$.

## Details

- one
    - two, of [[Principle:Risk|*that* risk]]
    - three
- four

1. first
2. second

| Name | Value |
|------|-------|
| `a|b` | [site](https://example.org/x) |

```python
x = "<&>"
```

$$\\int_0^1 x$$

![A curve](plots/a.png)

> said once

## Metadata

- **Domains**: Calculus, Training_Loop
- **Sources**: [Book: Deep Learning](https://www.deeplearningbook.org)
- **Last Updated**: 2026-01-31
- **Maintainer**: the *team*

## Connections

- [[implemented_by::Implementation:Torch]]
"""
WIKI = """= Loss =

{| class="wikitable" style="float:right; margin-left:1em; width:300px;"
|-
! Knowledge Sources
|
* [[source::Book|Deep Learning|https://www.deeplearningbook.org]]
|-
! Domains
| [[domain::Calculus]], [[domain::Training_Loop]]
|-
! Last Updated
| [[last_updated::2026-01-31]]
|-
! Maintainer
| the ''team''
|}

== Overview ==

What ''training'' makes \'\'\'small\'\'\', see <code>a|b</code> and <math>x^2</math>.

== Details ==

* one
** two, of [[Principle:Risk|''that'' risk]]
** three
* four

# first
# second

{| class="wikitable"
! Name !! Value
|-
| <code>a|b</code> || [https://example.org/x site]
|}

<syntaxhighlight lang="python">
x = "<&>"
</syntaxhighlight>

<math display="block">\\int_0^1 x</math>

[[File:plots/a.png|A curve]]

<blockquote>
said once
</blockquote>

== Connections ==

* [[implemented_by::Implementation:Torch]]
"""


def test_markdown_becomes_idiomatic_mediawiki() -> None:
    assert convert_text(MARKDOWN) == ConvertedPage(WIKI, ())


def test_mediawiki_becomes_idiomatic_markdown() -> None:
    converted = convert_text(WIKI)
    assert converted.remarks == ()
    for line in MARKDOWN.replace("|------|-------|", "").splitlines():
        assert line in converted.text.replace("](<", "](").replace(">)", ")")
    assert convert_text(converted.text).text == WIKI


@pytest.mark.parametrize(
    ("markdown", "wiki"),
    [
        ("a \\*star\\*", "a <nowiki>*</nowiki>star<nowiki>*</nowiki>"),
        ("it's ''quoted''", "it's <nowiki>''</nowiki>quoted<nowiki>''</nowiki>"),
        ("***both*** and _one_ and __two__", "'''''both''''' and ''one'' and '''two'''"),
        ("# is no list\n".replace("# ", "\\# "), "<nowiki>#</nowiki> is no list"),
        ("<https://example.org/a_b>, or so", "https://example.org/a_b, or so"),
        ("```mermaid\ngraph TD\nA --> B\n```", "{{#mermaid:graph TD\nA --> B\n}}"),
        (
            "- a\n\n    more\n\n    ```sh\n    ls\n    ```\n- b",
            '* a\n\n  more\n<syntaxhighlight lang="sh">\nls\n</syntaxhighlight>\n* b',
        ),
        ("a  \nb", "a<br>\nb"),
        ("a\n\n* * *\n\nb", "a\n\n----\n\nb"),
        ("> [!NOTE]\n> Mind the words.", "<blockquote>\n[!NOTE]\nMind the words.\n</blockquote>"),
        ("Words.[^1] More.\n\n[^1]: A *note*.", "Words.<ref>A ''note''.</ref> More."),
        ("term\n\n:   what\n    it is", "; term\n: what it is"),
        ("[t][r] and <u>u</u>, H~2~O\n\n[r]: Page.md", "[t](Page.md) and <u>u</u>, H<sub>2</sub>O"),
        ("![A *b*](a.png){width=300px}", "[[File:a.png|300px|A ''b'']]"),
        ("![A](a.png){width=50%}", "![A](a.png){width=50%}"),
        ("![[a.png]]{width=50%}", "![](a.png){width=50%}"),
        ("![[a.png|200]]{width=3cm height=2em}", "![](a.png){width=3cm height=2em}"),
        ("![[a.png|A curve|200x100]]", "[[File:a.png|200x100px|A curve]]"),
        ("![[a.png]]{height=40px}", "[[File:a.png|x40px]]"),
        ("![](a.png){width=50% height=3cm}", "![](a.png){width=50% height=3cm}"),
        ("![[a.png]]", "[[File:a.png]]"),
        ("[[Risk|*its* `x`]]", "[[Risk|''its'' <code>x</code>]]"),
        ("- a <!-- why -->\n- b", "* a <!-- why -->\n* b"),
        ("An ~~old~~ ==new==", "An <s>old</s> <mark>new</mark>"),
        ("<!-- typedwiki: ignore C004 why -->", "<!-- typedwiki: ignore C004 why -->"),
        ("| a | b |\n|---|---|\n| | x |", '{| class="wikitable"\n! a !! b\n|-\n|  || x\n|}'),
    ],
)  # fmt: skip
def test_constructs_convert_without_loss(markdown: str, wiki: str) -> None:
    converted = convert_text(f"## Overview\n\nSomething.\n\n## Text\n\n{markdown}\n")
    assert [remark for remark in converted.remarks if remark.lost] == []
    assert converted.text == f"== Overview ==\n\nSomething.\n\n== Text ==\n\n{wiki}\n"


@pytest.mark.parametrize(
    ("text", "line", "message", "lost"),
    [
        ("| a | b |\n|--:|---|\n| 1 | 2 |", 6, "a table left in Markdown", False),
        ("```python title=x\nx\n```", 6, "code that reads differently", True),
        ("::: {.callout-note}\nMind.\n:::", 6, "a callout left in Markdown", False),
        ("3. three words\n4. four words", 6, "a list left in Markdown", False),
        ("- [ ] to do\n- [x] done", 6, "a list left in Markdown", False),
        ("![A curve](a.png){width=50%}\n\n## Sized {.unnumbered}", 8, "a heading that reads differently", True),
        ("Cut.\n\n| one\n|   two", 8, "a verse that reads differently", True),
        ("Words.\n\n[^1]: A note of words.", 8, "a definition that nothing refers to", True),
        ("An escape `a\ufffdb` in code.", 6, "a character that nobody sees", True),
        ('== Text ==\n<syntaxhighlight lang="c" line>\nx\n</syntaxhighlight>', 7, "`line` on a block of code", True),
    ],
)
def test_inconvertible_markup_is_reported_with_its_line(text: str, line: int, message: str, lost: bool) -> None:
    marks = "==" if text.startswith("==") else "##"
    close = " ==" if text.startswith("==") else ""
    converted = convert_text(f"{marks} Overview{close}\nSomething.\n\n{marks} Text{close}\n\n{text}\n")
    assert (line, message, lost) in [tuple(remark) for remark in converted.remarks]


def test_infobox_and_metadata_section_are_merged() -> None:
    converted = convert_text(f"{WIKI}\n== Metadata ==\n* '''Maintainer''': A team\n* '''Domains''': Numerics\n")
    assert [remark for remark in converted.remarks if remark.lost] == []
    assert parse(page(converted.text), SCHEMA)[0].domains == ("Calculus", "Training Loop", "Numerics")


def test_page_already_in_the_dialect_is_unchanged() -> None:
    assert convert_page(page(MARKDOWN), "markdown", SCHEMA) == ConvertedPage(MARKDOWN, ())


def page_facts(raw: RawFile, namespace: str) -> tuple[object, ...]:
    """What a conversion must keep, from the parser and from the text."""
    parsed, _ = parse(raw, SCHEMA, namespace)
    headings = [line for line in parsed.content.splitlines() if line.startswith("#")]
    code = [
        html.unescape(p.body) if p.kind == "pre" else p.body
        for p in verbatim_parts(raw.text, False)
        if p.kind in ("block", "mermaid", "pre")
    ]
    links = [(k.edge, k.type, k.target, k.fragment, k.label) for k in parsed.outgoing_links]
    return _metadata(parsed), headings, [line for body in code for line in body.strip("\n").split("\n")], links


def _metadata(parsed: WikiPage) -> tuple[object, ...]:
    return (
        parsed.page_title,
        parsed.overview,
        parsed.domains,
        parsed.sources,
        parsed.last_updated,
        parsed.aliases,
        parsed.images,
    )


def with_dialect(raw: RawFile, dialect: str, text: str) -> RawFile:
    """The page with a text in a dialect; the file is renamed if its suffix belongs to the other dialect."""
    path = str(PurePosixPath(raw.path).with_suffix(".md")) if dialect == "markdown" else raw.path
    return replace(raw, path=path, text=text)


def count_lossy_round_trips(source: Path, step: int = 1) -> int:
    """Convert every ``step``-th page and convert it back; return how many conversions lose something."""
    raw, _, _ = read_pages([source], SCHEMA, source)
    namespaces = namespaces_of((file.root, file.stem, file.page_type) for file in raw)
    count = 0
    for file in raw[::step]:
        namespace, dialect = namespaces[file.root, file.stem], dialect_of(file)
        converted = convert_page(file, OTHER[dialect], SCHEMA, namespace)
        if any(remark.lost for remark in converted.remarks):
            assert converted.remarks[0].line > 0
            count += 1
            continue
        other = with_dialect(file, OTHER[dialect], converted.text)
        assert dialect_of(other) == OTHER[dialect], file.path
        assert page_facts(other, namespace) == page_facts(file, namespace), file.path
        returned = convert_page(other, dialect, SCHEMA, namespace)
        assert [remark for remark in returned.remarks if remark.lost] == [], file.path
        assert page_facts(replace(file, text=returned.text), namespace) == page_facts(file, namespace), file.path
    return count


def test_round_trips_of_the_sample_wiki_lose_nothing() -> None:
    assert count_lossy_round_trips(ROOT / "data/wikis", 1 if ALL_CASES else 3) == 0


def test_round_trips_of_small_and_generated_wikis(tmp_path: Path) -> None:
    for golden in sorted(GOLDEN.glob("*/wiki")):
        count_lossy_round_trips(golden)
    write_wiki(tmp_path, 20)
    assert count_lossy_round_trips(tmp_path) == 0


def test_round_trips_of_a_real_wiki_lose_nothing(corpus: Path) -> None:
    assert count_lossy_round_trips(corpus / "huggingface_transformers", 1 if ALL_CASES else 6) == 0


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "requirements"))
def test_conversion_of_cases_keeps_metadata_and_links(name: str) -> None:
    """A conversion that loses something must say so."""
    page_starts = "## Overview\nWords.\n\n## Text\n", "== Overview ==\nWords.\n\n== Text ==\n"
    for number, case in enumerate(load(name)):
        for start in page_starts if ALL_CASES else (page_starts[number % 2],):
            raw = page(f"{start}{case.given}\n")
            converted = convert_page(raw, OTHER[dialect_of(raw)], SCHEMA)
            if not any(remark.lost for remark in converted.remarks):
                new, _ = parse(replace(raw, text=converted.text), SCHEMA)
                assert _metadata(new) == _metadata(parse(raw, SCHEMA)[0]), case.title
                assert _link_targets(new) == _link_targets(parse(raw, SCHEMA)[0]), case.title


def _link_targets(parsed: WikiPage) -> set[tuple[object, ...]]:
    return {(link.edge, link.type, link.target, link.fragment) for link in parsed.outgoing_links}


def test_lossy_conversion_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lossy = MARKDOWN.replace("```python", "```python title=x")
    project = write_project(
        tmp_path, {"Principle/Loss.md": MARKDOWN, "Principle/Gain.md": lossy.replace("# Loss", "# Gain")}
    )
    before = read_wiki_files(project)
    command: list[str | Path] = [
        "convert",
        "--to",
        "mediawiki",
        "Principle:Loss",
        project / "data/wikis/Principle/Gain.md",
    ]
    assert run_command(project, *command, "--dry-run") == 1
    assert read_wiki_files(project) == before
    assert "+== Overview ==" in capsys.readouterr().out
    assert run_command(project, *command) == 1
    captured = capsys.readouterr()
    assert "data/wikis/Principle/Gain.md:21: cannot say code that reads differently" in captured.err
    assert "1 of 2 pages converted" in captured.out
    after = read_wiki_files(project)
    assert after["Principle/Gain.md"] == before["Principle/Gain.md"]
    assert after["Principle/Loss.md"].decode() == WIKI


def test_output_folder_gets_copies_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", {"Principle/Loss.mediawiki": WIKI})
    before = read_wiki_files(project)
    arguments: list[str | Path] = ["convert", "--to", "markdown", "Principle:Loss", "--output", tmp_path / "out"]
    assert run_command(project, *arguments) == 0
    copy = tmp_path / "out/Principle/Loss.md"
    assert copy.read_text(encoding="utf-8").startswith("# Loss\n\n## Overview")
    assert read_wiki_files(project) == before
    copy.write_text("mine", encoding="utf-8")
    assert run_command(project, *arguments) == 2
    assert "exists; nothing was changed" in capsys.readouterr().err
    assert copy.read_text(encoding="utf-8") == "mine"


def test_file_with_dialect_suffix_is_renamed(tmp_path: Path) -> None:
    page_with_links = "# Train\n\nSee [it](../Principle/Loss.mediawiki) and [[step::Principle:Loss]].\n"
    project = write_project(
        tmp_path, {"Principle/Loss.mediawiki": WIKI.replace("\n", "\r\n"), "Workflow/Train.md": page_with_links}
    )
    assert run_command(project, "convert", "--to", "markdown", "Principle:Loss") == 0
    assert sorted(read_wiki_files(project)) == ["Principle/Loss.md", "Workflow/Train.md"]
    assert b"\r\n## Overview\r\n" in read_wiki_files(project)["Principle/Loss.md"]
    assert [p for p in load_project(project).problems if p.code == "L001" and p.path.endswith("Train.md")] == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (MARKDOWN.replace("\n", "\r").encode(), WIKI.replace("\n", "\r").encode()),
        (MARKDOWN.rstrip("\n").encode(), WIKI.rstrip("\n").encode()),
        (b"\xef\xbb\xbf" + MARKDOWN.encode(), b"\xef\xbb\xbf" + WIKI.encode()),
        (
            MARKDOWN.replace(x := 'x = "<&>"\n', f"{x[:-1]}\x0c\x1b[0m\x00\r\n").encode(),
            WIKI.replace(x, f"{x[:-1]}\x0c\x1b[0m\x00\r\n").encode(),
        ),
    ],
    ids=["carriage returns", "no newline at the end", "byte order mark", "control characters in code"],
)
def test_line_ends_and_control_characters_are_kept(data: bytes, expected: bytes, tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Principle/Loss.md": ""})
    (project / "data/wikis/Principle/Loss.md").write_bytes(data)
    assert run_command(project, "convert", "--to", "mediawiki", "Principle:Loss") == 0
    assert read_wiki_files(project)["Principle/Loss.md"] == expected


def test_typed_source_survives_a_round_trip() -> None:
    converted = convert_text(
        "{|\n! Source\n| [[source::Code|a.py|url]]\n|}\n== Overview ==\nWords.\n\n[[Category:Maths]]\n"
    )
    assert [remark for remark in converted.remarks if remark.lost] == []
    assert "- **Domains**: Maths" in converted.text
    assert "* [[source::Code|a.py | url]]" in convert_text(converted.text).text


def test_convert_refuses_what_is_not_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN})
    assert run_command(project, "convert", "--to", "markdown", project / "_quarto.yml") == 2
    assert "is not a page of this wiki" in capsys.readouterr().err
    assert run_command(project, "convert", "--to", "markdown", "Principle:Lost") == 2
    assert "(did you mean Principle:Loss?)" in capsys.readouterr().err


def test_dialect_detection() -> None:
    assert is_wiki("a.md", WIKI)
    assert not is_wiki("a.md", MARKDOWN)
