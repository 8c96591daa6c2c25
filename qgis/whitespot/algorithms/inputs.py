"""What the algorithms take: an analysis file, layers of the project, or an analysis file with some layers replaced."""

import json
import os
import re

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorLayer,
)

from ..layers import source_of
from ..words import tr

ANALYSIS = "ANALYSIS"
SETTLEMENTS = "SETTLEMENTS"
PERSONS = "PERSONS"
HOUSEHOLDS = "HOUSEHOLDS"
AREAS = "AREAS"
CODE = "CODE"
NAME = "NAME"
COVERAGE = "COVERAGE"
TECHNOLOGY = "TECHNOLOGY"
CRS = "CRS"

TECHNOLOGIES = ["fibre", "cable", "vdsl", "adsl", "fwa", "satellite", "4g", "5g", "other"]


def add_parameters(algorithm):
    """Adds the parameters that describe what is analysed."""
    add = algorithm.addParameter
    add(
        QgsProcessingParameterFile(
            ANALYSIS,
            tr("Analysis file (its layers can be replaced below)", "Analysfil (dess lager kan bytas ut nedan)"),
            extension="toml",
            optional=True,
        )
    )
    add(
        QgsProcessingParameterVectorLayer(
            SETTLEMENTS,
            tr("Settlements", "Bebyggelsepunkter"),
            [QgsProcessing.TypeVectorPoint, QgsProcessing.TypeVectorPolygon],
            optional=True,
        )
    )
    for name, label in (
        (PERSONS, tr("Persons", "Personer")),
        (HOUSEHOLDS, tr("Households", "Hushåll")),
    ):
        add(
            QgsProcessingParameterField(
                name, label, parentLayerParameterName=SETTLEMENTS, type=QgsProcessingParameterField.Numeric, optional=True
            )
        )
    add(
        QgsProcessingParameterVectorLayer(
            AREAS, tr("Areas", "Områden"), [QgsProcessing.TypeVectorPolygon], optional=True
        )
    )
    for name, label in (
        (CODE, tr("Code of the area", "Områdets kod")),
        (NAME, tr("Name of the area", "Områdets namn")),
    ):
        add(QgsProcessingParameterField(name, label, parentLayerParameterName=AREAS, optional=True))
    add(
        QgsProcessingParameterMultipleLayers(
            COVERAGE, tr("Coverage layers", "Täckningsskikt"), QgsProcessing.TypeVectorAnyGeometry, optional=True
        )
    )
    add(
        QgsProcessingParameterEnum(
            TECHNOLOGY,
            tr("Technology of the coverage layers", "Täckningsskiktens teknik"),
            TECHNOLOGIES,
            defaultValue=0,
            optional=True,
        )
    )
    add(
        QgsProcessingParameterCrs(
            CRS,
            tr("CRS of the analysis, in metres (the areas' own where left out)", "Analysens referenssystem, i meter"),
            optional=True,
        )
    )


def text(value):
    """A string as TOML writes it."""
    return json.dumps(str(value), ensure_ascii=False)


