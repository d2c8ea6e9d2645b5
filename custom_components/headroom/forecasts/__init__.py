"""What other integrations expect of the next hours: prices, carbon intensity, sun."""
