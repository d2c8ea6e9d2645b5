"""Controllers like those of other projects, written anew from descriptions of how they decide."""
