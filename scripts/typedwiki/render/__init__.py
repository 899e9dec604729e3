"""Render notes to a site: with Quarto, with pandoc alone, and in a preview."""

SITE = "_site"
"""The folder of the site, relative to the project."""
