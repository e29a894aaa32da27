"""Training of the runtime's own models: one loop, one file of losses, one package a model."""
