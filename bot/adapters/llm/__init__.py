"""The language model's client: OpenAI-compatible chat completions. Start reading at `client.py`."""
