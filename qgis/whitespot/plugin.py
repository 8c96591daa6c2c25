"""The plugin: all it does is to add the provider to Processing."""

from qgis.core import QgsApplication

from .provider import WhitespotProvider


class WhitespotPlugin:
    def __init__(self, iface):
        self.provider = None

    def initProcessing(self):
        """Also called without a window, by qgis_process."""
        self.provider = WhitespotProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        self.initProcessing()

    def unload(self):
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
