"""From notes to a site: by Quarto, by pandoc alone, and while people edit."""
