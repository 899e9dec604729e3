"""Rules about a page's own text and its name: overview, sections, headings, markup, git's conflict marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from ..author.new import section_prompts
from ..model import RawFile, Span, WikiPage, grouped
from ..problems import Problem, problem
from ..regex import regex
from ..resolve import normalise
from ..schema import SECTIONS, Schema, key
from ..text.anchors import headings
from ..text.front_matter import read_front_matter
from ..text.links import scan
from ..text.markdown import plain
from ..text.names import DEVICE
from ..text.sections import Section, first_paragraph, split
from ..text.verbatim import inside_any
from ..words import names_setting
from .context import Context
from .markup import TITLE_BLOCK, TOML
from .rules_metadata import is_misspelt, is_usual, words_of

FEWEST_PAGES = 2
"""Number of pages without an overview that must begin with sections of the same name."""
_FILLER = frozenset(re.findall(r"\w+", "a about an and describes for in is it of on page that the this to what"))
_SECTIONS = ("Overview", "Metadata", "Connections", "Related Pages", "Sources", "References")
_MAIN = frozenset(map(key, _SECTIONS))
_HEADINGS = frozenset(map(key, ("Overview", "Metadata", "Connections", "Related Pages")))
_LONG = 8
"""Characters. A shorter foreign word is similar to too many others."""
_CLOSE_HEADING = regex(r"\n(?P<signs>#{1,6})(?P<words>[^\W\d_][^\n]{0,200})", re.MULTILINE)
_BOLD_LINE = regex(r"\n(?P<sign>\*\*|__|''')(?P<words>[A-Z][^*_'\n]{2,40}?):?(?P=sign):?[ \t]*$", re.MULTILINE)
_FOOTNOTE = regex(r"(?P<begins>^[ ]{0,3})?(?<!\\)\[\^(?P<label>[^\[\]\s^]{1,200})\](?P<colon>:)?", re.MULTILINE)
_FORBIDDEN = regex(r'[<>:"|?*\\\x00-\x1f]')


def overview_hint(page: WikiPage, context: Context) -> str:
    """Return a hint for a page without an overview, if it begins with the same section as other such pages."""
    title = _first_title(page)
    other_pages = (other_page for other_page in context.graph.pages.values() if title and not other_page.overview)
    same_start = sum(key(_first_title(other_page)) == key(title) for other_page in other_pages)
    return (
        f"if `{title}` is the overview, say so with {names_setting('Overview', title)}"
        if same_start >= FEWEST_PAGES
        else ""
    )


@lru_cache(maxsize=1 << 12)
def _first_title(page: WikiPage) -> str:
    """Return the heading of a page's first section, if it begins with prose and is not usual for the type."""
    parts = split(page.content)
    section = next((part for part in parts if part.level), None)
    if section is None or any(not part.empty for part in parts[: parts.index(section)]):
        return ""
    title = plain(section.title)
    paragraph = first_paragraph(Section(section.level, section.title, [*section.body]))
    return title if paragraph and key(title) not in map(key, section_prompts(page.page_type)) else ""


def no_overview(context: Context) -> Iterator[Problem]:
    """C001: a page without an overview, in a wiki whose pages usually have one or begin with what may be one."""
    expected = is_usual(context, lambda page: bool(page.overview))
    for page in context.pages():
        if not page.overview and (expected or overview_hint(page, context)):
            yield context.problem_at_title(page, "C001", "has no overview", overview_hint(page, context))


def long_overview(context: Context) -> Iterator[Problem]:
    """C002: an overview beyond the site's limit."""
    limit = context.settings.overview_limit
    for page in context.pages():
        if len(page.overview) > limit:
            message = f"the overview has {len(page.overview)} characters; {limit} are enough"
            yield context.problem_at(page, "C002", context.outline(page).overview, message)


