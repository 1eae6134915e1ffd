"""The demo city: made up from a seed, clearly labelled, alive enough to try everything on."""

from twin.demo.build import NAME, build_demo

__all__ = ["NAME", "build_demo"]
