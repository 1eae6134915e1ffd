"""The city as data: model, store, sources and everything that needs neither a window nor a simulation."""
