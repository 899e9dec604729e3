"""Stamped pages equal those of Quarto; where one does not, Quarto renders all pages."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from random import Random

import pytest
import yaml

from conftest import ALL_CASES, ROOT, copy_project
from test_render import read_site, run_wiki
from typedwiki.render import fast_engine
from typedwiki.render.fast_engine import FastRun, bundled_pandoc, render_inputs
from typedwiki.render.page_template import PageTemplateError, extract_template
from typedwiki.render.quarto import PartialRender
from typedwiki.render.quarto_pages import first_difference, left_to_quarto, unknown_setting

ALLOWED_DIFFERENCES: dict[str, str] = {}
"""Files of a stamped site that may differ from Quarto's, with the reason. None may."""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
COMMON_CONSTRUCTS = """\
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
STAMPED_CONSTRUCTS = {
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
"""Constructs that the engine stamps, by the title of a note."""
UNSUPPORTED_CONSTRUCTS = {
    "Annotated": "```yaml\na: 1   # <1>\n```\n\n1. annotated",
    "Captioned": "| a |\n|---|\n| b |\n\n: A caption",
    "Folded": '::: {.callout-note collapse="true"}\nWords.\n:::',
}
"""Constructs that the engine leaves to Quarto, by the title of a note."""


SUPPORTED_OPTIONS = """\
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


def write_test_wiki(folder: Path) -> Path:
    """A wiki with three pages of each construct: one for the template, one to compare, one to stamp."""
    (folder / "Principle").mkdir(parents=True)
    for name, constructs in (STAMPED_CONSTRUCTS | UNSUPPORTED_CONSTRUCTS).items():
        for title in (name, f"{name} two", f"{name} three"):
            (folder / "Principle" / f"{title.replace(' ', '_')}.md").write_text(
                COMMON_CONSTRUCTS.format(title=title, own=constructs)
            )
    unusual = "# \"ActiveMarkup\" 'title' -- & <b> *x* `c`\n\nNo sections.\n\n```mermaid\ngraph TD\n```\n"
    (folder / "Principle" / "ActiveMarkup.md").write_text(unusual, encoding="utf-8")
    (folder / "Principle" / "pic.png").write_bytes(PIXEL)
    return folder


def find_differences(fast_project: Path, quarto_project: Path) -> list[str]:
    """The differences between two sites; of pages only those that a browser sees."""
    left, right = read_site(fast_project), read_site(quarto_project)
    differences = [f"{name} is on one side only" for name in left.keys() ^ right.keys()]
    for name in left.keys() & right.keys():
        first, second = left[name], right[name]
        if name.endswith(".html") and isinstance(first, bytes) and isinstance(second, bytes):
            difference = first_difference(first.decode(), second.decode())
            differences += [f"{name}: {difference}"] if difference else []
        elif first != second:
            differences.append(name)
    return sorted(set(differences) - ALLOWED_DIFFERENCES.keys())


def stamped_notes(project: Path) -> set[str]:
    """The notes that the last run of the fast engine has stamped."""
    return set(json.loads((project / ".typedwiki/stamped.json").read_text(encoding="utf-8")))


def replace_setting(project: Path, old: str, new: str) -> None:
    path = project / "_quarto.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def both_engines(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A wiki with every construct, rendered by both engines, and the output of the fast one."""
    folder = tmp_path_factory.mktemp("fast")
    project = copy_project(folder / "fast", write_test_wiki(folder / "wiki"))
    replace_setting(project, "website:\n", "website:\n  site-url: https://example.org/wiki/\n")
    run_wiki(project, "build")
    shutil.copytree(project, folder / "quarto")  # with the times of its notes, which the sitemap contains
    output = run_wiki(project, "render", "--engine", "fast")
    run_wiki(folder / "quarto", "render", "--engine", "quarto")
    return project, folder / "quarto", output


@pytest.mark.quarto
def test_every_construct_equals_quarto(both_engines: tuple[Path, Path, str]) -> None:
    project, quarto_project, output = both_engines
    assert "Quarto renders every note" not in output
    assert find_differences(project, quarto_project) == []


@pytest.mark.quarto
def test_supported_options_equal_quarto(quarto: str, tmp_path: Path) -> None:
    """The site sets the options that the engine claims to support; the note that is compared proves it."""
    folder = tmp_path / "wiki" / "Principle"
    folder.mkdir(parents=True)
    for name in ("One", "Two & two", "Three"):
        folder.joinpath(f"{name.split()[0]}.md").write_text(
            COMMON_CONSTRUCTS.format(title=name, own=STAMPED_CONSTRUCTS["Code"]), encoding="utf-8"
        )
    project = copy_project(tmp_path / "project", tmp_path / "wiki", with_about_pages=False)
    replace_setting(project, "website:\n", "website:\n  site-url: https://example.org/wiki/\n")
    replace_setting(project, "    toc: true\n", f"{SUPPORTED_OPTIONS}    toc: true\n")
    replace_setting(project, "toc-depth: 3", "toc-depth: 5")
    assert "the fast engine makes the others" in run_wiki(project, "render", "--engine", "fast")
    for name in stamped_notes(project):
        page = (project / "_site" / name).with_suffix(".html").read_text(encoding="utf-8")
        title = "".join(re.findall('<h1 class="title">(.*)</h1>', page)) + " – Typedwiki"
        assert f"<title>{title}</title>" in page
        assert f'<meta property="og:title" content="{title}">' in page
        assert f'<meta name="twitter:title" content="{title}">' in page
        assert f'<link rel="canonical" href="https://example.org/wiki/{name.removesuffix(".qmd")}.html">' in page


