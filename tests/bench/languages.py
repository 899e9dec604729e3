"""A wiki of six pages in six languages, to test the search."""

from __future__ import annotations

from pathlib import Path

PAGES = {
    "Gradientenabstieg": (
        "Der Gradientenabstieg verkleinert eine Verlustfunktion Schritt für Schritt.",
        "Die Lernratenanpassung bestimmt die Größe der Schritte. Ohne Zwischenspeicherung wächst der "
        "Arbeitsspeicherbedarf. Übermäßig große Schritte führen zu Schwingungen; ein Trägheitsterm dämpft sie. "
        "Die Gewichtsinitialisierung ist maßgeblich für die Geschwindigkeit.",
    ),
    "Réseaux de neurones": (
        "Un réseau de neurones transforme des données par couches successives.",
        "L'apprentissage supervisé exige des étiquettes. Le décodeur reçoit la mémoire de l'encodeur; la "
        "régularisation évite le surapprentissage. Une fenêtre contextuelle délimite l'entrée.",
    ),
    "注意力机制": (
        "注意力机制让模型关注输入中最相关的部分。",
        "多头注意力把查询、键和值投影到不同的子空间。位置编码告诉模型词语的先后顺序。缓存键值对可以显著加快自回归生成的速度。",
    ),
    "勾配降下法の基礎": (
        "損失関数を小さくする方法を説明する。",
        "学習率が大きすぎると発散してしまう。ミニバッチを使うとメモリ使用量が減り、計算が安定する。隠れ層の重みを初期化する方法も大切だ。",
    ),
    "경량미세조정": (
        "큰모델을 적은 자원으로 조정하는 방법이다.",
        "저랭크어댑터를 추가하면 학습가능매개변수가 크게 줄어든다. 그래디언트체크포인팅은 메모리사용량을 낮춘다.",
    ),
    "الشبكات العصبية": (
        "مقدمة إلى الشبكات العصبية وكيفية تدريبها.",
        "تتكون الشبكة من الطبقات المتتابعة، ويقلل التدريب دالة الخسارة. تساعد الذاكرة المؤقتة على تسريع الاستدلال، "
        "وتحدد المعلمات سلوك النموذج.",
    ),
}
"""Overview and text by title. The file names are numbers."""


def write_languages(folder: Path) -> None:
    """Write the pages below a folder, and an English one that contains code."""
    (folder / "Principle").mkdir(parents=True)
    for number, (title, (overview, text)) in enumerate(PAGES.items()):
        page = f"# {title}\n\n## Overview\n{overview}\n\n## Text\n{text}\n"
        (folder / f"Principle/Page_{number}.md").write_text(page, encoding="utf-8")
    (folder / "Principle/Shell.md").write_text(
        "# Shell settings\n\n## Overview\nVariables of a shell.\n\n## Use\nSet `$HOME` in `.env`; run it "
        "with `--no-cache-dir`. C# and `std::vector` differ; see E0425.\n\n```python\nmodel.bind_tools(tools)\n"
        "HttpParser().feedAllBytes(data)\n```\n",
        encoding="utf-8",
    )
