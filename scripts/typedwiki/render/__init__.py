"""From notes to a site: by Quarto, by pandoc alone, and while people edit."""

SITE = "_site"
"""Where the site is, below the project."""
