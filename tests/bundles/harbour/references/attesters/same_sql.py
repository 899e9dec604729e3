"""Whether a receipt tells of the query that was sanctioned."""


def attest(receipt: dict[str, str], sanctioned: str) -> bool:
    return receipt["executed_sql"].split() == sanctioned.split()
