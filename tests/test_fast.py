"""A stamped page is the page that Quarto makes; where it is not, Quarto makes all pages."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from random import Random

import pytest
import yaml

from conftest import EVERY, ROOT, project
from test_render import site, wiki
from typedwiki.render import fast_engine
from typedwiki.render.fast_engine import FastRun, bundled_pandoc, render_inputs
from typedwiki.render.page_template import PageTemplateError, extract_template
from typedwiki.render.quarto import PartialRender
from typedwiki.render.quarto_pages import first_difference, left_to_quarto, unknown_setting

DIFFERENT: dict[str, str] = {}
"""What of a stamped page may differ from Quarto's, with the reason. Nothing does."""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
COMMON = """\
# {title}

## Overview

{title} is "quoted" & <b>bold</b> *x* with {{{{< x >}}}}.

## Description

Words with *emphasis*, **strong**, ~~gone~~, `code`, `a|b`, <br> a break, H<sub>2</sub>O, <kbd>Ctrl</kbd>, "quotes"
and 'single', a -- dash --- and an ellipsis... A [link](https://example.org/a?b=c&d=e), <https://example.org>,
[mail](mailto:a@b.org), [[Principle:Notes]], [[Nowhere]], [section](#usage).

> A quote
>
> > within a quote
> - and a list

1. one
2. two
   - nested `x`
     - deeper

       ```python
       in_a_list = 1
       ```

- [ ] open
- [x] done

---

| a | b | c |
|:--|:-:|--:|
| 1 | `a` | **x** |

| only | head |
|------|------|

| Name | A very long description column header | Something else that is long enough to exceed |
|------|------|-----|
| x | words and words and words and words and words | z |

| Name | A very long description column header | Something else that is long enough to exceed |
|------|------|-----|
| with a [[Principle:Notes]] link | b | c |

<details><summary>More</summary>

Hidden *words*.

</details>

### Heading with `code`, *emphasis*, $x$ and [link](https://example.org)

#### Level four

##### Level five: with colon

###### Level six

### Heading with `code`, *emphasis*, $x$ and [link](https://example.org)

{own}

## Usage

Words.

## Metadata
- **Domains**: Maths, C_D*e*, A & B <i>
- **Last Updated**: 2025-01-02
"""
OWN = {
    "Callouts": """> [!NOTE]
> Words.

> [!TIP]
> - a list

::: callout-warning
## A title with `code`
Text.
:::

::: {.callout-important title="Given, here"}
```bash
ls -l
```
:::

::: {.callout-caution}
:::""",
    "Notes": """Footnote[^1] and another[^n].

[^1]: The note with `code`.

[^n]: Two paragraphs.

    The second.""",
    "Code": """```python
def f(x: int) -> str:
\treturn "{{< meta title >}}" # [[not a link]]
```

```
no language <b>&amp;
```

```unknownlang
x = 1
```

{{< meta title >}} and `{{< meta title >}}`""",
    "Diagrams": '```mermaid\ngraph TD\n A["x & y <b>"] --> B\n```',
    "Images": """![A caption *here*](pic.png)

Text ![inline](pic.png) image.

![](pic.png)

- ![in a list](pic.png)""",
    "Formulas": "$$\\int_0^1 x\\,dx$$\n\nInline $a<b$ and [text with ![inside](pic.png)](https://example.org).",
    "Headings": "# A first level heading\n\nText.\n\n#### skipped levels",
}
"""What notes hold, by title: each is stamped."""
LEFT = {
    "Annotated": "```yaml\na: 1   # <1>\n```\n\n1. annotated",
    "Captioned": "| a |\n|---|\n| b |\n\n: A caption",
    "Folded": '::: {.callout-note collapse="true"}\nWords.\n:::',
}
"""What the engine does not know: Quarto renders it."""


KNOWN = """\
    canonical-url: true
    code-fold: true
    code-summary: Show
    highlight-style: github
    toc-title: Contents
    smooth-scroll: true
    link-external-icon: true
    fontsize: 1.1em
    linestretch: 1.6
    max-width: 900px
    footnotes-hover: false
    citations-hover: false
    crossrefs-hover: false
    grid: {sidebar-width: 300px}
"""


def a_wiki(folder: Path) -> Path:
    """A wiki with three pages of each of these, so that there is one to cut the shell from, one to compare, and one."""
    (folder / "Principle").mkdir(parents=True)
    for name, own in (OWN | LEFT).items():
        for title in (name, f"{name} two", f"{name} three"):
            (folder / "Principle" / f"{title.replace(' ', '_')}.md").write_text(COMMON.format(title=title, own=own))
    odd = "# \"ActiveMarkup\" 'title' -- & <b> *x* `c`\n\nNo sections.\n\n```mermaid\ngraph TD\n```\n"
    (folder / "Principle" / "ActiveMarkup.md").write_text(odd, encoding="utf-8")
    (folder / "Principle" / "pic.png").write_bytes(PIXEL)
    return folder


