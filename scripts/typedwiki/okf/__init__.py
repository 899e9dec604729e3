"""The Open Knowledge Format (OKF 0.2): what its front matter, its reserved files and its conformance mean here."""
