"""The wiki for other programs."""
