"""Read version requirements from Environments, and merge them along a path."""
