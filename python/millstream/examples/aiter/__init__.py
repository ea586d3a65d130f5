"""The five servers of aiter's tutorial."""