def same_site(ours: Path, theirs: Path) -> list[str]:
    """What differs between two sites, of pages only what a browser sees."""
    left, right = site(ours), site(theirs)
    found = [f"{name} is on one side only" for name in left.keys() ^ right.keys()]
    for name in left.keys() & right.keys():
        one, other = left[name], right[name]
        if name.endswith(".html") and isinstance(one, bytes) and isinstance(other, bytes):
            said = first_difference(one.decode(), other.decode())
            found += [f"{name}: {said}"] if said else []
        elif one != other:
            found.append(name)
    return sorted(set(found) - DIFFERENT.keys())


def stamped(here: Path) -> set[str]:
    """The notes that the last run of the fast engine has stamped."""
    return set(json.loads((here / ".typedwiki/stamped.json").read_text(encoding="utf-8")))


def configure(here: Path, old: str, new: str) -> None:
    path = here / "_quarto.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def both(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A wiki with one of everything rendered by both engines, and what the fast one has said."""
    folder = tmp_path_factory.mktemp("fast")
    here = project(folder / "fast", a_wiki(folder / "wiki"))
    configure(here, "website:\n", "website:\n  site-url: https://example.org/wiki/\n")
    wiki(here, "build")
    shutil.copytree(here, folder / "quarto")  # with the times of its notes, which the site map shows
    said = wiki(here, "render", "--engine", "fast")
    wiki(folder / "quarto", "render", "--engine", "quarto")
    return here, folder / "quarto", said


@pytest.mark.quarto
def test_one_of_everything_is_the_same(both: tuple[Path, Path, str]) -> None:
    here, there, said = both
    assert "Quarto renders every note" not in said
    assert same_site(here, there) == []


@pytest.mark.quarto
def test_options_cards_and_canonical_addresses(quarto: str, tmp_path: Path) -> None:
    """A site that sets what the engine says it knows; the note that is compared proves it."""
    folder = tmp_path / "wiki" / "Principle"
    folder.mkdir(parents=True)
    for name in ("One", "Two & two", "Three"):
        folder.joinpath(f"{name.split()[0]}.md").write_text(
            COMMON.format(title=name, own=OWN["Code"]), encoding="utf-8"
        )
    here = project(tmp_path / "here", tmp_path / "wiki", about=False)
    configure(here, "website:\n", "website:\n  site-url: https://example.org/wiki/\n")
    configure(here, "    toc: true\n", f"{KNOWN}    toc: true\n")
    configure(here, "toc-depth: 3", "toc-depth: 5")
    assert "the fast engine makes the others" in wiki(here, "render", "--engine", "fast")
    for name in stamped(here):
        page = (here / "_site" / name).with_suffix(".html").read_text(encoding="utf-8")
        title = "".join(re.findall('<h1 class="title">(.*)</h1>', page)) + " – Typedwiki"
        assert f"<title>{title}</title>" in page
        assert f'<meta property="og:title" content="{title}">' in page
        assert f'<meta name="twitter:title" content="{title}">' in page
        assert f'<link rel="canonical" href="https://example.org/wiki/{name.removesuffix(".qmd")}.html">' in page


@pytest.mark.quarto
def test_what_is_known_is_stamped_and_nothing_else(both: tuple[Path, Path, str]) -> None:
    names = stamped(both[0])
    for name in OWN:
        assert any(Path(n).stem.startswith(name) for n in names), name
    assert not [n for n in names if Path(n).stem.split("_")[0] in LEFT]
    for here in both[:2]:
        assert 'alt="A caption here"' in (here / "_site/notes/principle/Images_two.html").read_text(encoding="utf-8")


@pytest.mark.quarto
@pytest.mark.parametrize("source", ["sample", "corpus"])
def test_every_note_is_the_same(quarto: str, tmp_path: Path, source: str, request: pytest.FixtureRequest) -> None:
    """Of a real wiki each fourth note, unless TYPEDWIKI_TESTS asks for all."""
    here = project(tmp_path / "here", ROOT / "data/wikis" if source == "sample" else request.getfixturevalue("corpus"))
    part = source == "corpus" and not EVERY
    for number, page in enumerate(sorted((here / "data/wikis").rglob("*.md"))):
        if part and number % 4:
            page.unlink()
    wiki(here, "build")
    shutil.copytree(here, tmp_path / "there")
    said = wiki(here, "render", "--engine", "fast")
    assert "Quarto renders every note" not in said
    wiki(tmp_path / "there", "render", "--engine", "quarto")
    assert same_site(here, tmp_path / "there") == []
    assert len(stamped(here)) > (10 if part else 45)


