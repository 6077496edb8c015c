"""What an app needs and does not run itself, a database for example: whether it is down, and who has reached it."""
