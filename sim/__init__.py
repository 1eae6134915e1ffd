"""What-if simulations: generators over the model, with no files, no window and no database."""
