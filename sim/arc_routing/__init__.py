"""Engine of arc routing: tours along kerbs, as sweepers and ploughs drive them."""
