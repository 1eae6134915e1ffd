"""The file of an office without a network: the messages of sync, signed, compressed and encrypted (``*.ctpkg``).

``keys`` says who signs and who may open, ``header`` what anybody may read of a file, ``manifest`` what is inside,
``sealing`` how parts become frames, ``writing`` and ``reading`` how a file is made, checked and opened.
What the parts mean is not known here.
"""
