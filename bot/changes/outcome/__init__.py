"""What becomes of a change without a press: it expires, is found again after a crash, is judged by a new diagnosis."""
