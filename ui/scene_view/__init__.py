"""The three-dimensional view of the city: a widget that draws layers, moves like a map and tells what is clicked."""

from ui.scene_view.graphics import application, prepare
from ui.scene_view.view import SceneView
from ui.scene_view.viewpoint import Viewpoint, overview

__all__ = ["SceneView", "Viewpoint", "application", "overview", "prepare"]
