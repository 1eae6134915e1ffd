"""A picture of the scene without a window: for ``citytwin render`` and for reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from layers import LAYERS
from layers.base import Layer, Scene
from ui import language as languages
from ui.layer_stack import BESIDE_RESULTS, GROUND
from ui.scene_view.graphics import application
from ui.scene_view.view import SceneView
from ui.scene_view.viewpoint import Viewpoint

_USUAL_HEIGHT_PX = 1080


def layers_at_start(scene: Scene) -> tuple[tuple[Layer, Any], ...]:
    """Return the layers that a new window shows, in their first styles; none that hides a result."""
    hiding = BESIDE_RESULTS if scene.tables else frozenset()
    return tuple((layer, layer.style_type()) for layer in LAYERS if layer.visible_at_start and layer.name not in hiding)


def render(
    scene: Scene,
    layers_with_styles: Sequence[tuple[Layer, Any]] | None = None,
    size: tuple[int, int] = (1920, 1080),
    viewpoint: Viewpoint | None = None,
    *,
    language: str = "en",
    title: str | None = None,
) -> QImage:
    """Return a picture ``size`` pixels wide and high, with title, legends, names and scale bar.

    Without ``layers_with_styles`` it shows what a new window would show, without ``viewpoint`` the whole city,
    without ``title`` the city's name. ``scene.dark`` chooses the theme. Letters grow with the picture, so that
    a large print reads like a screen. Works with no display.
    """
    application()
    with _language(language):
        view = SceneView(dark=scene.dark, animated=False)
        try:
            view.title = scene.snapshot.name if title is None else title
            view.ratio = max(1.0, size[1] / _USUAL_HEIGHT_PX)
            view.setMinimumSize(1, 1)
            view.resize(QSize(round(size[0] / view.ratio), round(size[1] / view.ratio)))
            view.quiet_legends = GROUND if scene.tables else frozenset()
            view.set_scene(scene, layers_at_start(scene) if layers_with_styles is None else layers_with_styles)
            if viewpoint is not None:
                view.viewpoint = viewpoint
            return view.smooth_image(size)
        finally:
            view.shut()
            view.deleteLater()


@contextmanager
def _language(code: str) -> Iterator[None]:
    before = languages.language()
    languages.set_language(code)
    try:
        yield
    finally:
        languages.set_language(before)
