"""The fuzzer's targets."""
