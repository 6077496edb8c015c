"""One SQL database: connections, transactions, calls made again, failures in our words, values as column text."""
