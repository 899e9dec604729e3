"""Elementary cycles of a directed graph, boundedly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

MOST_PER_COMPONENT = 20
"""A dense component has exponentially many cycles; these say enough to begin mending."""


def components(following: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Strongly connected components of more than one node, or of one that leads to itself, sorted.

    Tarjan's algorithm (1972), without recursion.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in sorted(following):
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(following.get(root, ())))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for target in rest:
                if target not in number:
                    number[target] = low[target] = len(number)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(following.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    component: list[str] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    if len(component) > 1 or node in following.get(node, ()):
                        found.append(sorted(component))
    return sorted(found)


def cycles(following: Mapping[str, Sequence[str]], most: int = MOST_PER_COMPONENT) -> Iterator[list[str]]:
    """Elementary cycles, each once and beginning with its smallest node, at most ``most`` for each
    component; shorter ones come first, and every component yields at least one.
    """
    for component in components(following):
        inside = {node: [t for t in sorted(set(following[node])) if t in set(component)] for node in component}
        yield from _of_component(component, inside, most)


def _of_component(component: list[str], inside: Mapping[str, list[str]], most: int) -> Iterator[list[str]]:
    """Paths that return to the smallest node on them, by length; work is bounded as well as output."""
    paths = [[node] for node in component]
    count = effort = 0
    while paths and count < most and effort < 2000 * most:
        longer: list[list[str]] = []
        for path in paths:
            for target in inside[path[-1]]:
                effort += 1
                if target == path[0]:
                    yield list(path)
                    count += 1
                    if count == most:
                        return
                elif target > path[0] and target not in path and len(longer) < 5000:
                    longer.append([*path, target])
        paths = longer
    if not count:
        yield _any(component, inside)


def _any(component: list[str], inside: Mapping[str, list[str]]) -> list[str]:
    """Some cycle of a component: walk on until a node comes again."""
    path = [component[0]]
    while inside[path[-1]][0] not in path:
        path.append(inside[path[-1]][0])
    cycle = path[path.index(inside[path[-1]][0]) :]
    smallest = cycle.index(min(cycle))
    return cycle[smallest:] + cycle[:smallest]
