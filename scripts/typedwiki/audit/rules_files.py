"""Rules about a page's file: conflict marks, broken front matter, and markup that a note does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..model import RawFile
from ..problems import Problem, YamlProblem, explain_yaml_error, first_yaml_problem, problem
from ..regex import regex
from ..text.front_matter import FRONT_MATTER, read_front_matter
from .context import Context
from .markup import TITLE_BLOCK, TOML

_BEGIN, _MIDDLE, _END = regex(r"<{7}(?: .*)?"), regex(r"={7}"), regex(r">{7}(?: .*)?")
_OPENING = regex(r"---[ \t]*\n(?:[ \t]*\n)*[A-Za-z][\w -]*[ \t]*:(?:[ \t]|\n)")
ON_MACHINE = regex(r"[A-Za-z]:[\\/]|[Ff][Ii][Ll][Ee]:")
"""The start of a path on the reader's own machine."""
_COPY = "copy the file into the wiki, and write its path from this page"
_HINTS = {
    TOML: "write it in YAML, as `name: value`, between two lines `---`",
    TITLE_BLOCK: "write `title:` in front matter, between two lines `---`",
}
"""What to write in place of markup that readers see."""
_HEADING = regex(r"\n(?:#{1,6} |={1,2} ?[^=\n])")


def conflict_marks(context: Context) -> Iterator[Problem]:
    """R008: conflict marks of git on a page."""
    for page in context.pages():
        yield from _conflict_problems(context.files[page.id])


def conflict_marks_in_indexes(context: Context) -> Iterator[Problem]:
    """R008: conflict marks of git in an index."""
    for file in context.indexes:
        yield from _conflict_problems(file)


def _conflict_problems(file: RawFile) -> Iterator[Problem]:
    for line in conflict_lines(file.text):
        message = "git's conflict marks: two versions of the text stand here"
        yield problem("R008", file.path, line, 1, message, "keep one, and delete the three lines with marks")


def conflict_lines(text: str) -> Iterator[int]:
    """Yield the lines at which git's conflict marks begin."""
    start = middle = 0
    for number, line in enumerate(text.split("\n") if "\n=======\n" in text else (), 1):
        if line.startswith("<<<<<<<") and _BEGIN.fullmatch(line):
            start, middle = number, 0
        elif start and _MIDDLE.fullmatch(line):
            middle = number
        elif start and middle and line.startswith(">>>>>>>") and _END.fullmatch(line):
            yield start
            start = 0


def empty_file(context: Context) -> Iterator[Problem]:
    """R010: an empty page."""
    for page in context.pages():
        if not context.files[page.id].text.strip("\ufeff \t\n"):
            yield problem("R010", page.path, 1, 1, "the file is empty", "write the page, or delete the file")


def unclosed_front_matter(context: Context) -> Iterator[Problem]:
    """R003: front matter without an end, or not on the first line. Parsing finds its other errors."""
    for page in context.pages():
        file = context.files[page.id]
        if _OPENING.match(file.text) and not FRONT_MATTER.match(file.text):
            yield _unclosed_front_matter(file)
        elif file.text[:1] in " \t\n" and read_front_matter(stripped := file.text.lstrip()).fields:
            line = file.text.count("\n", 0, len(file.text) - len(stripped)) + 1
            message = "front matter must begin on the first line; here it is not read"
            yield problem("R003", file.path, line, 1, message, "delete the blank lines above it")


def _unclosed_front_matter(file: RawFile) -> Problem:
    return problem(
        "R003", file.path, 1, 1, "the front matter that begins here has no end", "close it with a line `---`"
    )


def in_plain_words(original: Problem, file: RawFile) -> Problem:
    """Return a problem of front matter that is not YAML in plain words, at the place of the first error."""
    front = FRONT_MATTER.match(file.text)
    if not front:
        return original
    heading = _HEADING.search(front[1])
    if heading and original.line > front[1].count("\n", 0, heading.start()) + 1:
        return _unclosed_front_matter(file)  # it ends at some later line of dashes
    yaml_fault = first_yaml_problem(front[1], 1)
    if yaml_fault is None:  # it is YAML, but a value makes no sense
        yaml_fault = YamlProblem(
            original.line,
            original.column,
            explain_yaml_error(ValueError(original.message.rpartition("YAML: ")[2]), "").message,
        )
    return problem(
        "R003", file.path, yaml_fault.line, yaml_fault.column, f"front matter is not YAML: {yaml_fault.message}"
    )


def shown_as_text(context: Context) -> Iterator[Problem]:
    """H001: elements, event handlers, cells and shortcodes, each kind once per page."""
    return _problems_of_markup(context, "H001", lambda detail: f"{detail} is shown as text")


def not_linked(context: Context) -> Iterator[Problem]:
    """H002: addresses that a browser would execute, or that lead to the reader's own files."""
    return _problems_of_markup(context, "H002", lambda detail: f"the address `{detail}` is not linked")


def not_drawn(context: Context) -> Iterator[Problem]:
    """H003: diagrams that would load from other hosts or change how they are drawn."""
    return _problems_of_markup(context, "H003", lambda detail: "this diagram is shown as code, not drawn")


def not_understood(context: Context) -> Iterator[Problem]:
    """H005: markup of other tools, which readers see as it is written."""
    return _problems_of_markup(context, "H005", lambda detail: f"readers see this {detail} as it is written")


def _problems_of_markup(context: Context, code: str, message: Callable[[str], str]) -> Iterator[Problem]:
    for page in context.pages():
        if not context.schema.types[page.page_type].by_hand:  # hand-written notes may use Quarto's markup
            page_outline = context.outline(page)
            for markup_code, detail, span in page_outline.active_markup:
                if markup_code != code:
                    continue
                # C005 reports the addresses of sources.
                if code != "H002" or not any(address.startswith(detail) for address, _ in page_outline.addresses):
                    hint = _COPY if code == "H002" and ON_MACHINE.match(detail) else _HINTS.get(detail, "")
                    yield context.problem_at(page, code, span, message(detail), hint)


MARKUP_RULES: tuple[Callable[[Context], Iterator[Problem]], ...] = (
    shown_as_text,
    not_linked,
    not_drawn,
    not_understood,
)
PAGE_RULES = (*MARKUP_RULES, conflict_marks, empty_file, unclosed_front_matter)
"""Rules that need only one page's file."""
RULES = (conflict_marks_in_indexes,)
"""All other rules."""
