"""What an agent keeps outside its weights."""
