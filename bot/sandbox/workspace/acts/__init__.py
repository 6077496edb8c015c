"""What people do: write, share, press, fill in."""
