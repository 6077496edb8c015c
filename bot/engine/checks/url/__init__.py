"""The URL by which one component calls another: where it leads, and which mistake it holds."""
