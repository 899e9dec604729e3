"""What a draft leaves for the next one in the same process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Drafted:
    """Bodies and pages by fingerprints of what they are made from."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What pandoc made of notes, by fingerprint."""
    pages: dict[str, tuple[object, bytes]] = field(default_factory=dict)
    """By page of the draft: what decides it and the page."""
