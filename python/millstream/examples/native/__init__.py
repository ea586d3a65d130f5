"""Common tasks with millstream's own names."""
