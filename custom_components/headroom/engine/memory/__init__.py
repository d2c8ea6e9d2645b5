"""What outlives a step and a restart."""
