"""What an incident is to people: its life, its card as data, questions, feedback, posts. Knows no chat platform."""