class Rendered:
    """Quarto, as far as the engine sees it: pages rendered before, of which some may be altered."""

    def __init__(self, there: Path, alter: str = "", by: tuple[str, str] = ("", "")) -> None:
        self.there, self.alter, self.by = there, alter, by
        self.asked: list[list[str]] = []

    def __call__(self, names: object) -> list[PartialRender]:
        self.asked.append(list(names))  # type: ignore[call-overload]
        folder = self.there / f".typedwiki/altered-{len(self.asked)}"
        for name in self.asked[-1]:
            page = (self.there / "_site" / name).with_suffix(".html").read_text(encoding="utf-8")
            if re.search(self.alter, name) and self.alter:
                assert self.by[0] in page or "objectID" in self.by[0]
                page = page.replace(*self.by)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).with_suffix(".html").write_text(page, encoding="utf-8")
        index = json.loads((self.there / "_site/search.json").read_bytes())
        own = {f"{name.removesuffix('.qmd')}.html" for name in self.asked[-1]}
        found = json.dumps([entry for entry in index if entry["href"].partition("#")[0] in own])
        (folder / "search.json").write_text(found.replace(*self.by) if "objectID" in self.by[0] else found)
        return [(folder, self.asked[-1])]


ALTERED = {
    "an element of the body": ('<blockquote class="blockquote">', '<blockquote class="quote">'),
    "a button": ('class="code-copy-button"', 'class="copy-code"'),
    "text": ("Words with", "Words without"),
    "an element more in the head": ("<title>", '<meta name="new" content="x"><title>'),
    "the title block": ('<h1 class="title">', '<h1 class="name">'),
    "the table of contents": ("data-scroll-target=", "data-target="),
    "the search index": ('"objectID"', '"id"'),
    "no title block as it was": ('id="title-block-header"', 'id="title-block"'),
}


@pytest.mark.quarto
@pytest.mark.parametrize("what", ALTERED)
def test_a_page_of_quartos_that_is_built_in_another_way(
    quarto: str, both: tuple[Path, Path, str], tmp_path: Path, what: str
) -> None:
    there = both[1]
    names = [p.relative_to(there).as_posix() for p in sorted(there.glob("notes/principle/*.qmd"))]
    said: list[str] = []
    for seed in range(3):
        run = FastRun(there, quarto, tmp_path / "work", said.append, lambda done, total: None, Random(seed))
        altered = Rendered(there, "principle/(?!ActiveMarkup)", ALTERED[what])
        rendered = render_inputs(run, names, altered)
        assert sorted(n for _, group in rendered for n in group) == names
        assert sorted(n for group in altered.asked for n in group) == names  # nothing is stamped
    assert all(
        re.search(r"differs: (notes/principle/\w+\.qmd: in \w|a page of Quarto's has no)", text) for text in said[1::2]
    )
    assert len(said) == 6


@pytest.mark.quarto
def test_other_notes_are_compared_each_time(quarto: str, both: tuple[Path, Path, str], tmp_path: Path) -> None:
    there = both[1]
    names = [p.relative_to(there).as_posix() for p in sorted(there.glob("notes/principle/*.qmd"))]
    asked = []
    for seed in range(4):
        said: list[str] = []
        run = FastRun(there, quarto, tmp_path / "work", said.append, lambda done, total: None, Random(seed))
        rendered = Rendered(there)
        render_inputs(run, names, rendered)
        assert [re.sub(r"\d+", "N", text) for text in said] == [
            "Quarto renders N of N notes; the fast engine makes the others from them"
        ]
        assert len(rendered.asked) == 1
        asked.append(tuple(rendered.asked[0]))
    assert len(set(asked)) == 4


SETTINGS = {
    "website: {title: T, navbar: {left: []}}": "",
    "website: {title: T, sidebar: {contents: auto}}": "`website: sidebar`",
    "website: {title: T, open-graph: true}": "",
    "website: {title: T}\nlang: de": "`lang: de`",
    "website: {title: T}\nauthor: Somebody": "`author`",
    "website: {title: T}\nfilters: [typedwiki, other]": "`filters` of its own",
    "website: {title: T}\nformat: {html: {number-sections: true}}": "`format: html: number-sections`",
    "website: {title: T}\nformat: {html: {toc: true}, pdf: {}}": "`format` is not `html` alone",
}


