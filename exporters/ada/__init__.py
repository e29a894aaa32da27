"""The authoring program of the character Ada: `python -m exporters.ada` writes assets/avatars/ada."""
