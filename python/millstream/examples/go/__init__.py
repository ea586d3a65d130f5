"""The patterns of Rob Pike's talk "Go Concurrency Patterns", as aiochan's examples have them."""
