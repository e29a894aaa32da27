"""What every room shares: messages, time, turns, streams, processes, settings. No ML and no network."""
