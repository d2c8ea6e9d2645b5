"""The data-quality gate: which readings of a meter the engine may believe."""
