"""Hand-written notes with cells: run, frozen, or shown as code; and the figures in what they put out."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import plotly.graph_objects as go
import pypandoc
import pytest

import site_checks
from conftest import GOLDEN, ROOT, build_draft, copy_project
from typedwiki.notes.cells import NOT_IN_THE_DRAFT, PLOTLY, Cell, as_code, figure_files, runnable
from typedwiki.render import quarto
from typedwiki.render.quarto import frozen_result

NOTES = sorted((ROOT / "notes").glob("*.qmd"))
EXTENSION = ROOT / "_extensions/typedwiki"
WIKI = GOLDEN / "two_dialects/wiki"
CHART = """\
---
title: Chart
---

@fig-line rises.

```{python}
#| label: fig-line
#| fig-cap: A *line*
#| fig-alt: It rises
import plotly.graph_objects as go
go.Figure(go.Scatter(y=[1, 2]))
```
"""


def freeze(here: Path, name: str, markdown: str) -> None:
    """Put results where Quarto keeps those of a note as it is now."""
    source = (here / "notes" / f"{name}.qmd").read_bytes()
    kept = {"hash": hashlib.md5(source, usedforsecurity=False).hexdigest(), "result": {"markdown": markdown}}
    path = here / "_freeze/notes" / name / "execute-results/html.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(kept), encoding="utf-8")


def output(figure: go.Figure) -> str:
    """A figure as a cell puts it out."""
    return f"```{{=html}}\n{figure.to_html(full_html=False, include_plotlyjs='cdn', include_mathjax='cdn')}\n```"


def chart(figure: go.Figure) -> str:
    """What Quarto makes of the note above."""
    return (
        "---\ntitle: Chart\n---\n\n@fig-line rises.\n\n::: {#cell-fig-line .cell execution_count=1}\n"
        "``` {.python .cell-code}\ngo.Figure(go.Scatter(y=[1, 2]))\n```\n\n"
        f"::: {{#fig-line .cell-output .cell-output-display}}\n{output(figure)}\n\nA *line*\n:::\n:::\n"
    )


# Cells

CELLS = [
    ("a cell", "Text\n\n```{python}\nx = 1\n```\n", [Cell("python", {}, "x = 1")]),
    ("options", "```{python}\n#| echo: false\n#| cap: a\n\nx\n```", [Cell("python", {"echo": False, "cap": "a"}, "x")]),
    ("not in a block", "````\n```{python}\nx\n```\n````", []),
    ("side by side", "```{python}\na\n```\n```{r}\nb\n```", [Cell("python", {}, "a"), Cell("r", {}, "b")]),
    ("longer fences, attributes", "````{python .x}\n```\n````", [Cell("python", {}, "```")]),
    ("plain code", "```python\nx\n```\n\n``` {.python}\nx\n```", []),
    ("diagrams are drawn, not run", "```{mermaid}\ngraph TD\n```", []),
    ("without an end", "```{python}\nx", [Cell("python", {}, "x")]),
    ("options that are no YAML", "```{python}\n#| a: [\nx\n```", [Cell("python", {}, "x")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
def test_finds_cells(text: str, found: list[Cell]) -> None:
    assert runnable(text) == found


SHOWN = [
    ("no cells", "a\n\n```\nb\n```\n", "a\n\n```\nb\n```\n"),
    ("a cell", "a\n\n```{python}\n#| echo: false\nb\n```\nc", "a\n\nREMARK\n\n```{.python}\nb\n```\nc"),
    ("one remark", "```{python}\na\n```\n```{python}\nb\n```", "REMARK\n\n```{.python}\na\n```\n```{.python}\nb\n```"),
    ("left out", "```{python}\n#| include: false\na\n```", "REMARK\n\n"),
    ("a diagram stays", "```{dot}\na\n```\n```{r}\nb\n```", "```{dot}\na\n```\nREMARK\n\n```{.r}\nb\n```"),
    ("ticks", "````{python}\n'''```'''\n````", "REMARK\n\n````{.python}\n'''```'''\n````"),
    ("figure", "```{r}\n#| label: fig-a\n#| fig-cap: A\nb\n```", "REMARK\n\n::: {#fig-a}\n```{.r}\nb\n```\n\nA\n:::"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
def test_shows_cells_as_code(text: str, shown: str) -> None:
    assert as_code(text, "REMARK") == shown


# Frozen results


def test_results_count_for_the_text_that_gave_them(tmp_path: Path) -> None:
    note = tmp_path / "notes/a.qmd"
    note.parent.mkdir()
    note.write_text("```{python}\n1\n```\n", encoding="utf-8")
    source = note.read_text(encoding="utf-8")
    assert frozen_result(tmp_path, "notes/a.qmd", source) is None
    freeze(tmp_path, "a", "run")
    assert frozen_result(tmp_path, "notes/a.qmd", source) == "run"
    assert frozen_result(tmp_path, "notes/a.qmd", f"{source}\nMore.") is None
    (tmp_path / "_freeze/notes/a/execute-results/html.json").write_text("<<<<<<< ours", encoding="utf-8")
    assert frozen_result(tmp_path, "notes/a.qmd", source) is None


def test_without_jupyter_the_copy_shows_code_and_the_note_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = copy_project(tmp_path / "p", WIKI)
    for name in ("run", "not-run"):
        (here / f"notes/{name}.qmd").write_text(CHART, encoding="utf-8")
    freeze(here, "run", "done")
    monkeypatch.setattr(quarto, "can_run", lambda: False)
    copy = tmp_path / "copy"
    quarto.copy_project(here, ["index.qmd", "notes/run.qmd", "notes/not-run.qmd"], copy)
    shown = (copy / "notes/not-run.qmd").read_text(encoding="utf-8")
    assert "These cells were not run: Jupyter is not installed" in shown
    assert runnable(shown) == []
    assert (copy / "notes/run.qmd").read_text(encoding="utf-8") == CHART  # Quarto takes what is frozen
    assert (here / "notes/not-run.qmd").read_text(encoding="utf-8") == CHART


# plotly.js


def test_plotly_comes_with_notes_that_draw() -> None:
    quiet = "On plotly.\n\n```{python}\n1\n```\n\n```python\nimport plotly\n```"
    assert figure_files([quiet]) == {}
    drawing = "```{python}\nimport plotly.express\n```"
    assert b"plotly.js v" in figure_files([quiet, drawing])[PLOTLY][:200]


# Figures


def lua(code: str, tmp_path: Path) -> str:
    """What a script prints that has the figures' filter as `figures`."""
    script = tmp_path / "script.lua"
    script.write_text(f"local figures = dofile([[{EXTENSION / 'figures.lua'}]])\n{code}", encoding="utf-8")
    return subprocess.run(
        [pypandoc.get_pandoc_path(), "lua", script], check=True, capture_output=True, encoding="utf-8"
    ).stdout