def empty_overview(context: Context) -> Iterator[Problem]:
    """C003: an overview that only repeats the title."""
    for page in context.pages():
        if len(page.overview) > 2 * len(page.page_title) + 100:
            continue
        overview_words, title_words = words_of(page.overview), words_of(page.page_title)
        nothing_new = set(overview_words) <= {*title_words, *_FILLER, page.page_type.casefold()}
        if page.overview and (nothing_new or "".join(overview_words) == "".join(title_words)):
            span = context.outline(page).overview
            yield context.problem_at(page, "C003", span, "the overview only repeats the title")


def misspelt_section(context: Context) -> Iterator[Problem]:
    """C017: a heading that is a misspelling of a known section, on a page that lacks that section."""
    understood = {*map(key, (*_SECTIONS, *SECTIONS)), *context.schema.sections}
    for page in context.pages():
        titles = {plain(title) for title, _ in headings(page.content)}
        for title in titles:
            if key(title) in understood:
                continue
            intended = _intended_section(title, context.schema)
            if not intended or any(key(intended) == key(other_title) for other_title in titles):
                continue
            text = context.files[page.id].text
            heading = re.search(rf"^[#=]+[ \t]*(?={re.escape(title)})", text, re.MULTILINE)
            start = heading.end() if heading else max(0, text.find(title))
            span = context.span(page, start, start + len(title))
            yield context.problem_at(
                page, "C017", span, f"`{title}` is no section that is understood", f"did you mean {intended}?"
            )


@lru_cache(maxsize=1 << 12)  # wikis repeat their headings
def _intended_section(title: str, schema: Schema) -> str:
    """Return the first name of a section of which a title may be a misspelling; empty if there is none."""
    names = _section_names(schema).get(title.casefold()[:1], ())
    return next((name for name in names if is_misspelt(title, name)), "")


@lru_cache(maxsize=8)
def _section_names(schema: Schema) -> Mapping[str, Sequence[str]]:
    """Return the names of sections by their first letter, which a misspelling is assumed to keep."""
    candidates = (
        name
        for name, intended in schema.sections.items()
        if intended in _MAIN and (name not in schema.foreign or len(name) >= _LONG)
    )
    names = (*_SECTIONS, *(name.replace("_", " ").capitalize() for name in candidates))
    return grouped(names, lambda name: name.casefold()[:1])


def heading_without_space(context: Context) -> Iterator[Problem]:
    """C017: number signs without a space after them, so they begin no heading. A single one may begin a tag, except
    at the start of a page of a wiki with ranks that has no title in its front matter."""
    for page in context.pages():
        text = context.files[page.id].text
        if page.dialect == "mediawiki" or "#" not in text:
            continue
        front = read_front_matter(text)
        start = front.end
        may_be_tag = "title" in front.fields or not context.schema.ranked
        page_start = -1 if may_be_tag else start + len(text[start:]) - len(text[start:].lstrip())
        candidates = _CLOSE_HEADING.finditer(f"\n{text}", start)  # offsets are those of the line ends before them
        matches = [match for match in candidates if match["signs"] != "#" or match.start() == page_start]
        is_code = inside_any(scan(text).verbatim_parts if matches else ())
        for match in matches:
            if not is_code(match.start()):
                heading = f"{match['signs']}{match['words']}"
                span = context.span(page, match.start(), match.start() + len(heading))
                message = f"`{heading}` is no heading: a space is missing"
                yield context.problem_at(page, "C017", span, message, f"write {match['signs']} {match['words']}")


def bold_heading(context: Context) -> Iterator[Problem]:
    """C017: the name of a section in bold on a line by itself, on a page without the section."""
    for page in context.pages():
        text = context.files[page.id].text
        candidates = _BOLD_LINE.finditer(f"\n{text}")  # as above
        matches = [match for match in candidates if key(match["words"]) in _HEADINGS]
        titles = {key(plain(title)) for title, _ in headings(text)} if matches else set()
        is_code = inside_any(scan(text).verbatim_parts if matches else ())
        for match in matches:
            if key(match["words"]) not in titles and not is_code(match.start()):
                span = context.span(page, match.start(), match.start() + len(match[0].strip()))
                heading = f"== {match['words']} ==" if page.dialect == "mediawiki" else f"## {match['words']}"
                message = f"`{match[0].strip()}` is no heading"
                yield context.problem_at(page, "C017", span, message, f"write {heading}")


