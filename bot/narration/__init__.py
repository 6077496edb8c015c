"""What a language model may word: explanations, resemblances, drafts. Rules decide; it never does. See `service.py`."""
