"""Find elementary cycles of a directed graph, up to a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

LIMIT_PER_COMPONENT = 20
"""A dense component has exponentially many cycles. These are enough to begin with."""


def components(following: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the strongly connected components with a cycle, sorted: several nodes, or one with an edge to itself.

    Tarjan's algorithm (1972), without recursion.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    result: list[list[str]] = []
    for root in sorted(following):
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(following.get(root, ())))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
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
                        result.append(sorted(component))
    return sorted(result)


def cycles(following: Mapping[str, Sequence[str]], limit: int = LIMIT_PER_COMPONENT) -> Iterator[list[str]]:
    """Yield elementary cycles, each once, beginning with its smallest node.

    A component yields at least one cycle and at most ``limit``, shorter ones first.
    """
    for component in components(following):
        neighbours = {node: [t for t in sorted(set(following[node])) if t in set(component)] for node in component}
        yield from _cycles_of_component(component, neighbours, limit)


def _cycles_of_component(component: list[str], neighbours: Mapping[str, list[str]], limit: int) -> Iterator[list[str]]:
    """Yield paths that return to their smallest node, shortest first. Work is bounded as well as output."""
    paths = [[node] for node in component]
    count = effort = 0
    while paths and count < limit and effort < 2000 * limit:
        longer: list[list[str]] = []
        for path in paths:
            for target in neighbours[path[-1]]:
                effort += 1
                if target == path[0]:
                    yield list(path)
                    count += 1
                    if count == limit:
                        return
                elif target > path[0] and target not in path and len(longer) < 5000:
                    longer.append([*path, target])
        paths = longer
    if not count:
        yield _any_cycle(component, neighbours)


def _any_cycle(component: list[str], neighbours: Mapping[str, list[str]]) -> list[str]:
    """Return some cycle of a component: walk until a node repeats."""
    path = [component[0]]
    while neighbours[path[-1]][0] not in path:
        path.append(neighbours[path[-1]][0])
    cycle = path[path.index(neighbours[path[-1]][0]) :]
    smallest = cycle.index(min(cycle))
    return cycle[smallest:] + cycle[:smallest]
