"""From a resolved page to the text of its note."""