def test_the_data_of_a_figure_is_taken_out_of_its_html(tmp_path: Path) -> None:
    title = "a) \"b\" 'c' </script> \\ (d ☃"
    figure = go.Figure(go.Scatter(y=[1, 2.5, None], name="}]"), layout={"title": title})
    figure.frames = [go.Frame(data=[go.Scatter(y=[3])])]
    (tmp_path / "f.html").write_text(output(figure), encoding="utf-8")
    file = tmp_path / "f.html"
    found = json.loads(lua(f"print(figures.json(io.open([[{file}]]):read('a')))", tmp_path))
    data, layout, config, frames = found
    assert (data[0]["y"], data[0]["name"]) == ([1, 2.5, None], "}]")
    assert layout == {"title": {"text": title}, "template": None}
    assert config == {"responsive": True}
    assert frames[0]["data"][0]["y"] == [3]


@pytest.mark.parametrize("html", ["<table></table>", "<script>Plotly.newPlot('x')</script>", ""])
def test_other_html_is_left_alone(html: str, tmp_path: Path) -> None:
    assert lua(f"print(figures.json([[{html}]]))", tmp_path) == "nil\n"


ALTS = [
    ("by number", "```{python}\n1\n```\n\n```{python}\n#| fig-alt: A\n2\n```", "2=A"),
    ("by label", "```{python}\n#| label: fig-x\n#| fig-alt: 'It''s'\n```", "fig-x=It's"),
    ("over lines", "```{python}\n#| fig-alt: >\n#|   one\n#|   two\n```", "1=one two"),
    ("numbers do not hold with includes", "{{< include a.qmd >}}\n```{python}\n#| fig-alt: A\n```", ""),
]


