"""The programs of sav.channels, of both generations."""
