//! Road layers of cost models of tier 3.

use std::path::Path;
use whitespot_load::coverage;
use whitespot_model::{
    config::{CoverageConfig, funding::RoadsSource},
    finding::Finding,
    provenance::{Loaded, Provenance},
    shapes::Part,
};
use whitespot_spatial::{
    crs::{Crs, Transform},
    roads::RoadLine,
};

/// Roads in the analysis CRS.
#[derive(Debug, Default)]
pub(crate) struct RoadLayer {
    /// The lines, with their class as an index into `classes`.
    pub(crate) lines: Vec<RoadLine>,
    /// Names of the classes; one empty name where the layer has none.
    pub(crate) classes: Vec<String>,
}

/// Reads the roads of the cost model `name`.
///
/// A road layer is read as a coverage layer is (any format, CRS, mapping); its class takes the operator's place.
///
/// # Errors
/// Findings: file, layer, CRS, columns, no lines at all.
pub(crate) fn read(
    name: &str,
    source: &RoadsSource,
    base: &Path,
    crs: &Crs,
) -> Result<Loaded<RoadLayer>, Vec<Finding>> {
    let section = format!("cost.{name}.roads");
    let mut config = serde_json::json!({ "id": section, "file": source.file, "technology": "other" });
    for (key, value) in [("layer", &source.layer), ("crs", &source.crs)] {
        if let Some(value) = value {
            config[key] = value.as_str().into();
        }
    }
    if let Some(class) = &source.class {
        config["operator"] = serde_json::json!({ "field": class });
    }
    let config: CoverageConfig = serde_json::from_value(config)
        .map_err(|e| vec![Finding::error("bad_roads", "", format!("section `{section}`: {e}"))])?;
    let loaded = coverage::read_layer(&config, base, None)?;
    let (layer, transform) = (loaded.value.layer, Transform::new(&loaded.value.crs, crs));
    let class_of = |f: usize| layer.offers.get(layer.feature_offers[f] as usize).map(|o| o.operator.clone());
    let mut roads = RoadLayer::default();
    for f in 0..layer.shapes.n_features() {
        let Some(class) = class_of(f) else { continue };
        let number = roads.classes.iter().position(|c| *c == class).unwrap_or_else(|| {
            roads.classes.push(class);
            roads.classes.len() - 1
        });
        for part in layer.shapes.parts_of(f).filter(|&p| layer.shapes.parts[p] == Part::Line) {
            for ring in layer.shapes.rings_of(part) {
                let points = layer.shapes.ring(ring).iter().filter_map(|c| transform.apply(*c)).collect();
                roads.lines.push(RoadLine { points, class: number as u32 });
            }
        }
    }
    if roads.lines.is_empty() {
        let message = format!("`{}` holds no lines, and trenches of tier 3 run along lines", source.file);
        return Err(vec![
            Finding::error("no_roads", &source.file, message).with_hint("name the layer with roads"),
        ]);
    }
    let provenance = Provenance { role: format!("roads {name}"), ..loaded.provenance };
    Ok(Loaded { value: roads, findings: loaded.findings, provenance })
}
