"""What the grid, its operator and an energy manager ask of the site."""
