"""Programs that measure what the project promises, and fail when it is not kept."""