@pytest.mark.quarto
def test_only_supported_constructs_are_stamped(both_engines: tuple[Path, Path, str]) -> None:
    names = stamped_notes(both_engines[0])
    for name in STAMPED_CONSTRUCTS:
        assert any(Path(n).stem.startswith(name) for n in names), name
    assert not [n for n in names if Path(n).stem.split("_")[0] in UNSUPPORTED_CONSTRUCTS]
    for project in both_engines[:2]:
        assert 'alt="A caption here"' in (project / "_site/notes/principle/Images_two.html").read_text(encoding="utf-8")


@pytest.mark.quarto
@pytest.mark.parametrize("source", ["sample", "corpus"])
def test_every_note_equals_quarto(quarto: str, tmp_path: Path, source: str, request: pytest.FixtureRequest) -> None:
    """Of a real wiki every fourth note, or all with TYPEDWIKI_TESTS=all."""
    project = copy_project(
        tmp_path / "project", ROOT / "data/wikis" if source == "sample" else request.getfixturevalue("corpus")
    )
    sampled = source == "corpus" and not ALL_CASES
    for number, page in enumerate(sorted((project / "data/wikis").rglob("*.md"))):
        if sampled and number % 4:
            page.unlink()
    run_wiki(project, "build")
    shutil.copytree(project, tmp_path / "there")
    output = run_wiki(project, "render", "--engine", "fast")
    assert "Quarto renders every note" not in output
    run_wiki(tmp_path / "there", "render", "--engine", "quarto")
    assert find_differences(project, tmp_path / "there") == []
    assert len(stamped_notes(project)) > (10 if sampled else 45)


class FakeQuarto:
    """Returns pages that Quarto rendered before, and alters some of them."""

    def __init__(self, project: Path, alter: str = "", replacement: tuple[str, str] = ("", "")) -> None:
        self.project, self.alter, self.replacement = project, alter, replacement
        self.requests: list[list[str]] = []

    def __call__(self, names: object) -> list[PartialRender]:
        self.requests.append(list(names))  # type: ignore[call-overload]
        folder = self.project / f".typedwiki/altered-{len(self.requests)}"
        for name in self.requests[-1]:
            page = (self.project / "_site" / name).with_suffix(".html").read_text(encoding="utf-8")
            if re.search(self.alter, name) and self.alter:
                assert self.replacement[0] in page or "objectID" in self.replacement[0]
                page = page.replace(*self.replacement)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).with_suffix(".html").write_text(page, encoding="utf-8")
        index = json.loads((self.project / "_site/search.json").read_bytes())
        own_pages = {f"{name.removesuffix('.qmd')}.html" for name in self.requests[-1]}
        result = json.dumps([entry for entry in index if entry["href"].partition("#")[0] in own_pages])
        (folder / "search.json").write_text(
            result.replace(*self.replacement) if "objectID" in self.replacement[0] else result
        )
        return [(folder, self.requests[-1])]