def unclosed(context: Context) -> Iterator[Problem]:
    """C010: a fence, tag, table or template without its end."""
    for page in context.pages():
        for opener, span in context.outline(page).unclosed:
            yield context.problem_at(
                page, "C010", span, f"the {_name_of_opener(opener)} that begins here is never closed"
            )


def _name_of_opener(opener: str) -> str:
    """Return the name of the construct that an opener begins."""
    if opener.startswith(("`", "~")):
        return "code block"
    if opener in ("<!--", "$$"):
        return "comment" if opener == "<!--" else "formula"
    if opener == ":::":
        return "box"
    return "table" if opener == "{|" else f"template `{opener}`" if opener.startswith("{{") else f"`{opener}`"


def lost_footnote(context: Context) -> Iterator[Problem]:
    """C019: a reference to no footnote, and the text of a footnote that no reader sees.

    Without any footnote on the page, only a number is certain to be meant as a reference.
    """
    for page in context.pages():
        text = context.files[page.id].text
        if page.dialect == "mediawiki" or "[^" not in text or page.knowledge:
            continue
        is_code = inside_any(scan(text).verbatim_parts)
        texts: dict[str, Span] = {}
        references: dict[str, Span] = {}
        for match in _FOOTNOTE.finditer(text):
            if is_code(match.start("label")):
                continue
            label, start = match["label"], match.end("begins") if match["begins"] is not None else match.start()
            span = context.span(page, start, start + len(label) + 3)
            if match["begins"] is None or not match["colon"]:
                references.setdefault(label, span)
            elif label in texts:
                message = f"the footnote `[^{label}]` has a text on line {texts[label].line} too; the last one counts"
                yield context.problem_at(page, "C019", span, message, "give one of them another name")
            else:
                texts[label] = span
        for label in references.keys() - texts.keys():
            if texts or label.isdecimal():
                message = f"there is no text of the footnote `[^{label}]`"
                yield context.problem_at(page, "C019", references[label], message, f"write a line [^{label}]: text")
        for label in texts.keys() - references.keys():
            message = f"nothing refers to the footnote `[^{label}]`: readers do not see its text"
            yield context.problem_at(page, "C019", texts[label], message, f"write [^{label}] where it belongs")


def skipped_level(context: Context) -> Iterator[Problem]:
    """C011: a heading more than one level below the one before it."""
    for page in context.pages():
        for upper_level, level, span in context.outline(page).skips:
            yield context.problem_at(
                page, "C011", span, f"a heading of level {level} follows one of level {upper_level}"
            )


def same_title(context: Context) -> Iterator[Problem]:
    """C012: a second page of a type and namespace with the same title. If the names are equal, too, S001 reports
    that."""
    page_by_title: dict[tuple[str, str, str], WikiPage] = {}
    for page in context.pages():
        title = re.sub(r"\s+", " ", page.page_title).strip().casefold()
        earlier = page_by_title.setdefault((page.page_type, page.namespace, title), page)
        if earlier.stem != page.stem:
            message = f"{earlier.path} is titled `{earlier.page_title}` too"
            yield context.problem_at_title(page, "C012", message, "give one of them another title")


def taken_alias(context: Context) -> Iterator[Problem]:
    """C012: an alias that is the name, the title or an earlier alias of another page of the type."""
    names: dict[tuple[str, str, str], WikiPage] = {}
    pages = list(context.pages())
    for page in pages:
        for name in (page.stem, page.page_title):
            names.setdefault((page.root, page.page_type, normalise(name)), page)
    for page in pages:
        for alias in page.other_names:
            owner = names.setdefault((page.root, page.page_type, normalise(alias)), page)
            if owner.id != page.id:
                message = f"the alias `{alias}` is a name of {owner.path}"
                yield context.problem_at_title(page, "C012", message, "delete the alias")


