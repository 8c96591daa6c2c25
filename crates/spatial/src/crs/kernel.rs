//! One projection ready to compute, ours where it is much faster or more exact, proj4rs for the rest.

use super::{
    definition::{Definition, Method},
    spherical::{Mollweide, WebMercator},
    transverse_mercator::TransverseMercator,
};
use proj4rs::{Proj, adaptors::transform_xy};
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// Longitudes beyond this many radians are no longitudes, as in PROJ.
const MAX_LON: f64 = 10.0;
/// Rounding of a latitude of 90°, in radians.
const POLE: f64 = 1e-12;

/// Radians to the unit of a CRS and back, on the datum of the CRS.
#[derive(Clone)]
pub(super) struct Kernel {
    projection: Projection,
    /// Central meridian in radians: projections are fed with longitudes within half a turn of it.
    lon_0: f64,
    /// Metres per unit.
    unit_m: f64,
}

#[derive(Clone)]
enum Projection {
    Degrees,
    TransverseMercator(Box<TransverseMercator>),
    WebMercator(WebMercator),
    Mollweide(Mollweide),
    Proj4rs(Box<Proj4rs>),
}

#[derive(Clone)]
struct Proj4rs {
    projected: Proj,
    degrees: Proj,
}

impl Kernel {
    /// The kernel of a definition; the text of proj4rs where it refuses.
    pub(super) fn new(definition: &Definition) -> Result<Kernel, String> {
        let (a, rf) = definition.datum.ellipsoid();
        let p = &definition.parameters;
        let (lon_0, x_0, y_0) = (p.lon_0.to_radians(), p.x_0, p.y_0);
        let projection = match definition.method {
            Method::Geographic => Projection::Degrees,
            Method::TransverseMercator if rf != 0.0 => {
                Projection::TransverseMercator(Box::new(TransverseMercator::new(a, rf, p)))
            }
            Method::WebMercator => Projection::WebMercator(WebMercator { a, lon_0, x_0, y_0 }),
            Method::Mollweide => Projection::Mollweide(Mollweide { a, lon_0, x_0, y_0 }),
            _ => {
                let projected =
                    Proj::from_proj_string(&definition.proj_string()).map_err(|e| e.to_string())?;
                Projection::Proj4rs(Box::new(Proj4rs { projected, degrees: definition.degrees()? }))
            }
        };
        Ok(Kernel { projection, lon_0, unit_m: definition.unit_m })
    }

    /// Coordinates of a longitude and latitude in radians; `None` where the projection is not defined.
    #[inline]
    pub(super) fn forward(&self, lon: f64, lat: f64) -> Option<(f64, f64)> {
        // A NaN is refused too.
        if !(lat.abs() <= FRAC_PI_2 + POLE && lon.abs() <= MAX_LON) {
            return None;
        }
        let lat = lat.clamp(-FRAC_PI_2, FRAC_PI_2);
        let (x, y) = match &self.projection {
            Projection::Degrees => return Some((lon.to_degrees(), lat.to_degrees())),
            Projection::TransverseMercator(p) => p.forward(lon, lat)?,
            Projection::WebMercator(p) => p.forward(self.near_meridian(lon), lat)?,
            Projection::Mollweide(p) => p.forward(self.near_meridian(lon), lat),
            // proj4rs knows the unit itself.
            Projection::Proj4rs(p) => return transform_xy(&p.degrees, &p.projected, lon, lat).ok(),
        };
        Some((x / self.unit_m, y / self.unit_m))
    }

    /// Longitude and latitude in radians of coordinates; `None` where the projection is not defined.
    #[inline]
    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (x_m, y_m) = (x * self.unit_m, y * self.unit_m);
        let (lon, lat) = match &self.projection {
            Projection::Degrees => {
                let is_latitude = y.abs() <= 90.0 + POLE;
                return is_latitude.then(|| (x.to_radians(), y.to_radians()));
            }
            Projection::TransverseMercator(p) => p.inverse(x_m, y_m)?,
            Projection::WebMercator(p) => p.inverse(x_m, y_m),
            Projection::Mollweide(p) => p.inverse(x_m, y_m)?,
            Projection::Proj4rs(p) => return transform_xy(&p.projected, &p.degrees, x, y).ok(),
        };
        Some((within_half_a_turn(lon), lat))
    }

    /// The longitude within half a turn of the central meridian.
    #[inline]
    fn near_meridian(&self, lon: f64) -> f64 {
        self.lon_0 + within_half_a_turn(lon - self.lon_0)
    }
}

/// The angle in [−π, π]; both ends stay what they are, so that the two edges of a world map remain apart.
#[inline]
fn within_half_a_turn(angle: f64) -> f64 {
    if angle.abs() <= PI + POLE { angle } else { angle - TAU * ((angle + PI) / TAU).floor() }
}