def arguments(algorithm, parameters, context, feedback, folder):
    """The program's `-c FILE --set …` for the parameters; an analysis file is written where none is given."""
    analysis = algorithm.parameterAsFile(parameters, ANALYSIS, context)
    settlements = algorithm.parameterAsVectorLayer(parameters, SETTLEMENTS, context)
    areas = algorithm.parameterAsVectorLayer(parameters, AREAS, context)
    coverage = algorithm.parameterAsLayerList(parameters, COVERAGE, context)
    field = lambda name: algorithm.parameterAsString(parameters, name, context)
    copies = os.path.join(folder, "layers")
    os.makedirs(copies, exist_ok=True)
    to_source = lambda layer: source_of(layer, copies, context, feedback)

    if analysis:
        changes = []
        for key, layer, columns in (
            ("settlements", settlements, {"persons": PERSONS, "households": HOUSEHOLDS}),
            ("areas", areas, {"code": CODE, "name": NAME}),
        ):
            if layer is not None:
                source = to_source(layer)
                changes += [f"{key}.file={text(source.path)}", f"{key}.crs={text(source.crs)}"]
                if source.layer:
                    changes.append(f"{key}.layer={text(source.layer)}")
                # Fields that are named replace the file's whole mapping: its other columns are of another layer.
                named = {column: field(parameter) for column, parameter in columns.items() if field(parameter)}
                if named:
                    pairs = ", ".join(f"{column} = {text(name)}" for column, name in named.items())
                    changes.append(f"{key}.columns={{ {pairs} }}")
        for layer in coverage:
            source = to_source(layer)
            name = layer_id(layer.name())
            changes += [f"coverage.{name}.file={text(source.path)}", f"coverage.{name}.crs={text(source.crs)}"]
            if source.layer:
                changes.append(f"coverage.{name}.layer={text(source.layer)}")
        return ["-c", analysis] + [argument for change in changes for argument in ("--set", change)]

    missing = [
        name
        for name, is_there in (
            (tr("settlements", "bebyggelsepunkter"), settlements is not None),
            (tr("persons", "personer"), bool(field(PERSONS))),
            (tr("areas", "områden"), areas is not None),
            (tr("code of the area", "områdets kod"), bool(field(CODE))),
            (tr("coverage layers", "täckningsskikt"), bool(coverage)),
        )
        if not is_there
    ]
    if missing:
        raise QgsProcessingException(
            tr("Give an analysis file, or also: {}", "Ange en analysfil, eller även: {}").format(", ".join(missing))
        )
    path = os.path.join(folder, "whitespot.toml")
    technology = TECHNOLOGIES[algorithm.parameterAsEnum(parameters, TECHNOLOGY, context)]
    crs = algorithm.parameterAsCrs(parameters, CRS, context).authid() or areas.crs().authid()
    columns = {"persons": field(PERSONS), "households": field(HOUSEHOLDS)}
    area_columns = {"code": field(CODE), "name": field(NAME)}
    with open(path, "w", encoding="utf-8") as out:
        out.write(
            analysis_text(
                crs,
                (to_source(settlements), columns),
                (to_source(areas), area_columns),
                [(layer_id(layer.name()), to_source(layer)) for layer in coverage],
                technology,
            )
        )
    feedback.pushInfo(tr("Analysis file: {}", "Analysfil: {}").format(path))
    return ["-c", path]


def layer_id(name):
    """A layer's name as an id: letters, digits and `_`."""
    return re.sub(r"[^0-9A-Za-zÅÄÖåäö]+", "_", name).strip("_") or "layer"


def analysis_text(crs, settlements, areas, coverage, technology):
    """An analysis file for layers: one service, reached where any of the coverage layers reaches."""

    def section(source):
        lines = [f"file = {text(source.path)}", f"crs = {text(source.crs)}"]
        if source.layer:
            lines.append(f"layer = {text(source.layer)}")
        return "\n".join(lines)

    def mapping(columns):
        pairs = ", ".join(f"{key} = {text(column)}" for key, column in columns.items() if column)
        return f"columns = {{ {pairs} }}"

    ids = []
    layers = []
    for name, source in coverage:
        while name in ids:
            name += "_"
        ids.append(name)
        layers.append(
            f"[[coverage]]\nid = {text(name)}\n{section(source)}\ntechnology = {text(technology)}\n"
        )
    return "\n".join(
        [
            "schema = 1",
            f"crs = {text(crs)}",
            f"\n[settlements]\n{section(settlements[0])}\n{mapping(settlements[1])}",
            f"\n[areas]\n{section(areas[0])}\n{mapping(areas[1])}\n",
            *layers,
            f"[services]\n{technology_service(technology)} = {{ any_of = [{', '.join(text(i) for i in ids)}] }}",
            "",
        ]
    )


def technology_service(technology):
    """The service's name: columns are named after it, so it begins with a letter."""
    return technology if technology[0].isalpha() else f"mobile_{technology}"
