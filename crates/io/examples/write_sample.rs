//! Writes a small styled GeoPackage and a GeoJSON with its QML into a folder, to be looked at in QGIS.
//!
//! `cargo run -p whitespot-io --example write_sample -- FOLDER`

use whitespot_io::{GeoPackageWriter, LayerCrs, LayerSpec, PointLayerWriter, qml::Style, write_geojson};
use whitespot_model::config::Lang;
use whitespot_model::shapes::{Part, Shapes};
use whitespot_model::table::{Table, Unit, Values};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).ok_or("give a folder")?);
    let mut table = Table::default();
    let names = ["Umeå", "Skellefteå", "Åsele"].map(|n| Some(n.to_string())).to_vec();
    table.push("area_name", Unit::Text, "Område", "Area", Values::Text(names));
    let shares = Values::Real(vec![Some(0.05), Some(0.6), None]);
    table.push("fixed_gap_share", Unit::Share, "Andel utan fast", "Share without fixed", shares);
    let mut shapes = Shapes::default();
    for x in [19.0, 20.0, 21.0] {
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, 64.0), (x + 0.8, 64.0), (x + 0.8, 64.5), (x, 64.0)]);
        shapes.end_part();
        shapes.end_feature();
    }
    let style = Style::shares("fixed_gap_share", &table, Lang::Sv);
    write_geojson(&folder.join("areas.geojson"), &table, &shapes, "areas")?;
    std::fs::write(folder.join("areas.qml"), style.qml())?;
    let crs = LayerCrs { code: "EPSG:4326".into(), name: "WGS 84".into(), wkt: String::new() };
    let mut package = GeoPackageWriter::create(&folder.join("areas.gpkg"), &crs)?;
    let spec = LayerSpec::polygons("areas", "Luckor", "Andel utan fast bredband").with_style("areas", style);
    package.add_layer(&spec, &table, &shapes)?;
    package.finish()?;

    let mut settlements = Table::default();
    let reached = Values::Bool(vec![Some(true), Some(false), None]);
    settlements.push("fixed", Unit::YesNo, "Fast", "Fixed", reached);
    let spec = LayerSpec::points("settlements", "Bebyggelse", "")
        .with_style("fixed", Style::points("fixed", &settlements, Lang::Sv));
    let mut layer = PointLayerWriter::create(&folder.join("settlements.gpkg"), &crs, spec)?;
    layer.add_points(&settlements, &[shapes.coords[0], shapes.coords[4], shapes.coords[8]])?;
    layer.finish()?;
    Ok(())
}