@pytest.mark.parametrize(("written", "said"), SETTINGS.items())
def test_settings_that_nobody_knows_leave_all_notes_to_quarto(tmp_path: Path, written: str, said: str) -> None:
    plain = "filters: [typedwiki]\nformat: {html: {theme: flatly}}\n"
    own = yaml.safe_load(plain) | yaml.safe_load(written)
    (tmp_path / "_quarto.yml").write_text(yaml.safe_dump(own), encoding="utf-8")
    assert unknown_setting(tmp_path) == said


@pytest.mark.parametrize(
    ("option", "constructs"),
    [
        ("html-math-method: mathml", set()),
        ("html-math-method: katex", {"math"}),
        ("html-math-method: mathml, lightbox: true", {"image"}),
        ("html-math-method: mathml, code-line-numbers: true, tbl-colwidths: false", {"code", "table"}),
        ("theme: flatly", {"math"}),
    ],
)
def test_an_option_leaves_the_notes_to_quarto_that_it_changes(
    tmp_path: Path, option: str, constructs: set[str]
) -> None:
    (tmp_path / "_quarto.yml").write_text(f"format: {{html: {{{option}}}}}\n", encoding="utf-8")
    assert left_to_quarto(tmp_path).keys() == constructs


PAGES = [
    ("<p>a  b</p>\n<p>c</p>", "<p>a b</p><p>c</p>", ""),
    ('<p class="a  b" id="x">', '<p id=x class="a b">', ""),
    ("<br/>&amp;", "<br>&#38;", ""),
    ("<p>a</p>", "<p>b</p>", "in p: 'a' where Quarto has 'b'"),
    ("<em>a</em> <em>b</em>", "<em>a</em><em>b</em>", "in the page: ' ' where Quarto has <em>"),
    ("<pre>a  b</pre>", "<pre>a b</pre>", "in pre: 'a  b' where Quarto has 'a b'"),
    ("<p>a", "<p>a<i></i>", "in p: nothing where Quarto has <i>"),
    ('<p class="a b">', '<p class="b a">', "in the page: <p class='a b'> where Quarto has <p class='b a'>"),
]


@pytest.mark.parametrize(("ours", "theirs", "said"), PAGES)
def test_pages_are_compared_as_a_browser_sees_them(ours: str, theirs: str, said: str) -> None:
    assert first_difference(ours, theirs) == said


@pytest.mark.parametrize("page", ["", "<title>T</title><main></main>", "<title>T</title><title>U</title>"])
def test_no_shell_is_cut_from_a_page_of_another_build(page: str) -> None:
    with pytest.raises(PageTemplateError):
        extract_template(page)


@pytest.mark.quarto
def test_quarto_says_where_its_pandoc_is(quarto: str) -> None:
    assert Path(bundled_pandoc(quarto)).is_file()


@pytest.mark.quarto
def test_a_site_without_a_search_index_gets_none(quarto: str, both: tuple[Path, Path, str], tmp_path: Path) -> None:
    there = both[1]
    names = [p.relative_to(there).as_posix() for p in sorted(there.glob("notes/principle/*.qmd"))]
    rendered = Rendered(there)

    def without(asked: object) -> list[PartialRender]:
        made = rendered(asked)
        (made[0][0] / "search.json").unlink()
        return made

    run = FastRun(there, quarto, tmp_path / "work", lambda said: None, lambda done, total: None, Random(1))
    folder, group = render_inputs(run, names, without)[-1]
    assert group
    assert not (folder / "search.json").exists()


@pytest.mark.quarto
def test_an_edit_converts_one_note_and_a_new_shell_none(both: tuple[Path, Path, str]) -> None:
    here = both[0]
    bodies = here / ".typedwiki/bodies"
    before = {path.name for path in bodies.iterdir()}
    with (here / "data/wikis/Principle/Code_two.md").open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    wiki(here, "render", "--engine", "fast")
    assert len({path.name for path in bodies.iterdir()} - before) == 1
    assert stamped(here) == set()  # Quarto renders the one note
    before = {path.name for path in bodies.iterdir()}
    configure(here, "left: Made from plain text with Typedwiki and Quarto", "left: Another footer")
    wiki(here, "render", "--engine", "fast")
    assert {path.name for path in bodies.iterdir()} == before
    assert len(stamped(here)) > len(OWN)
    assert all("Another footer" in p.read_text(encoding="utf-8") for p in (here / "_site/notes").rglob("*.html"))
    assert fast_engine.WIKI_PAGES not in "".join(stamped(here))
