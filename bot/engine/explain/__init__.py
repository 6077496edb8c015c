"""What is said beside a verdict: the headline, notes, and which cause explains which pasted symptom."""
