"""Traffic as individual vehicles in queues and waves: the dynamic engine, which knows arrays and no city."""
