"""The Web API: credentials, scopes, limits, and one module per family of methods."""
