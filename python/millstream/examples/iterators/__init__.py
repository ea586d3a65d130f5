"""The tutorial on asynchronous iterators."""
