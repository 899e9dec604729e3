"""Convert the text of a page, in one of two dialects, to a WikiPage with Pandoc Markdown."""
