"""Pictures of worlds: flat shapes and soft colours, drawn by pygame off screen."""