def same_but_case(context: Context) -> Iterator[Problem]:
    """C013: a second file in a folder whose name differs only in case."""
    page_by_name: dict[str, WikiPage] = {}
    for page in sorted(context.pages(), key=lambda p: p.path):
        folder, _, name = page.path.rpartition("/")
        earlier = page_by_name.setdefault(f"{folder}/{name.casefold()}", page)
        if earlier is not page:
            message = f"`{name}` and `{earlier.path.rpartition('/')[2]}` differ in case only"
            yield context.problem_at_title(page, "C013", message, "rename one of them")


def reserved_name(context: Context) -> Iterator[Problem]:
    """C014: a file or folder name that Windows does not allow."""
    for page in context.pages():
        path = PurePosixPath(page.path)
        parts = path.relative_to(page.root).parts if path.is_absolute() else path.parts
        for part in parts:
            if DEVICE.match(part) or _FORBIDDEN.search(part) or part.endswith((".", " ")):
                yield context.problem_at_title(page, "C014", f"`{part}` cannot be a name on Windows", "rename it")


def skipped_name(context: Context) -> Iterator[Problem]:
    """C015: a file name for which Quarto makes no page."""
    for page in context.pages():
        if page.stem.lower() == "readme":
            yield context.problem_at_title(page, "C015", f"Quarto skips files named {page.stem}")


_BEGIN, _MIDDLE, _END = regex(r"<{7}(?: .*)?"), regex(r"={7}"), regex(r">{7}(?: .*)?")


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


ON_MACHINE = regex(r"[A-Za-z]:[\\/]|[Ff][Ii][Ll][Ee]:")
"""The start of a path on the reader's own machine."""
_COPY = "copy the file into the wiki, and write its path from this page"
_HINTS = {
    TOML: "write it in YAML, as `name: value`, between two lines `---`",
    TITLE_BLOCK: "write `title:` in front matter, between two lines `---`",
}
"""What to write in place of markup that readers see."""
_MARKUP = {
    "H001": "{} is shown as text",
    "H002": "the address `{}` is not linked",
    "H003": "this diagram is shown as code, not drawn",
    "H005": "readers see this {} as it is written",
}


def markup(context: Context) -> Iterator[Problem]:
    """Report markup that does not do what it seems to, each kind once per page.

    H001: elements, event handlers, cells and shortcodes. H002: addresses that a browser would execute, or that lead to
    the reader's own files. H003: diagrams that would load from other hosts or change how they are drawn. H005: markup
    of other tools.
    """
    for page in context.pages():
        if context.schema.types[page.page_type].by_hand:  # hand-written notes may use Quarto's markup
            continue
        addresses = context.outline(page).addresses
        for code, detail, span in context.outline(page).active_markup:
            # C005 reports the addresses of sources.
            is_source = code == "H002" and any(address.startswith(detail) for address, _ in addresses)
            if code in _MARKUP and not is_source:
                hint = _COPY if code == "H002" and ON_MACHINE.match(detail) else _HINTS.get(detail, "")
                yield context.problem_at(page, code, span, _MARKUP[code].format(detail), hint)


PAGE_RULES = (
    markup,
    conflict_marks,
    empty_file,
    empty_overview,
    long_overview,
    misspelt_section,
    heading_without_space,
    bold_heading,
    unclosed,
    lost_footnote,
    skipped_level,
    reserved_name,
    skipped_name,
)
"""Rules that need only one page's file."""
RULES = (no_overview, same_title, taken_alias, same_but_case, conflict_marks_in_indexes)
"""Rules that need other pages, or indexes."""
