"""Requirements of each Workflow as files from which package managers install."""

from __future__ import annotations

import json

from ..notes.note_links import Site
from ..requirements.install import environment_yml, merged_record, requirements_txt
from ..requirements.merge import environments_on_path, merge


def requirement_files(site: Site) -> dict[str, bytes]:
    """For each Workflow a folder with ``requirements.txt``, ``requirements.json`` that says where every row was read
    and, where a page names conda packages, ``environment.yml``."""
    files: dict[str, bytes] = {}
    for page in site.graph.pages.values():
        if site.schema.types[page.page_type].rank != 0:
            continue
        environments = environments_on_path(page.id, site.graph, site.schema)
        merged = merge(row for one in environments for row in site.requirements.get(one, ()))
        folder = site.names[page.id].partition("/")[2]
        files[f"{folder}/requirements.txt"] = requirements_txt(merged, page.page_title).encode()
        if conda := environment_yml(merged, page.page_title):
            files[f"{folder}/environment.yml"] = conda.encode()
        record = json.dumps({"workflow": page.id, **merged_record(merged)}, ensure_ascii=False, indent=2)
        files[f"{folder}/requirements.json"] = f"{record}\n".encode()
    return files
