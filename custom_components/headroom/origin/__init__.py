"""Where the energy of each car came from, what it cost and how much CO2 it made."""
