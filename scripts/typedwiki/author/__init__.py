"""Write wiki pages: new, rename, convert."""
