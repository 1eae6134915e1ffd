"""The windows and the command line: the only package that knows Qt, threads and processes."""
