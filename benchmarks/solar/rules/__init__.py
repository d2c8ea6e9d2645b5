"""Rules that follow the sun; those like other projects are written anew from descriptions."""
