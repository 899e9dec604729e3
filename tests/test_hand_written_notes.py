"""Hand-written notes with cells: run, frozen or shown as code; and the figures in their output."""

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
CHART_NOTE = """\
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


def freeze_result(project: Path, name: str, markdown: str) -> None:
    """Store a result where Quarto stores that of a note with its current text."""
    source = (project / "notes" / f"{name}.qmd").read_bytes()
    result = {"hash": hashlib.md5(source, usedforsecurity=False).hexdigest(), "result": {"markdown": markdown}}
    path = project / "_freeze/notes" / name / "execute-results/html.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(result), encoding="utf-8")


def figure_output(figure: go.Figure) -> str:
    """The output of a cell that shows a figure."""
    return f"```{{=html}}\n{figure.to_html(full_html=False, include_plotlyjs='cdn', include_mathjax='cdn')}\n```"


def chart_result(figure: go.Figure) -> str:
    """Quarto's result of running ``CHART_NOTE``."""
    return (
        "---\ntitle: Chart\n---\n\n@fig-line rises.\n\n::: {#cell-fig-line .cell execution_count=1}\n"
        "``` {.python .cell-code}\ngo.Figure(go.Scatter(y=[1, 2]))\n```\n\n"
        f"::: {{#fig-line .cell-output .cell-output-display}}\n{figure_output(figure)}\n\nA *line*\n:::\n:::\n"
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


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
def test_runnable_cells_are_found(text: str, expected: list[Cell]) -> None:
    assert runnable(text) == expected


AS_CODE = [
    ("no cells", "a\n\n```\nb\n```\n", "a\n\n```\nb\n```\n"),
    ("a cell", "a\n\n```{python}\n#| echo: false\nb\n```\nc", "a\n\nREMARK\n\n```{.python}\nb\n```\nc"),
    ("one remark", "```{python}\na\n```\n```{python}\nb\n```", "REMARK\n\n```{.python}\na\n```\n```{.python}\nb\n```"),
    ("not included", "```{python}\n#| include: false\na\n```", "REMARK\n\n"),
    ("a diagram stays", "```{dot}\na\n```\n```{r}\nb\n```", "```{dot}\na\n```\nREMARK\n\n```{.r}\nb\n```"),
    ("ticks", "````{python}\n'''```'''\n````", "REMARK\n\n````{.python}\n'''```'''\n````"),
    ("figure", "```{r}\n#| label: fig-a\n#| fig-cap: A\nb\n```", "REMARK\n\n::: {#fig-a}\n```{.r}\nb\n```\n\nA\n:::"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in AS_CODE], ids=[case[0] for case in AS_CODE])
def test_cells_are_shown_as_code(text: str, expected: str) -> None:
    assert as_code(text, "REMARK") == expected


# Frozen results


def test_frozen_result_belongs_to_the_exact_text(tmp_path: Path) -> None:
    note = tmp_path / "notes/a.qmd"
    note.parent.mkdir()
    note.write_text("```{python}\n1\n```\n", encoding="utf-8")
    source = note.read_text(encoding="utf-8")
    assert frozen_result(tmp_path, "notes/a.qmd", source) is None
    freeze_result(tmp_path, "a", "run")
    assert frozen_result(tmp_path, "notes/a.qmd", source) == "run"
    assert frozen_result(tmp_path, "notes/a.qmd", f"{source}\nMore.") is None
    (tmp_path / "_freeze/notes/a/execute-results/html.json").write_text("<<<<<<< ours", encoding="utf-8")
    assert frozen_result(tmp_path, "notes/a.qmd", source) is None


def test_without_jupyter_the_copy_shows_code_and_the_note_is_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path / "p", WIKI)
    for name in ("run", "not-run"):
        (project / f"notes/{name}.qmd").write_text(CHART_NOTE, encoding="utf-8")
    freeze_result(project, "run", "done")
    monkeypatch.setattr(quarto, "can_run", lambda: False)
    copy = tmp_path / "copy"
    quarto.copy_project(project, ["index.qmd", "notes/run.qmd", "notes/not-run.qmd"], copy)
    text = (copy / "notes/not-run.qmd").read_text(encoding="utf-8")
    assert "These cells were not run: Jupyter is not installed" in text
    assert runnable(text) == []
    assert (copy / "notes/run.qmd").read_text(encoding="utf-8") == CHART_NOTE  # Quarto uses the frozen result
    assert (project / "notes/not-run.qmd").read_text(encoding="utf-8") == CHART_NOTE


# plotly.js


def test_plotly_is_included_only_for_notes_that_import_it() -> None:
    without_figure = "On plotly.\n\n```{python}\n1\n```\n\n```python\nimport plotly\n```"
    assert figure_files([without_figure]) == {}
    with_figure = "```{python}\nimport plotly.express\n```"
    assert b"plotly.js v" in figure_files([without_figure, with_figure])[PLOTLY][:200]


# Figures


def run_lua(code: str, tmp_path: Path) -> str:
    """Run a script with the figures' filter as `figures`; return what it prints."""
    script = tmp_path / "script.lua"
    script.write_text(f"local figures = dofile([[{EXTENSION / 'figures.lua'}]])\n{code}", encoding="utf-8")
    return subprocess.run(
        [pypandoc.get_pandoc_path(), "lua", script], check=True, capture_output=True, encoding="utf-8"
    ).stdout


