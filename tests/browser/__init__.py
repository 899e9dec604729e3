"""Tests in a real browser. A package, because its conftest.py is another than that of the tests around it."""
