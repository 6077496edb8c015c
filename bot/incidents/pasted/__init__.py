"""What was pasted about an incident: whose it is, what is answered to it, and how it is taken back."""
