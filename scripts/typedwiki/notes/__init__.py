"""Turn resolved pages into the text of notes."""
