//! Vector tiles of areas, settlements, clusters and coverage, made on the fly.

pub(crate) mod clip;
mod layers;
pub(crate) mod mvt;
mod plane;

pub(crate) use layers::{clusters, coverage};
pub(crate) use plane::{Outlines, Plane};

use crate::{error::Refused, run::ExploredRun};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use mvt::{Layer, Value};
use std::sync::Arc;

/// Units of a tile's side.
pub(crate) const EXTENT: f64 = 4096.0;
/// Units beyond a tile's edge that are drawn too, so that outlines do not show the edge.
pub(crate) const MARGIN: f64 = 64.0;
/// Most settlements in a tile; beyond, the largest are shown.
const MOST_POINTS: usize = 6_000;
/// Settlements are not sought in tiles above this zoom.
const LEAST_POINT_ZOOM: u8 = 11;
const MOST_ZOOM: u8 = 22;

/// `/tiles/areas/{z}/{x}/{y}`: the outlines; the id of a feature is the index of its area.
pub(crate) async fn areas(
    State(run): State<Arc<ExploredRun>>,
    Path((z, x, y)): Path<(u8, u32, u32)>,
) -> Result<Response, Refused> {
    let tile = Tile::new(z, x, y).ok_or(Refused::Missing)?;
    let plane = run.plane.as_ref().ok_or(Refused::Missing)?;
    let mut layer = Layer::new("areas", EXTENT as u32);
    add_polygons(&mut layer, plane.areas(), &tile, &[]);
    Ok(tile_of(layer))
}

/// Adds the polygons that meet a tile, with their index as id.
fn add_polygons(layer: &mut Layer, outlines: &Outlines, tile: &Tile, properties: &[(&str, Value)]) {
    for i in outlines.within(&tile.in_plane(MARGIN)) {
        let rings: Vec<Vec<[f64; 2]>> = outlines
            .rings(i)
            .map(|ring| {
                clip::ring(&ring.iter().map(|p| tile.units(*p)).collect::<Vec<_>>(), -MARGIN, EXTENT + MARGIN)
            })
            .filter(|ring| ring.len() >= 3)
            .collect();
        layer.add_polygon(i as u64, &rings, properties);
    }
}

/// `/tiles/points/{z}/{x}/{y}`: settlements with persons and, per service, whether it reaches them.
pub(crate) async fn points(
    State(run): State<Arc<ExploredRun>>,
    Path((z, x, y)): Path<(u8, u32, u32)>,
) -> Result<Response, Refused> {
    let tile = Tile::new(z, x, y).ok_or(Refused::Missing)?;
    if z < LEAST_POINT_ZOOM {
        return Ok(tile_of(Layer::new("points", EXTENT as u32)));
    }
    crate::api::reckon(move || {
        let plane = run.plane.as_ref().ok_or(Refused::Missing)?;
        let reader = run.points().ok_or(Refused::Missing)?;
        let services: Vec<String> =
            run.result.services.keys().map(|name| format!("{name}_reached")).collect();
        let columns: Vec<&str> =
            std::iter::once("persons").chain(services.iter().map(String::as_str)).collect();
        let [west, south, east, north] = plane.metres(&tile.in_plane(MARGIN));
        let found = reader
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .in_box([west, south, east, north], &columns, MOST_POINTS)
            .map_err(|e| Refused::NoAnswer(e.to_string()))?;
        let mut layer = Layer::new("points", EXTENT as u32);
        for point in &found {
            let at = tile.units(plane.of_metres([point.x, point.y]));
            let mut properties = vec![("persons", Value::Int(point.values[0].unwrap_or(0)))];
            properties.extend(
                services
                    .iter()
                    .zip(&point.values[1..])
                    .filter_map(|(name, v)| Some((name.as_str(), Value::Bool((*v)? != 0)))),
            );
            layer.add_point(at, &properties);
        }
        Ok(tile_of(layer))
    })
    .await
}

fn tile_of(layer: Layer) -> Response {
    ([(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")], layer.into_tile()).into_response()
}

/// One tile of the pyramid.
pub(crate) struct Tile {
    /// Tiles a side.
    n: f64,
    x: f64,
    y: f64,
}

impl Tile {
    fn new(z: u8, x: u32, y: u32) -> Option<Tile> {
        if z > MOST_ZOOM || x >> z != 0 || y >> z != 0 {
            return None;
        }
        Some(Tile { n: f64::from(1_u32 << z), x: f64::from(x), y: f64::from(y) })
    }

    /// Tile units of a point of the plane (0–1 east and south).
    fn units(&self, [px, py]: [f64; 2]) -> [f64; 2] {
        [(px * self.n - self.x) * EXTENT, (py * self.n - self.y) * EXTENT]
    }

    /// Least and largest x and y in the plane, with a margin in tile units.
    fn in_plane(&self, margin: f64) -> [f64; 4] {
        let m = margin / EXTENT;
        [
            (self.x - m) / self.n,
            (self.y - m) / self.n,
            (self.x + 1.0 + m) / self.n,
            (self.y + 1.0 + m) / self.n,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_outside_the_pyramid_are_none() {
        assert!(Tile::new(0, 0, 0).is_some() && Tile::new(3, 7, 7).is_some());
        assert!(
            Tile::new(3, 8, 0).is_none() && Tile::new(40, 0, 0).is_none() && Tile::new(0, 1, 0).is_none()
        );
    }

    #[test]
    fn a_point_of_the_plane_falls_into_its_tile() {
        let tile = Tile::new(1, 1, 0).unwrap();
        assert_eq!(tile.units([0.75, 0.25]), [2048.0, 2048.0]);
        assert_eq!(tile.in_plane(0.0), [0.5, 0.0, 1.0, 0.5]);
    }
}
