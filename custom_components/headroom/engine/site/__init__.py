"""What is installed, and what cannot be so."""
