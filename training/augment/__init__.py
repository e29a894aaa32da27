"""Augmentation: changed copies of pictures, sound and landmarks, by seeded chance, never while a net is judged."""
