"""Write the pages about the whole wiki, and the data that all pages share."""
