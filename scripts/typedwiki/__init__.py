"""Typedwiki: turn a typed knowledge-graph wiki into Quarto notes."""
