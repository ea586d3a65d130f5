"""The programs of aiochan's first page and tutorial."""
