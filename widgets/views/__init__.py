"""Views that several panels show: action bars, sentences, pictures, tables of entries."""
