//! Tiles of what can be laid over the areas: clusters, and the coverage they were joined with.

use super::{EXTENT, MARGIN, Outlines, Tile, add_polygons, clip, mvt::Layer, mvt::Value, tile_of};
use crate::{error::Refused, run::ExploredRun};
use axum::{
    extract::{Path, State},
    response::Response,
};
use std::sync::Arc;
use whitespot_model::{coverage_map::CoverageGroup, shapes::Part};

/// `/tiles/clusters/{z}/{x}/{y}`: outlines of the clusters; the id of a feature is its row of the clusters' table.
pub(crate) async fn clusters(
    State(run): State<Arc<ExploredRun>>,
    Path((z, x, y)): Path<(u8, u32, u32)>,
) -> Result<Response, Refused> {
    let tile = Tile::new(z, x, y).ok_or(Refused::Missing)?;
    crate::api::reckon(move || {
        let outlines = run.clusters().ok_or(Refused::Missing)?;
        let mut layer = Layer::new("clusters", EXTENT as u32);
        add_polygons(&mut layer, outlines, &tile, &[]);
        Ok(tile_of(layer))
    })
    .await
}

/// `/tiles/coverage/{group}/{z}/{x}/{y}`: one group of coverage: polygons, lines and points with `kind` 2, 1 and 0.
pub(crate) async fn coverage(
    State(run): State<Arc<ExploredRun>>,
    Path((group, z, x, y)): Path<(usize, u8, u32, u32)>,
) -> Result<Response, Refused> {
    let tile = Tile::new(z, x, y).ok_or(Refused::Missing)?;
    crate::api::reckon(move || {
        let coverage = run.coverage().ok_or(Refused::Missing)?;
        let parts = coverage.map.groups.get(group).ok_or(Refused::Missing)?;
        let mut layer = Layer::new("coverage", EXTENT as u32);
        add_parts(&mut layer, parts, &coverage.outlines[group], &tile);
        Ok(tile_of(layer))
    })
    .await
}

fn add_parts(layer: &mut Layer, group: &CoverageGroup, outlines: &Outlines, tile: &Tile) {
    for i in outlines.within(&tile.in_plane(MARGIN)) {
        let in_units = outlines.rings(i).map(|ring| ring.iter().map(|p| tile.units(*p)).collect::<Vec<_>>());
        match group.parts[i].kind {
            Part::Polygon => {
                let clipped = in_units.map(|ring| clip::ring(&ring, -MARGIN, EXTENT + MARGIN));
                let rings: Vec<Vec<[f64; 2]>> = clipped.filter(|ring| ring.len() >= 3).collect();
                layer.add_polygon(i as u64, &rings, &[("kind", Value::Int(2))]);
            }
            Part::Line => {
                for line in in_units.flat_map(|line| clip::line(&line, -MARGIN, EXTENT + MARGIN)) {
                    layer.add_line(&line, &[("kind", Value::Int(1))]);
                }
            }
            Part::Point => {
                for point in in_units.flatten() {
                    layer.add_point(point, &[("kind", Value::Int(0))]);
                }
            }
        }
    }
}
