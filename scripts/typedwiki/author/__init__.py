"""Commands that write wiki pages: new, rename, convert."""
