"""Talks to a language model over an OpenAI-compatible API, when one is configured."""