def test_figure_data_is_extracted_from_html(tmp_path: Path) -> None:
    title = "a) \"b\" 'c' </script> \\ (d ☃"
    figure = go.Figure(go.Scatter(y=[1, 2.5, None], name="}]"), layout={"title": title})
    figure.frames = [go.Frame(data=[go.Scatter(y=[3])])]
    (tmp_path / "f.html").write_text(figure_output(figure), encoding="utf-8")
    file = tmp_path / "f.html"
    actual = json.loads(run_lua(f"print(figures.json(io.open([[{file}]]):read('a')))", tmp_path))
    data, layout, config, frames = actual
    assert (data[0]["y"], data[0]["name"]) == ([1, 2.5, None], "}]")
    assert layout == {"title": {"text": title}, "template": None}
    assert config == {"responsive": True}
    assert frames[0]["data"][0]["y"] == [3]


@pytest.mark.parametrize("html", ["<table></table>", "<script>Plotly.newPlot('x')</script>", ""])
def test_other_html_has_no_figure_data(html: str, tmp_path: Path) -> None:
    assert run_lua(f"print(figures.json([[{html}]]))", tmp_path) == "nil\n"


ALTS = [
    ("by number", "```{python}\n1\n```\n\n```{python}\n#| fig-alt: A\n2\n```", "2=A"),
    ("by label", "```{python}\n#| label: fig-x\n#| fig-alt: 'It''s'\n```", "fig-x=It's"),
    ("over lines", "```{python}\n#| fig-alt: >\n#|   one\n#|   two\n```", "1=one two"),
    ("numbers do not hold with includes", "{{< include a.qmd >}}\n```{python}\n#| fig-alt: A\n```", ""),
]


@pytest.mark.parametrize(("source", "expected"), [case[1:] for case in ALTS], ids=[case[0] for case in ALTS])
def test_alternative_texts_are_read(source: str, expected: str, tmp_path: Path) -> None:
    code = f"for key, alt in pairs(figures.alts([==[{source}]==])) do print(key .. '=' .. alt) end"
    assert run_lua(code, tmp_path).strip() == expected


# The draft


@pytest.mark.slow
def test_draft_shows_frozen_results(tmp_path: Path) -> None:
    project = copy_project(tmp_path, WIKI)
    (project / "notes/chart.qmd").write_text(CHART_NOTE, encoding="utf-8")
    freeze_result(project, "chart", chart_result(go.Figure(go.Scatter(y=[1, 2]))))
    build_draft(project)
    note = site_checks.soup(project / "_site/notes/chart.html")
    box = note.select_one("figure#fig-line .tw-figure")
    assert box
    assert json.loads(str(box["data-figure"]))[0][0]["y"] == [1, 2]
    assert (box["data-alt"], box.get_text(strip=True)) == ("It rises", "It rises")
    assert note.select("figcaption")[0].get_text() == "Figure\u00a01: A line"
    assert note.select("a[href='#fig-line']")[0].get_text() == "Figure\u00a01"
    assert "cdn" not in str(note)
    assert (project / "_site/notes/assets/plotly.min.js").is_file()
    assert site_checks.external_requests(project / "_site") == []


@pytest.mark.slow
def test_draft_says_which_cells_were_not_run(tmp_path: Path) -> None:
    project = copy_project(tmp_path, WIKI)
    diagram = "```{mermaid}\ngraph TD\n```\n"
    (project / "notes/chart.qmd").write_text(f"{CHART_NOTE}{diagram}", encoding="utf-8")
    build_draft(project)
    note = site_checks.soup(project / "_site/notes/chart.html")
    assert note.select(".tw-not-run")[0].get_text(strip=True) in NOT_IN_THE_DRAFT
    code = note.select("pre.python")[0].get_text()
    assert code.startswith("import plotly")
    assert note.select(".tw-mermaid pre")[0].get_text() == "graph TD"
    assert note.select("a[href='#fig-line']")[0].get_text() == "Figure\u00a01"


# The notes of this project


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_cells_of_this_project_run(path: Path) -> None:
    scope: dict[str, object] = {}
    for cell in runnable(path.read_text(encoding="utf-8")):
        exec(compile(cell.code, path.name, "exec"), scope)  # noqa: S102


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_notes_of_this_project_have_sources_and_described_figures(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^title: .+\ndescription: .+\ndate: \d{4}-\d\d-\d\d\ncategories: \[.+\]$", text, re.MULTILINE)
    assert "](https://" in text.rpartition("\n## Sources\n")[2]
    for cell in runnable(text):
        if "go.Figure" in cell.code:
            assert {"label", "fig-cap", "fig-alt"} <= cell.options.keys()


@pytest.mark.quarto
def test_failing_cell_is_reported_with_its_note(quarto: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path, WIKI)
    (project / "notes/bad.qmd").write_text("---\ntitle: Bad\n---\n\n```{python}\n1 / 0\n```\n", encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    result = subprocess.run(
        [quarto, "render", "notes/bad.qmd"],
        cwd=project,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode
    assert "bad.quarto_ipynb" in result.stderr
    assert "ZeroDivisionError" in result.stderr
