//! The coordinate reference systems that features are served in (Part 2).

use geo_types::Coord;
use whitespot_model::shapes::Shapes;
use whitespot_spatial::crs::{Crs, Transform};

/// Longitude and latitude, in this order: the CRS of every answer where none is asked for.
pub(super) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// Offered beside CRS84 and that of the package.
const USUAL: [&str; 4] = ["EPSG:4326", "EPSG:4258", "EPSG:3857", "EPSG:3035"];

/// A CRS with its address.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub(super) uri: String,
    pub(super) crs: Crs,
    /// Whether the authority lists northing first, so that answers and boxes must.
    pub(super) is_northing_first: bool,
    /// Decimals of a position: millimetres, or about a centimetre in degrees.
    pub(super) decimals: u32,
}

impl System {
    fn of(code: &str, uri: String) -> Option<System> {
        let crs = Crs::from_code(code).ok()?;
        let is_northing_first = crs.lists_northing_first();
        let decimals = if crs.is_geographic() { 7 } else { 3 };
        Some(System { uri, crs, is_northing_first, decimals })
    }
}

/// The systems offered, CRS84 first and that of the package second; `None` where that has no code we know.
pub(super) fn offered(storage_code: &str) -> Option<Vec<System>> {
    let uri = |code: &str| {
        let (authority, number) = code.split_once(':')?;
        Some(format!("http://www.opengis.net/def/crs/{authority}/0/{number}"))
    };
    let mut systems = vec![System::of("OGC:CRS84", CRS84.to_string())?];
    systems.push(System::of(storage_code, uri(storage_code)?)?);
    for code in USUAL.into_iter().filter(|code| *code != storage_code) {
        systems.extend(uri(code).and_then(|uri| System::of(code, uri)));
    }
    Some(systems)
}

/// Shapes in another CRS. A feature that has a coordinate beyond the domain of the CRS loses its shape.
pub(super) fn transformed(shapes: &Shapes, transform: &Transform) -> Shapes {
    if transform.is_identity() {
        return shapes.clone();
    }
    let mut coords = Vec::with_capacity(shapes.coords.len());
    transform.apply_slice(&shapes.coords, &mut coords);
    let moved = Shapes { coords, ..shapes.clone() };
    if moved.coords.iter().all(|c| c.x.is_finite()) {
        return moved;
    }
    let mut kept = Shapes::default();
    for f in 0..moved.n_features() {
        if moved.coords_of(f).iter().all(|c| c.x.is_finite()) {
            kept.push_feature_of(&moved, f);
        } else {
            kept.end_feature();
        }
    }
    kept
}

/// West, south, east and north in another CRS of a box: of its outline in small steps, with a margin for what bends
/// between them. `None` where the outline leaves the domain of the CRS.
pub(super) fn envelope([west, south, east, north]: [f64; 4], transform: &Transform) -> Option<[f64; 4]> {
    if transform.is_identity() {
        return Some([west, south, east, north]);
    }
    const STEPS: u32 = 64;
    let mut sides = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for i in 0..=STEPS {
        let share = f64::from(i) / f64::from(STEPS);
        let (x, y) = (west + (east - west) * share, south + (north - south) * share);
        for (x, y) in [(x, south), (x, north), (west, y), (east, y)] {
            let point = transform.apply(Coord { x, y })?;
            sides =
                [sides[0].min(point.x), sides[1].min(point.y), sides[2].max(point.x), sides[3].max(point.y)];
        }
    }
    let (dx, dy) = ((sides[2] - sides[0]) * 1e-3, (sides[3] - sides[1]) * 1e-3);
    Some([sides[0] - dx, sides[1] - dy, sides[2] + dx, sides[3] + dy])
}

/// Positions in the order of axes that the authority lists.
pub(super) fn in_axis_order(mut shapes: Shapes, system: &System) -> Shapes {
    if system.is_northing_first {
        shapes.map_coords(|c| Coord { x: c.y, y: c.x });
    }
    shapes
}
