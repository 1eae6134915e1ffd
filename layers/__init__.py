"""What can be drawn: each layer kind turns a snapshot into marks, and ``marks`` alone knows VTK."""