@pytest.mark.parametrize(("source", "found"), [case[1:] for case in ALTS], ids=[case[0] for case in ALTS])
def test_reads_alternative_texts(source: str, found: str, tmp_path: Path) -> None:
    code = f"for key, alt in pairs(figures.alts([==[{source}]==])) do print(key .. '=' .. alt) end"
    assert lua(code, tmp_path).strip() == found


# The draft


@pytest.mark.slow
def test_the_draft_shows_what_is_frozen(tmp_path: Path) -> None:
    here = copy_project(tmp_path, WIKI)
    (here / "notes/chart.qmd").write_text(CHART, encoding="utf-8")
    freeze(here, "chart", chart(go.Figure(go.Scatter(y=[1, 2]))))
    build_draft(here)
    note = site_checks.soup(here / "_site/notes/chart.html")
    box = note.select_one("figure#fig-line .tw-figure")
    assert box
    assert json.loads(str(box["data-figure"]))[0][0]["y"] == [1, 2]
    assert (box["data-alt"], box.get_text(strip=True)) == ("It rises", "It rises")
    assert note.select("figcaption")[0].get_text() == "Figure\u00a01: A line"
    assert note.select("a[href='#fig-line']")[0].get_text() == "Figure\u00a01"
    assert "cdn" not in str(note)
    assert (here / "_site/notes/assets/plotly.min.js").is_file()
    assert site_checks.external_requests(here / "_site") == []


@pytest.mark.slow
def test_the_draft_says_what_was_not_run(tmp_path: Path) -> None:
    here = copy_project(tmp_path, WIKI)
    diagram = "```{mermaid}\ngraph TD\n```\n"
    (here / "notes/chart.qmd").write_text(f"{CHART}{diagram}", encoding="utf-8")
    build_draft(here)
    note = site_checks.soup(here / "_site/notes/chart.html")
    assert note.select(".tw-not-run")[0].get_text(strip=True) in NOT_IN_THE_DRAFT
    code = note.select("pre.python")[0].get_text()
    assert code.startswith("import plotly")
    assert note.select(".tw-mermaid pre")[0].get_text() == "graph TD"
    assert note.select("a[href='#fig-line']")[0].get_text() == "Figure\u00a01"


# The notes of this project


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_cells_run(path: Path) -> None:
    scope: dict[str, object] = {}
    for cell in runnable(path.read_text(encoding="utf-8")):
        exec(compile(cell.code, path.name, "exec"), scope)  # noqa: S102


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_a_note_names_its_sources_and_describes_its_figures(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^title: .+\ndescription: .+\ndate: \d{4}-\d\d-\d\d\ncategories: \[.+\]$", text, re.MULTILINE)
    assert "](https://" in text.rpartition("\n## Sources\n")[2]
    for cell in runnable(text):
        if "go.Figure" in cell.code:
            assert {"label", "fig-cap", "fig-alt"} <= cell.options.keys()


@pytest.mark.quarto
def test_a_cell_that_fails_is_named_with_its_note(quarto: str, tmp_path: Path) -> None:
    here = copy_project(tmp_path, WIKI)
    (here / "notes/bad.qmd").write_text("---\ntitle: Bad\n---\n\n```{python}\n1 / 0\n```\n", encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    done = subprocess.run(
        [quarto, "render", "notes/bad.qmd"],
        cwd=here,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode
    assert "bad.quarto_ipynb" in done.stderr
    assert "ZeroDivisionError" in done.stderr
