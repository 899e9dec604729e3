"""Typedwiki: a typed knowledge-graph wiki in, Quarto notes out."""
