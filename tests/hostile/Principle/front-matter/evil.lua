-- What the attacks on Quarto's filters name.
io.open(os.getenv("TW_CANARY_FILE") or "pwned", "w")
