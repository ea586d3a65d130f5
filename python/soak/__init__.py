"""Values through random topologies of channels, streams, hubs and pipes, in which everything goes wrong that can."""
