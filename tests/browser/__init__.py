"""Tests in a real browser. A package, because its conftest.py is not the one of tests/."""
