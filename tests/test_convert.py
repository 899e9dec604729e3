"""Pages in the other dialect: what both can say survives, and what one cannot say is reported."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

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


def turned(text: str) -> ConvertedPage:
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


def test_markdown_becomes_what_a_mediawiki_author_would_write() -> None:
    assert turned(MARKDOWN) == ConvertedPage(WIKI, ())


def test_mediawiki_becomes_what_a_markdown_author_would_write() -> None:
    made = turned(WIKI)
    assert made.remarks == ()
    for line in MARKDOWN.replace("|------|-------|", "").splitlines():
        assert line in made.text.replace("](<", "](").replace(">)", ")")
    assert turned(made.text).text == WIKI


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
def test_small_things(markdown: str, wiki: str) -> None:
    made = turned(f"## Overview\n\nSomething.\n\n## Text\n\n{markdown}\n")
    assert [remark for remark in made.remarks if remark.lost] == []
    assert made.text == f"== Overview ==\n\nSomething.\n\n== Text ==\n\n{wiki}\n"


@pytest.mark.parametrize(
    ("text", "line", "said", "lost"),
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
def test_what_cannot_be_said_is_reported_with_its_line(text: str, line: int, said: str, lost: bool) -> None:
    marks = "==" if text.startswith("==") else "##"
    close = " ==" if text.startswith("==") else ""
    made = turned(f"{marks} Overview{close}\nSomething.\n\n{marks} Text{close}\n\n{text}\n")
    assert (line, said, lost) in [tuple(remark) for remark in made.remarks]


def test_an_infobox_joins_a_metadata_section() -> None:
    made = turned(f"{WIKI}\n== Metadata ==\n* '''Maintainer''': A team\n* '''Domains''': Numerics\n")
    assert [remark for remark in made.remarks if remark.lost] == []
    assert parse(page(made.text), SCHEMA)[0].domains == ("Calculus", "Training Loop", "Numerics")


def test_a_page_in_the_dialect_asked_for_stays() -> None:
    assert convert_page(page(MARKDOWN), "markdown", SCHEMA) == ConvertedPage(MARKDOWN, ())


def facts(raw: RawFile, namespace: str) -> tuple[object, ...]:
    """What must survive, taken from the parser and from the text."""
    made, _ = parse(raw, SCHEMA, namespace)
    headings = [line for line in made.content.splitlines() if line.startswith("#")]
    code = [
        html.unescape(p.body) if p.kind == "pre" else p.body
        for p in verbatim_parts(raw.text, False)
        if p.kind in ("block", "mermaid", "pre")
    ]
    links = [(k.edge, k.type, k.target, k.fragment, k.label) for k in made.outgoing_links]
    return _said(made), headings, [line for body in code for line in body.strip("\n").split("\n")], links


def _said(made: WikiPage) -> tuple[object, ...]:
    return made.page_title, made.overview, made.domains, made.sources, made.last_updated, made.aliases, made.images


def written_in(raw: RawFile, dialect: str, text: str) -> RawFile:
    """The page in a dialect; its file is renamed if its name says another."""
    path = str(PurePosixPath(raw.path).with_suffix(".md")) if dialect == "markdown" else raw.path
    return replace(raw, path=path, text=text)


def there_and_back(source: Path, step: int = 1) -> int:
    """Convert each page, or one of so many, and convert it back; how many lose something by it."""
    raw, _, _ = read_pages([source], SCHEMA, source)
    spaces = namespaces_of((file.root, file.stem, file.page_type) for file in raw)
    lost = 0
    for file in raw[::step]:
        space, dialect = spaces[file.root, file.stem], dialect_of(file)
        made = convert_page(file, OTHER[dialect], SCHEMA, space)
        if any(remark.lost for remark in made.remarks):
            assert made.remarks[0].line > 0
            lost += 1
            continue
        there = written_in(file, OTHER[dialect], made.text)
        assert dialect_of(there) == OTHER[dialect], file.path
        assert facts(there, space) == facts(file, space), file.path
        again = convert_page(there, dialect, SCHEMA, space)
        assert [remark for remark in again.remarks if remark.lost] == [], file.path
        assert facts(replace(file, text=again.text), space) == facts(file, space), file.path
    return lost


def test_there_and_back_in_the_wiki_of_the_project() -> None:
    assert there_and_back(ROOT / "data/wikis", 1 if ALL_CASES else 3) == 0


def test_there_and_back_in_small_and_generated_wikis(tmp_path: Path) -> None:
    for golden in sorted(GOLDEN.glob("*/wiki")):
        there_and_back(golden)
    write_wiki(tmp_path, 20)
    assert there_and_back(tmp_path) == 0


def test_there_and_back_in_a_real_wiki(corpus: Path) -> None:
    assert there_and_back(corpus / "huggingface_transformers", 1 if ALL_CASES else 6) == 0


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "requirements"))
def test_no_page_breaks_it(name: str) -> None:
    """Whatever a page holds, nothing of it is lost without a word."""
    heads = "## Overview\nWords.\n\n## Text\n", "== Overview ==\nWords.\n\n== Text ==\n"
    for number, case in enumerate(load(name)):
        for head in heads if ALL_CASES else (heads[number % 2],):
            raw = page(f"{head}{case.given}\n")
            made = convert_page(raw, OTHER[dialect_of(raw)], SCHEMA)
            if not any(remark.lost for remark in made.remarks):
                new, _ = parse(replace(raw, text=made.text), SCHEMA)
                assert _said(new) == _said(parse(raw, SCHEMA)[0]), case.title
                assert _targets(new) == _targets(parse(raw, SCHEMA)[0]), case.title


def _targets(made: WikiPage) -> set[tuple[object, ...]]:
    return {(link.edge, link.type, link.target, link.fragment) for link in made.outgoing_links}


def test_in_place_only_what_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoilt = MARKDOWN.replace("```python", "```python title=x")
    here = write_project(
        tmp_path, {"Principle/Loss.md": MARKDOWN, "Principle/Gain.md": spoilt.replace("# Loss", "# Gain")}
    )
    before = read_wiki_files(here)
    both: list[str | Path] = ["convert", "--to", "mediawiki", "Principle:Loss", here / "data/wikis/Principle/Gain.md"]
    assert run_command(here, *both, "--dry-run") == 1
    assert read_wiki_files(here) == before
    assert "+== Overview ==" in capsys.readouterr().out
    assert run_command(here, *both) == 1
    said = capsys.readouterr()
    assert "data/wikis/Principle/Gain.md:21: cannot say code that reads differently" in said.err
    assert "1 of 2 pages converted" in said.out
    after = read_wiki_files(here)
    assert after["Principle/Gain.md"] == before["Principle/Gain.md"]
    assert after["Principle/Loss.md"].decode() == WIKI


def test_copies_go_to_another_folder_and_overwrite_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(tmp_path / "p", {"Principle/Loss.mediawiki": WIKI})
    before = read_wiki_files(here)
    arguments: list[str | Path] = ["convert", "--to", "markdown", "Principle:Loss", "--output", tmp_path / "out"]
    assert run_command(here, *arguments) == 0
    copy = tmp_path / "out/Principle/Loss.md"
    assert copy.read_text(encoding="utf-8").startswith("# Loss\n\n## Overview")
    assert read_wiki_files(here) == before
    copy.write_text("mine", encoding="utf-8")
    assert run_command(here, *arguments) == 2
    assert "exists; nothing was changed" in capsys.readouterr().err
    assert copy.read_text(encoding="utf-8") == "mine"


def test_a_file_that_is_named_for_its_dialect_gets_another_name(tmp_path: Path) -> None:
    linking = "# Train\n\nSee [it](../Principle/Loss.mediawiki) and [[step::Principle:Loss]].\n"
    here = write_project(
        tmp_path, {"Principle/Loss.mediawiki": WIKI.replace("\n", "\r\n"), "Workflow/Train.md": linking}
    )
    assert run_command(here, "convert", "--to", "markdown", "Principle:Loss") == 0
    assert sorted(read_wiki_files(here)) == ["Principle/Loss.md", "Workflow/Train.md"]
    assert b"\r\n## Overview\r\n" in read_wiki_files(here)["Principle/Loss.md"]
    assert [p for p in load_project(here).problems if p.code == "L001" and p.path.endswith("Train.md")] == []


@pytest.mark.parametrize(
    ("data", "kept"),
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
def test_line_ends_and_odd_characters_of_a_file_stay(data: bytes, kept: bytes, tmp_path: Path) -> None:
    here = write_project(tmp_path, {"Principle/Loss.md": ""})
    (here / "data/wikis/Principle/Loss.md").write_bytes(data)
    assert run_command(here, "convert", "--to", "mediawiki", "Principle:Loss") == 0
    assert read_wiki_files(here)["Principle/Loss.md"] == kept


def test_a_typed_source_comes_back() -> None:
    made = turned("{|\n! Source\n| [[source::Code|a.py|url]]\n|}\n== Overview ==\nWords.\n\n[[Category:Maths]]\n")
    assert [remark for remark in made.remarks if remark.lost] == []
    assert "- **Domains**: Maths" in made.text
    assert "* [[source::Code|a.py | url]]" in turned(made.text).text


def test_what_is_no_page_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN})
    assert run_command(here, "convert", "--to", "markdown", here / "_quarto.yml") == 2
    assert "is not a page of this wiki" in capsys.readouterr().err
    assert run_command(here, "convert", "--to", "markdown", "Principle:Lost") == 2
    assert "(did you mean Principle:Loss?)" in capsys.readouterr().err


def test_dialects_are_told_apart() -> None:
    assert is_wiki("a.md", WIKI)
    assert not is_wiki("a.md", MARKDOWN)
