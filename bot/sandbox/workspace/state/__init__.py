"""What is in the workspace, and the news of every change to it."""
