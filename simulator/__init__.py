"""A car park on loopback: chargers, cars, meters, a house and the sun."""
