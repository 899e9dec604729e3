"""Random words, sentences and code, as frequent and as long as in real pages, without meaning."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from itertools import accumulate, pairwise

from bench.shapes import WORD_RANKS, Quantiles, number

KNOWN = re.findall(
    r"\w+",
    "the to model and for a of with is in from config training when memory token tensor weight data"
    " layer batch pipeline are by loading input output this gradient quantized quantization device kernel each cache"
    " on or value loss checkpoint attention parameters optimizer before after during state sequence"
    " process shard adapter rank scale precision schedule inference tokenizer length method standard"
    " every under over keeps computes stores loads merges splits used using only all as that it must be can not into"
    " between which returns default size type name path file library version support"
    " step time across multiple first final then while also more than same different",
)
"""The most frequent words."""
TITLES = re.findall(
    r"\w+",
    "model layer weight gradient batch token loss memory device kernel cache shard tensor adapter rank scale"
    " quantized training inference pipeline config schedule optimizer attention checkpoint precision sequence"
    " processor encoding padding sampler collator dispatch validation resolution placement selection setup creation"
    " loading saving forward backward wrapping merging conversion initialization evaluation reduction mapping",
)
COMMON = 2000
"""The number of words that all namespaces share; each has some of its own besides."""
_OWN_WORDS = 600
_STARTS, _MIDDLES, _ENDS = (
    re.findall(r"\w+", parts)
    for parts in (
        "ab ac ad al am an ar as ba be bi ca co de di en ex fa fi fo ge ha im in la le li lo ma me mi mo na ne no",
        "ra re ri ro ta te ti to la le li lo ma mi na ne ni no pa pe po sa se si so va ve vi da de di do",
        "l n r s t te ne le nt st ng ly ce se al ed er es ing ion ure ment",
    )
)
"""Syllables of made-up words."""


class Language:
    """The words of a namespace, deterministic for a random generator."""

    def __init__(self, rng: random.Random, shared: list[str]) -> None:
        self.rng = rng
        own_words = [made_up_word(rng) for _ in range(_OWN_WORDS)]
        words = shared[: COMMON - _OWN_WORDS] + own_words + shared[COMMON - _OWN_WORDS :]
        shares = frequencies(len(words), WORD_RANKS)
        self.words = words
        self.cumulative = list(accumulate(shares))
        self.length = 1 + sum(len(word) * share for word, share in zip(words, shares, strict=True)) / sum(shares)
        """The average characters of a word, with its space."""

    def words_at_random(self, count: int) -> list[str]:
        """That many words."""
        return self.rng.choices(self.words, cum_weights=self.cumulative, k=count)

    def name(self, parts: int = 2) -> str:
        """An identifier."""
        return "_".join(self.rng.choices(TITLES, k=parts))

    def prose(self, characters: float, inline: float = 0.0) -> str:
        """Sentences of about so many characters, with ``inline`` pieces of code in 100 words."""
        count = max(3, round(characters / self.length))
        words = self.words_at_random(count)
        for _ in range(round(count * inline / 100 + self.rng.random() - 0.5)):
            words[self.rng.randrange(count)] = f"`{self.name()}`"
        start = 0
        while start < count:
            end = min(count, start + self.rng.randint(10, 22))
            if count - end < 4:
                end = count
            words[start] = words[start][0].upper() + words[start][1:]
            words[end - 1] += "."
            start = end
        return " ".join(words)

    def phrase(self, minimum: int = 3, maximum: int = 7) -> str:
        """A few words, the first of them capitalised."""
        return " ".join(self.words_at_random(self.rng.randint(minimum, maximum))).capitalize()

    def title(self, parts: int = 2) -> str:
        """Capitalised words."""
        return " ".join(self.rng.choices(TITLES, k=parts)).title()

    def block(self, lines: Quantiles) -> str:
        """Python code: an import, a function, comments, calls, blank lines, and brackets that are not links."""
        count = max(1, number(lines, self.rng))
        if count < 4:
            return "\n".join(f"from {self.name(1)}.{self.name()} import {self.name(1)}" for _ in range(count))
        code_lines = [f"from {self.name(1)} import {self.name()}", "", f"def {self.name()}(self, x, **kwargs):"]
        for line in self.rng.choices(_LINES, k=count - 3):
            code_lines.append(line.format(self.name(1), self.name(), int(self.rng.random() * 100)))
        return "\n".join(code_lines)


_LINES = (
    "",
    "",
    "",
    "    )",
    "    # {1} {0}",
    "    {0} = self.{1}(x)",
    "    if {0} is not None:",
    "        return {1}",
    '        raise ValueError(f"{1} is {{{0}}}")',
    '    {1} = {0}.get("{1}", {2})',
    "    for index, {0} in enumerate({1}):",
    "        {0}[index] = [[{2}, 1], [2, {2}]]",
    '    {0} = {1}({2}, dtype=torch.float16, device_map="auto")',
    '    print(f"{0}: {{{1}:.2f}}")',
)


def shared_words(count: int = 3400) -> list[str]:
    """The words that all namespaces share, most frequent first."""
    rng = random.Random(0)
    words = dict.fromkeys(KNOWN)
    while len(words) < count:
        words[made_up_word(rng)] = None
    return list(words)


def made_up_word(rng: random.Random) -> str:
    """A made-up word that can be pronounced."""
    middles = "".join(rng.choices(_MIDDLES, k=rng.choice((1, 1, 2, 2, 3))))
    return f"{rng.choice(_STARTS)}{middles}{rng.choice(_ENDS)}"


def frequencies(count: int, ranks: Mapping[int, float]) -> list[float]:
    """The frequencies of the first ``count`` ranks, interpolated between measured ones."""
    measured = sorted(ranks.items())
    shares = []
    for (low, high_share), (high, low_share) in pairwise(measured):
        slope = math.log(low_share / high_share) / math.log(high / low)
        shares += [high_share * (rank / low) ** slope for rank in range(low, high)]
    shares.append(measured[-1][1])
    return [*shares, *[measured[-1][1]] * count][:count]
