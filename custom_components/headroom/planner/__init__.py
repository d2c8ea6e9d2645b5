"""A plan for all cars of a site: when each charges, so that all are ready and it costs little."""
