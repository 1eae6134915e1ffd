"""Offline-first sync: every office keeps a whole city and loses nothing that anybody typed.

An edit becomes a **mutation** (numbered, chained by hashes, signed, never changed again). The centre puts mutations
in one order as **commits**, deciding field by field by what the author had seen (``merge``). A device keeps what the
centre has (the base) and its own mutations that the centre has not confirmed; what people see is one upon the other.
Read ``mutation``, ``merge``, ``center``, ``device`` in this order; HTTP and package files only carry ``messages``.
"""
