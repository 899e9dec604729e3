from typing import NamedTuple
import re
class Dialect(NamedTuple):
    name: str
    reason: str
def dialect(path: str, text: str) -> Dialect:
    wiki = path.endswith(".mediawiki") or len(re.findall(r"(?m)^==", text)) > len(re.findall(r"(?m)^##", text))
    return Dialect("mediawiki" if wiki else "markdown", "")