ALTERATIONS = {
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
@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_changed_quarto_output_disables_stamping(
    quarto: str, both_engines: tuple[Path, Path, str], tmp_path: Path, alteration: str
) -> None:
    project = both_engines[1]
    names = [p.relative_to(project).as_posix() for p in sorted(project.glob("notes/principle/*.qmd"))]
    messages: list[str] = []
    for seed in range(3):
        run = FastRun(project, quarto, tmp_path / "work", messages.append, lambda done, total: None, Random(seed))
        fake_quarto = FakeQuarto(project, "principle/(?!ActiveMarkup)", ALTERATIONS[alteration])
        rendered = render_inputs(run, names, fake_quarto)
        assert sorted(n for _, group in rendered for n in group) == names
        assert sorted(n for group in fake_quarto.requests for n in group) == names  # nothing is stamped
    assert all(
        re.search(r"differs: (notes/principle/\w+\.qmd: in \w|a page of Quarto's has no)", text)
        for text in messages[1::2]
    )
    assert len(messages) == 6


@pytest.mark.quarto
def test_each_run_compares_other_notes(quarto: str, both_engines: tuple[Path, Path, str], tmp_path: Path) -> None:
    project = both_engines[1]
    names = [p.relative_to(project).as_posix() for p in sorted(project.glob("notes/principle/*.qmd"))]
    requests = []
    for seed in range(4):
        messages: list[str] = []
        run = FastRun(project, quarto, tmp_path / "work", messages.append, lambda done, total: None, Random(seed))
        fake_quarto = FakeQuarto(project)
        render_inputs(run, names, fake_quarto)
        assert [re.sub(r"\d+", "N", text) for text in messages] == [
            "Quarto renders N of N notes; the fast engine makes the others from them"
        ]
        assert len(fake_quarto.requests) == 1
        requests.append(tuple(fake_quarto.requests[0]))
    assert len(set(requests)) == 4


UNKNOWN_SETTINGS = {
    "website: {title: T, navbar: {left: []}}": "",
    "website: {title: T, sidebar: {contents: auto}}": "`website: sidebar`",
    "website: {title: T, open-graph: true}": "",
    "website: {title: T}\nlang: de": "`lang: de`",
    "website: {title: T}\nauthor: Somebody": "`author`",
    "website: {title: T}\nfilters: [typedwiki, other]": "`filters` of its own",
    "website: {title: T}\nformat: {html: {number-sections: true}}": "`format: html: number-sections`",
    "website: {title: T}\nformat: {html: {toc: true}, pdf: {}}": "`format` is not `html` alone",
}


@pytest.mark.parametrize(("setting", "message"), UNKNOWN_SETTINGS.items())
def test_unknown_settings_leave_all_notes_to_quarto(tmp_path: Path, setting: str, message: str) -> None:
    plain = "filters: [typedwiki]\nformat: {html: {theme: flatly}}\n"
    settings = yaml.safe_load(plain) | yaml.safe_load(setting)
    (tmp_path / "_quarto.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert unknown_setting(tmp_path) == message


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
def test_option_leaves_affected_constructs_to_quarto(tmp_path: Path, option: str, constructs: set[str]) -> None:
    (tmp_path / "_quarto.yml").write_text(f"format: {{html: {{{option}}}}}\n", encoding="utf-8")
    assert left_to_quarto(tmp_path).keys() == constructs


PAGE_PAIRS = [
    ("<p>a  b</p>\n<p>c</p>", "<p>a b</p><p>c</p>", ""),
    ('<p class="a  b" id="x">', '<p id=x class="a b">', ""),
    ("<br/>&amp;", "<br>&#38;", ""),
    ("<p>a</p>", "<p>b</p>", "in p: 'a' where Quarto has 'b'"),
    ("<em>a</em> <em>b</em>", "<em>a</em><em>b</em>", "in the page: ' ' where Quarto has <em>"),
    ("<pre>a  b</pre>", "<pre>a b</pre>", "in pre: 'a  b' where Quarto has 'a b'"),
    ("<p>a", "<p>a<i></i>", "in p: nothing where Quarto has <i>"),
    ('<p class="a b">', '<p class="b a">', "in the page: <p class='a b'> where Quarto has <p class='b a'>"),
]


@pytest.mark.parametrize(("fast_page", "quarto_page", "difference"), PAGE_PAIRS)
def test_pages_are_compared_as_a_browser_sees_them(fast_page: str, quarto_page: str, difference: str) -> None:
    assert first_difference(fast_page, quarto_page) == difference


@pytest.mark.parametrize("page", ["", "<title>T</title><main></main>", "<title>T</title><title>U</title>"])
def test_template_of_an_unknown_page_is_refused(page: str) -> None:
    with pytest.raises(PageTemplateError):
        extract_template(page)


@pytest.mark.quarto
def test_bundled_pandoc_is_found(quarto: str) -> None:
    assert Path(bundled_pandoc(quarto)).is_file()


@pytest.mark.quarto
def test_site_without_a_search_index_gets_none(
    quarto: str, both_engines: tuple[Path, Path, str], tmp_path: Path
) -> None:
    project = both_engines[1]
    names = [p.relative_to(project).as_posix() for p in sorted(project.glob("notes/principle/*.qmd"))]
    fake_quarto = FakeQuarto(project)

    def render_without_index(inputs: object) -> list[PartialRender]:
        renders = fake_quarto(inputs)
        (renders[0][0] / "search.json").unlink()
        return renders

    run = FastRun(project, quarto, tmp_path / "work", lambda message: None, lambda done, total: None, Random(1))
    folder, group = render_inputs(run, names, render_without_index)[-1]
    assert group
    assert not (folder / "search.json").exists()


@pytest.mark.quarto
def test_edit_converts_one_note_and_new_template_none(both_engines: tuple[Path, Path, str]) -> None:
    project = both_engines[0]
    bodies = project / ".typedwiki/bodies"
    before = {path.name for path in bodies.iterdir()}
    with (project / "data/wikis/Principle/Code_two.md").open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    run_wiki(project, "render", "--engine", "fast")
    assert len({path.name for path in bodies.iterdir()} - before) == 1
    assert stamped_notes(project) == set()  # Quarto renders the one note
    before = {path.name for path in bodies.iterdir()}
    replace_setting(project, "left: Made from plain text with Typedwiki and Quarto", "left: Another footer")
    run_wiki(project, "render", "--engine", "fast")
    assert {path.name for path in bodies.iterdir()} == before
    assert len(stamped_notes(project)) > len(STAMPED_CONSTRUCTS)
    assert all("Another footer" in p.read_text(encoding="utf-8") for p in (project / "_site/notes").rglob("*.html"))
    assert fast_engine.WIKI_PAGES not in "".join(stamped_notes(project))
