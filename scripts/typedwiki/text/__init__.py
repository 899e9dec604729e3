"""From the text of a page to a WikiPage: two dialects in, Pandoc Markdown out."""
