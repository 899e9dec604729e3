"""Rules about a file as a whole: what a merge or a slip has left in it, whatever it says."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import RawFile
from ..problems import Problem, problem
from ..regex import regex
from ..text.front_matter import FRONT_MATTER, read_front_matter
from ..yaml_errors import Fault, fault, first_fault
from .context import Context

_BEGIN, _MIDDLE, _END = regex(r"<{7}(?: .*)?"), regex(r"={7}"), regex(r">{7}(?: .*)?")
_OPENING = regex(r"---[ \t]*\n(?:[ \t]*\n)*[A-Za-z][\w -]*[ \t]*:(?:[ \t]|\n)")
_HEADING = regex(r"\n(?:#{1,6} |={1,2} ?[^=\n])")


def conflict_marks(context: Context) -> Iterator[Problem]:
    """R008: the two versions of a merge conflict, one after the other, on a page."""
    for page in context.pages():
        yield from _marks(context.files[page.id])


def conflict_marks_in_indexes(context: Context) -> Iterator[Problem]:
    """R008: the same in an index."""
    for file in context.indexes:
        yield from _marks(file)


def _marks(file: RawFile) -> Iterator[Problem]:
    for line in conflicts(file.text):
        message = "git's conflict marks: two versions of the text stand here"
        yield problem("R008", file.path, line, 1, message, "keep one, and delete the three lines with marks")


def conflicts(text: str) -> Iterator[int]:
    """The lines at which conflicts begin."""
    begun = middle = 0
    for number, line in enumerate(text.split("\n") if "\n=======\n" in text else (), 1):
        if line.startswith("<<<<<<<") and _BEGIN.fullmatch(line):
            begun, middle = number, 0
        elif begun and _MIDDLE.fullmatch(line):
            middle = number
        elif begun and middle and line.startswith(">>>>>>>") and _END.fullmatch(line):
            yield begun
            begun = 0


def empty_file(context: Context) -> Iterator[Problem]:
    """R010: a page file without a word."""
    for page in context.pages():
        if not context.files[page.id].text.strip("\ufeff \t\n"):
            yield problem("R010", page.path, 1, 1, "the file is empty", "write the page, or delete the file")


def endless_front_matter(context: Context) -> Iterator[Problem]:
    """R003: front matter that begins and has no end. What is wrong within one that ends, parsing finds."""
    for page in context.pages():
        file = context.files[page.id]
        if _OPENING.match(file.text) and not FRONT_MATTER.match(file.text):
            yield _endless(file)
        elif file.text[:1] in " \t\n" and read_front_matter(begun := file.text.lstrip()).fields:
            line = file.text.count("\n", 0, len(file.text) - len(begun)) + 1
            message = "front matter must begin on the first line; here it is not read"
            yield problem("R003", file.path, line, 1, message, "delete the blank lines above it")


def _endless(file: RawFile) -> Problem:
    return problem(
        "R003", file.path, 1, 1, "the front matter that begins here has no end", "close it with a line `---`"
    )


def explained(found: Problem, file: RawFile) -> Problem:
    """A problem of front matter that is not YAML, in the words of people."""
    front = FRONT_MATTER.match(file.text)
    if not front:
        return found
    heading = _HEADING.search(front[1])
    if heading and found.line > front[1].count("\n", 0, heading.start()) + 1:
        return _endless(file)  # it ends at some later line of dashes
    said = first_fault(front[1], 1)
    if said is None:  # it is YAML, but a value makes no sense
        said = Fault(found.line, found.column, fault(ValueError(found.message.rpartition("YAML: ")[2]), "").message)
    return problem("R003", file.path, said.line, said.column, f"front matter is not YAML: {said.message}")


PAGE_RULES = (conflict_marks, empty_file, endless_front_matter)
"""Those for which the file of a page is enough."""
RULES = (conflict_marks_in_indexes,)
"""The others."""
