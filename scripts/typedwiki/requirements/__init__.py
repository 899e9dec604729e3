"""Version requirements: read from Environments, merged along a path."""
