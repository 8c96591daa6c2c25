//! Where the settlements are, told before any of them is read: coverage elsewhere need not be read either.
//!
//! A national coverage file serves a region's analysis; where both tell their bounds (Parquet), only the row groups around
//! the settlements are read. Results are the same: polygons reach nobody from further away than their `reach_m`, and files
//! with lines or points, which may be network, are always read whole.

use crate::source::SourceRef;
use geo_types::Coord;
use std::path::Path;
use whitespot_model::{config::SettlementsConfig, features::Format};
use whitespot_spatial::crs::{Crs, Transform};

/// The box that holds all settlements, as their file tells.
#[derive(Clone, Debug)]
pub struct Nearby {
    crs: Crs,
    /// Smallest x and y, largest x and y in `crs`.
    pub bounds: [f64; 4],
    /// The greatest factor by which layers' reach will be varied; 1 at least.
    reach_factor: f64,
}

/// Added on every side beside the reach: metres, and share of the box, for edges that curve on the way to another CRS.
const MARGIN_M: f64 = 1000.0;
const MARGIN_SHARE: f64 = 0.02;
/// The shortest degree of latitude, in metres.
const DEGREE_M: f64 = 110_570.0;
/// No projection in use stretches a metre more than this where people live (Web Mercator at 84°: 9.6).
const MOST_STRETCH: f64 = 10.0;

impl Nearby {
    /// Reads the bounds off the settlements' file; `None` where it does not tell, or is in error, which reading it will
    /// show.
    pub fn of_settlements(config: &SettlementsConfig, base: &Path, reach_factor: f64) -> Option<Nearby> {
        let source = SourceRef::of_settlements(config, base);
        let columns = &config.columns;
        let path = source.path();
        if columns.cell.is_some() || whitespot_io::detect(&path) != Some(Format::Parquet) {
            return None;
        }
        let (_, schema) = source.inspect().ok()?;
        let (crs, _) = source.crs(schema.crs.as_ref()).ok()?;
        let by_columns = !schema.has_geometry || columns.x.is_some() || columns.y.is_some();
        let names = (columns.x.as_deref().unwrap_or("x"), columns.y.as_deref().unwrap_or("y"));
        let bounds = whitespot_table::extent(&path, by_columns.then_some(names)).ok()??;
        let is_within_turn = bounds[0] >= -180.0 && bounds[2] <= 180.0;
        (is_within_turn || !crs.is_geographic()).then_some(Nearby {
            crs,
            bounds,
            reach_factor: reach_factor.max(1.0),
        })
    }

    /// The box in the CRS of a layer, wider by its reach; `None` where part of it has no place there.
    pub fn bounds_in(&self, crs: &Crs, reach_m: f64) -> Option<[f64; 4]> {
        const STEPS: u32 = 32;
        let [west, south, east, north] = self.bounds;
        let transform = Transform::new(&self.crs, crs);
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for i in 0..=STEPS {
            for j in 0..=STEPS {
                let (u, v) = (f64::from(i) / f64::from(STEPS), f64::from(j) / f64::from(STEPS));
                let at = Coord { x: west + (east - west) * u, y: south + (north - south) * v };
                let c = transform.apply(at).filter(|c| c.x.is_finite() && c.y.is_finite())?;
                bounds = [bounds[0].min(c.x), bounds[1].min(c.y), bounds[2].max(c.x), bounds[3].max(c.y)];
            }
        }
        let metres = MARGIN_M + reach_m * self.reach_factor;
        let (pad_x, pad_y) = if crs.is_geographic() {
            let furthest = (bounds[1].abs().max(bounds[3].abs()) + metres / DEGREE_M).to_radians();
            let shrink = furthest.cos();
            // Near a pole every longitude is near.
            if shrink < 0.01 {
                return None;
            }
            (metres / DEGREE_M / shrink, metres / DEGREE_M)
        } else {
            (metres * MOST_STRETCH, metres * MOST_STRETCH)
        };
        let (dx, dy) =
            ((bounds[2] - bounds[0]) * MARGIN_SHARE + pad_x, (bounds[3] - bounds[1]) * MARGIN_SHARE + pad_y);
        Some([bounds[0] - dx, bounds[1] - dy, bounds[2] + dx, bounds[3] + dy])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn umea() -> Nearby {
        let crs = Crs::from_code("EPSG:4326").unwrap();
        Nearby { crs, bounds: [20.0, 63.5, 20.5, 64.0], reach_factor: 1.0 }
    }

    #[test]
    fn the_box_in_another_crs_holds_every_point_of_the_first_and_its_surroundings() {
        let near = umea();
        for code in ["EPSG:3006", "EPSG:3035", "EPSG:3857", "EPSG:25834", "EPSG:4258"] {
            let crs = Crs::from_code(code).unwrap();
            let [x0, y0, x1, y1] = near.bounds_in(&crs, 50.0).unwrap();
            let to = Transform::new(&near.crs, &crs);
            for i in 0..=100 {
                for j in 0..=100 {
                    let at = Coord { x: 20.0 + f64::from(i) / 200.0, y: 63.5 + f64::from(j) / 200.0 };
                    let c = to.apply(at).unwrap();
                    let reach = if crs.is_geographic() { 50.0 / DEGREE_M } else { 50.0 };
                    assert!(
                        c.x - reach > x0 && c.x + reach < x1 && c.y - reach > y0 && c.y + reach < y1,
                        "{code}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_varied_reach_widens_the_box_and_a_pole_has_none() {
        let crs = Crs::from_code("EPSG:3006").unwrap();
        let plain = umea().bounds_in(&crs, 100.0).unwrap();
        let varied = Nearby { reach_factor: 2.0, ..umea() }.bounds_in(&crs, 100.0).unwrap();
        assert!(varied[0] < plain[0] && varied[3] > plain[3]);
        let polar = Nearby { bounds: [-180.0, 89.0, 180.0, 90.0], ..umea() };
        assert_eq!(polar.bounds_in(&Crs::from_code("EPSG:4326").unwrap(), 0.0), None);
    }
}
