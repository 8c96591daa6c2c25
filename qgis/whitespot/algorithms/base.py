"""What the algorithms have in common."""

import os

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QIcon


class WhitespotAlgorithm(QgsProcessingAlgorithm):
    def createInstance(self):
        return type(self)()

    def icon(self):
        return QIcon(os.path.join(os.path.dirname(os.path.dirname(__file__)), "icon.svg"))

    def flags(self):
        # Layers of the project may be used from the main thread only.
        return super().flags() | QgsProcessingAlgorithm.FlagNoThreading
