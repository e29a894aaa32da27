"""Seeing: faces and hands in camera pictures, found in a process of its own."""
