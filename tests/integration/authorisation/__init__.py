"""Who may what: every address, as everybody, in a blog of each visibility."""
