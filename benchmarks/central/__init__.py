"""Central systems under the load of many charging stations, each in a process of its own."""
