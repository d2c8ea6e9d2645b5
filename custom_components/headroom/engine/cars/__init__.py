"""What each car does and needs."""
