"""What the app's own logs tell, and whether somebody suffers from it."""
