"""The process of the window: start, garbage collection, memory, errors nobody caught."""
