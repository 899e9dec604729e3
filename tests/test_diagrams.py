"""Mermaid diagrams: ordinary ones are drawn; those that could fetch, run or restyle are shown as code."""

from __future__ import annotations

import pytest

from typedwiki.text.quarto_syntax import LONGEST, is_drawn

DRAWN = {
    "flowchart": 'graph TD\n    A["Load data"] --> B{ok?}\n    B -->|yes| C([Train])\n    B -.->|no| A',
    "one line": "flowchart LR;A-->B;B-->C",
    "title": "---\ntitle: How it flows\n---\nflowchart LR\n  A --> B",
    "empty front matter": "---\n---\ngraph TD\n A-->B",
    "comments": "%% a comment: url of a page\ngraph TD\n  %% another\n  A-->B",
    "plain elements": 'graph TD\n  A["one<br/>two <b>bold</b> x < y"] --> B["10 #gt; 9 #quot;q#quot;"]',
    "shapes": 'flowchart TD\n  A@{ shape: rounded, label: "Start here" }\n  B@{\n    shape: docs\n    label: "Files"\n  }',
    "styles": "graph LR\n  A:::hot --> B\n  classDef hot,cold fill:#f9f,stroke:#333,stroke-width:2px\n  style B fill:red, "
    "stroke-dasharray: 5 5;\n  linkStyle 0 stroke:#ff3,stroke-width:4px,color:red;\n  linkStyle default opacity:0.5",
    "hexagon": "graph TD\n  A{{six}} --> B[/para/]",
    "classes": "classDiagram\n  class Shape {\n    <<interface>>\n    +draw() void\n    -items: List~int~\n  }\n"
    "  Shape <|-- Circle : is a\n  class Circle:::x",
    "states": "stateDiagram-v2\n  state c <<choice>>\n  [*] --> c\n  c --> [*]",
    "sequence": "sequenceDiagram\n  participant A as Anna\n  rect rgb(200, 220, 255)\n  A->>+B: see the link: here\n  end\n"
    "  box Purple Group\n  participant C\n  end\n  Note over A,B: click here, details follow",
    "entities": "erDiagram\n  PAGE ||--o{ LINK : has\n  PAGE {\n    string id PK\n  }",
    "gantt": "gantt\n  dateFormat YYYY-MM-DD\n  section A\n  Plan :a1, 2026-01-01, 3d",
    "mindmap": "mindmap\n  root((wiki))\n    links and details\n    style guides\n      ::icon(fa fa-book)",
    "keywords as plain words": 'graph TD\n  link["securityLevel"] --> clicks["themeCSS: none"]',
    "git": 'gitGraph\n  commit id: "1"\n  branch b\n  commit',
    "others": "pie title Share\n  'a' : 3",
    "options of Quarto": "%%| fig-width: 6\n%%| fig-align: center\ngraph TD\n  A-->B",
}

SHOWN_AS_CODE = {
    "empty": "",
    "no diagram": "<script>1</script>",
    "unknown kind": "zenuml\n  A->B: x",
    "C4": 'C4Context\n  Person(a, "b", "c", "https://example.org/t.png")',
    "C4 in another": "mindmap\n  C4Container",
    "directive": '%%{init: {"theme": "dark"}}%%\ngraph TD\n  A-->B',
    "directive in the middle": "graph TD\n  A-->B\n  %%{wrap}%%",
    "settings": "---\nconfig:\n  theme: dark\n---\ngraph TD\n  A-->B",
    "settings after a title": "---\ntitle: x\nconfig: {securityLevel: loose}\n---\ngraph TD\n  A-->B",
    "settings in a title": "---\ntitle: {a: b}\n---\ngraph TD\n  A-->B",
    "settings below": "graph TD\n  A-->B\n---\nconfig: x\n---",
    "click": 'graph TD\n  A-->B\n  click A href "https://example.org"',
    "click on one line": 'graph TD;A-->B;click A "https://example.org"',
    "click after another space": "graph TD\n  A-->B\n\u00a0click\u00a0A call f()",
    "callback": 'classDiagram\n  class A\n  callback A "f"',
    "links": 'sequenceDiagram\n  A->>B: x\n  links A: {"x": "https://example.org"}',
    "properties": 'sequenceDiagram\n  A->>B: x\n  properties A: {"class": "x"}',
    "marker of today": "gantt\n  todayMarker stroke:url(x)\n  a: 2026-01-01, 1d",
    "picture": 'flowchart LR\n  A@{ img: "https://example.org/1.png" }',
    "picture after a label": 'flowchart LR\n  A@{ label: "{}", img: "https://example.org/1.png" }',
    "picture by an escaped key": 'flowchart LR\n  B@{ "\\x69mg": "https://example.org/2.png" }',
    "picture by a merged key": "flowchart LR\n  B@{\n    <<: {img: x}\n  }",
    "icon": 'flowchart LR\n  B@{ icon: "fa:x" }',
    "unclosed object": "flowchart LR\n  B@{ shape: rect",
    "label with an escape": 'flowchart LR\n  B@{ label: "\\x3cimg src=x>" }',
    "attribute": 'graph TD\n  A["<b title=x>y</b>"]',
    "image element": "sequenceDiagram\n  A->>B: <img src=x>",
    "element by entities": 'graph TD\n  A["#lt;img src=x#gt;"]',
    "element by numbers": 'graph TD\n  A["#60;img src=x#62;"]',
    "element by two entities": 'graph TD\n  A["&amp;lt;img src=x&amp;gt;"]',
    "element without an end": 'graph TD\n  A["<img src=x"]',
    "element around a stereotype": "classDiagram\n  class A {\n  <<<x>>img src=x>\n  }",
    "stereotype in a label": 'classDiagram\n  class A["<<img src=x>>"]',
    "markdown picture": 'graph TD\n  A["`![y](https://example.org/s.png)`"]',
    "formula": 'graph TD\n  A["$$\\href{javascript:x()}{y}$$"]',
    "shortcode": 'graph TD\n  A["{{< env HOME >}}"]',
    "file": "%%| file: ../secret.md\ngraph TD\n  A-->B",
    "caption": '%%| fig-cap: "x"\ngraph TD\n  A-->B',
    "style with an address": "graph TD\n  A-->B\n  style A fill:url(https://example.org/f.png)",
    "style with an escape": "graph TD\n  A-->B\n  style A fill:u\\72l(x)",
    "style of another property": "graph TD\n  A-->B\n  classDef x background:red",
    "style that ends its rule": "graph TD\n  A-->B\n  classDef x fill:red}*{display:none",
    "name that ends its rule": "graph TD\n  A-->B\n  classDef x{}*{display:none} fill:red",
    "style on one line": "graph TD;A-->B;style A position:fixed",
    "colour that fetches": "sequenceDiagram\n  rect url(https://example.org/#a)\n  A->>B: x\n  end",
    "another line end": "graph TD\n  A-->B\u2028click A href 'x'",
    "too long": f"graph TD\n{'A-->B;' * LONGEST}",
}


@pytest.mark.parametrize("kind", DRAWN)
def test_ordinary_diagram_is_drawn(kind: str) -> None:
    assert is_drawn(DRAWN[kind])


@pytest.mark.parametrize("kind", SHOWN_AS_CODE)
def test_unsafe_diagram_is_shown_as_code(kind: str) -> None:
    assert not is_drawn(SHOWN_AS_CODE[kind])
