"""The compliance watch: whether chargers do what they are told, whatever they speak."""
