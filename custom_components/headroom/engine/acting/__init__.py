"""What is done now, and why."""
