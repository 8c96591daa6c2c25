//! A QGIS project (`.qgz`): the layers of a GeoPackage beside it in groups, styled, with a print layout on A3.
//!
//! It names its layers by relative paths, so the folder can be moved and mailed. It is written for QGIS 3.22 and
//! later, and holds nothing that depends on the machine or the time: the same content gives the same bytes.

mod layers;
mod layout;

use crate::geopackage::{LayerCrs, LayerGeometry, xml_escaped};
use crate::qml::Style;
use crate::write_error::WriteError;
use geo_types::Coord;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use whitespot_model::config::Lang;
use zip::write::SimpleFileOptions;

/// A project to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Title of the project and of the printed sheet.
    pub title: String,
    /// What the printed map shows, in one line under the title.
    pub subtitle: String,
    /// Warning beside the printed map, such as that data are made up; empty for none.
    pub notice: String,
    /// Sources with their dates, and the run, under the printed map.
    pub source_line: String,
    /// CRS of the map and of all layers.
    pub crs: LayerCrs,
    /// Smallest and largest corner of the map in that CRS.
    pub extent: (Coord<f64>, Coord<f64>),
    /// Language of the words that the project itself brings.
    pub lang: Lang,
    /// Groups of layers, the topmost first.
    pub groups: Vec<LayerGroup>,
}

/// A group of layers.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerGroup {
    /// Name for people.
    pub name: String,
    /// Its layers, the topmost first.
    pub layers: Vec<ProjectLayer>,
}

/// A layer of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectLayer {
    /// Unique id: ASCII letters, digits and `_`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The file beside the project.
    pub file: String,
    /// The layer in the file.
    pub layer: String,
    /// What its shapes are.
    pub geometry: LayerGeometry,
    /// How it looks.
    pub style: Style,
    /// What it shows, from which sources.
    pub description: String,
    /// Whether it shows when the project is opened; what shows stands in the printed legend.
    pub is_visible: bool,
}

/// Writes a project; an existing file is replaced.
///
/// # Errors
/// [`WriteError::Io`].
pub fn write_project(path: &Path, project: &Project) -> Result<(), WriteError> {
    let stem = path.file_stem().map_or("project".into(), |s| s.to_string_lossy().into_owned());
    let file = File::create(path).map_err(WriteError::io(path))?;
    let mut archive = zip::ZipWriter::new(file);
    // The default time of an entry is 1980, not now.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let written = archive
        .start_file(format!("{stem}.qgs"), options)
        .map_err(std::io::Error::from)
        .and_then(|()| archive.write_all(document(project).as_bytes()))
        .and_then(|()| archive.finish().map_err(std::io::Error::from));
    written.map(|_| ()).map_err(WriteError::io(path))
}

/// The project as QGIS' own document.
fn document(project: &Project) -> String {
    let crs = reference_system(&project.crs);
    let (lo, hi) = project.extent;
    let extent =
        format!("<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>", lo.x, lo.y, hi.x, hi.y);
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" projectname=\"{title}\">\n  \
         <homePath path=\"\"/>\n  <title>{title}</title>\n  <autotransaction active=\"0\"/>\n  <trust active=\"0\"/>\n  \
         <projectCrs>{crs}</projectCrs>\n{tree}  <mapcanvas name=\"theMapCanvas\" annotationsVisible=\"1\">\n    \
         <units>meters</units>\n    <extent>{extent}</extent>\n    <rotation>0</rotation>\n    \
         <destinationsrs>{crs}</destinationsrs>\n    <rendermaptile>0</rendermaptile>\n  </mapcanvas>\n  \
         <projectlayers>\n{layers}  </projectlayers>\n  <properties>\n    <Paths>\n      \
         <Absolute type=\"bool\">false</Absolute>\n    </Paths>\n    <SpatialRefSys>\n      \
         <ProjectionsEnabled type=\"int\">1</ProjectionsEnabled>\n    </SpatialRefSys>\n    <Measurement>\n      \
         <DistanceUnits type=\"QString\">meters</DistanceUnits>\n      <AreaUnits type=\"QString\">km2</AreaUnits>\n    \
         </Measurement>\n    <PAL>\n      <PlacementEngineVersion type=\"int\">1</PlacementEngineVersion>\n    \
         </PAL>\n  </properties>\n  <projectMetadata>\n    <type>project</type>\n    <title>{title}</title>\n    \
         <abstract>{abstract_text}</abstract>\n  </projectMetadata>\n  <Layouts>\n{layout}  </Layouts>\n  \
         <ProjectViewSettings UseProjectScales=\"0\">\n    <Scales/>\n    <DefaultViewExtent xmin=\"{}\" ymin=\"{}\" \
         xmax=\"{}\" ymax=\"{}\">{crs}</DefaultViewExtent>\n  </ProjectViewSettings>\n</qgis>\n",
        lo.x,
        lo.y,
        hi.x,
        hi.y,
        title = xml_escaped(&project.title),
        tree = layers::tree(project),
        layers = layers::definitions(project),
        abstract_text = xml_escaped(&project.source_line),
        layout = layout::sheet(project),
    )
}

/// A CRS as QGIS reads it: by code where it has one, else by its definition.
fn reference_system(crs: &LayerCrs) -> String {
    format!(
        "<spatialrefsys><wkt>{}</wkt><authid>{}</authid><description>{}</description></spatialrefsys>",
        xml_escaped(&crs.wkt),
        xml_escaped(&crs.code),
        xml_escaped(&crs.name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::table::Table;

    fn project() -> Project {
        let layer = ProjectLayer {
            id: "areas_1".into(),
            name: "Utan <fiber>".into(),
            file: "whitespot.gpkg".into(),
            layer: "areas".into(),
            geometry: LayerGeometry::MultiPolygon,
            style: Style::shares("fibre_gap_share", &Table::default(), Lang::Sv),
            description: String::new(),
            is_visible: true,
        };
        Project {
            title: "Luckor & sånt".into(),
            subtitle: String::new(),
            notice: String::new(),
            source_line: String::new(),
            crs: LayerCrs { code: "EPSG:3006".into(), name: "SWEREF99 TM".into(), wkt: String::new() },
            extent: (Coord { x: 0.0, y: 0.0 }, Coord { x: 30_000.0, y: 20_000.0 }),
            lang: Lang::Sv,
            groups: vec![LayerGroup { name: "Andel".into(), layers: vec![layer] }],
        }
    }

    #[test]
    fn equal_projects_have_equal_bytes_and_relative_paths() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.qgz"), folder.path().join("b").join("a.qgz"));
        std::fs::create_dir(folder.path().join("b")).unwrap();
        write_project(&a, &project()).unwrap();
        write_project(&b, &project()).unwrap();
        assert_eq!(std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap());
        let document = document(&project());
        assert!(document.contains("<datasource>./whitespot.gpkg|layername=areas</datasource>"));
        assert!(document.contains("Luckor &amp; sånt") && document.contains("Utan &lt;fiber&gt;"));
    }
}
