"""The yardstick: a good controller, written anew from a list of what makes it good."""
