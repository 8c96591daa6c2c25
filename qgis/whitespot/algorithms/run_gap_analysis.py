"""Run gap analysis: gaps, ranking and scenarios into a results folder, and its areas on the map."""

import os
import tempfile

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterString,
)

from .. import program
from ..words import is_swedish, tr
from . import inputs
from .base import WhitespotAlgorithm

SET = "SET"
OUTPUT = "OUTPUT"
LOAD = "LOAD"


class RunGapAnalysis(WhitespotAlgorithm):
    def name(self):
        return "rungapanalysis"

    def displayName(self):
        return tr("Run gap analysis", "Kör glappanalys")

    def shortHelpString(self):
        return tr(
            "Computes who lacks each service in each area, ranks the areas by need and tries funding scenarios, as the "
            "analysis file says. The results folder holds tables, a report, and a GeoPackage with styles that is put on "
            "the map. Without an analysis file, one service is made of the coverage layers given.",
            "Beräknar vem som saknar varje tjänst i varje område, rangordnar områdena efter behov och prövar "
            "bidragsscenarier, som analysfilen säger. Resultatmappen har tabeller, en rapport och en GeoPackage med "
            "stilar som läggs på kartan. Utan analysfil bildar täckningsskikten en tjänst.",
        )

    def initAlgorithm(self, config=None):
        inputs.add_parameters(self)
        self.addParameter(
            QgsProcessingParameterString(
                SET,
                tr("Changes to the analysis file, one a line: key=value", "Ändringar av analysfilen, en per rad: nyckel=värde"),
                multiLine=True,
                optional=True,
            )
        )
        self.addParameter(
            QgsProcessingParameterBoolean(LOAD, tr("Put the areas on the map", "Lägg områdena på kartan"), defaultValue=True)
        )
        self.addParameter(QgsProcessingParameterFolderDestination(OUTPUT, tr("Results folder", "Resultatmapp")))
        self.addParameter(program.program_parameter())
        self.addOutput(QgsProcessingOutputVectorLayer("AREAS_LAYER", tr("Areas", "Områden")))
        self.addOutput(QgsProcessingOutputFile("AREAS_CSV", "areas.csv"))
        self.addOutput(QgsProcessingOutputHtml("REPORT", tr("Report", "Rapport")))

    def processAlgorithm(self, parameters, context, feedback):
        binary = program.find_program(self.parameterAsFile(parameters, program.PARAMETER, context))
        target = self.parameterAsString(parameters, OUTPUT, context)
        with tempfile.TemporaryDirectory(prefix="whitespot-") as folder:
            arguments = ["run", *inputs.arguments(self, parameters, context, feedback, folder)]
            for change in self.parameterAsString(parameters, SET, context).splitlines():
                if change.strip():
                    arguments += ["--set", change.strip()]
            # QGIS makes the folder before the algorithm runs; --force replaces only an empty one or earlier results.
            code, _ = program.run(binary, [*arguments, "--out", target, "--force"], feedback)
        if code != 0:
            raise QgsProcessingException(
                tr("whitespot stopped (exit code {}), see the log", "whitespot stannade (kod {}), se loggen").format(code)
            )
        public = os.path.join(target, "public")
        results = {OUTPUT: target, "AREAS_CSV": os.path.join(public, "areas.csv")}
        package = os.path.join(public, "whitespot.gpkg")
        if os.path.isfile(package):
            layer = f"{package}|layername=areas"
            results["AREAS_LAYER"] = layer
            if self.parameterAsBool(parameters, LOAD, context) and context.project() is not None:
                name = tr("Broadband gaps", "Bredbandsluckor")
                details = QgsProcessingContext.LayerDetails(name, context.project(), "AREAS_LAYER")
                context.addLayerToLoadOnCompletion(layer, details)
        for language in ("sv", "en") if is_swedish() else ("en", "sv"):
            report = os.path.join(public, f"report.{language}.html")
            if os.path.isfile(report):
                results["REPORT"] = report
                break
        return results
