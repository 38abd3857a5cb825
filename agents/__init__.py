"""The learning core: language-model agents, algorithms, continual-learning strategies, memory. Imports no Qt."""
