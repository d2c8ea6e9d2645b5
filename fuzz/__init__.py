"""What must stand any bytes, for a fuzzer that looks for those it does not stand."""
