"""A trial: controllers of any kind on identical plants, measured alike. Plain floats, 0.1 s."""
