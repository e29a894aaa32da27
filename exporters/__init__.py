"""Exporters: programs that make what the runtime loads from assets/."""
