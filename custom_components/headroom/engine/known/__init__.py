"""What is known at the moment of a step."""
