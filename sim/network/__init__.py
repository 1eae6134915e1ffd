"""Engine of ways: the open roads as a graph, the kerb at which vehicles stop, fastest ways from many places to many."""
