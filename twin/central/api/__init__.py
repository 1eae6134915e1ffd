"""The centre over HTTP: the messages of ``twin.sync`` as bodies, files in parts, and who may speak."""
