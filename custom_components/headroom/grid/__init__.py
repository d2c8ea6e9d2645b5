"""What grid, its operator and energy managers ask for, as options, actions and entities."""
