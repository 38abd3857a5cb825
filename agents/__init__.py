"""The learning core: agents that read sentences, choose words, learn, forget and remember. Knows no Qt."""
