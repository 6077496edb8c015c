"""What secrets look like, as data: forms of issuers, names, phrases, sentences, commands. Read by `patterns`."""
