//! Coordinates from one CRS to another.

use super::{
    Crs,
    definition::{Definition, Method, Shift},
};
use geo_types::Coord;
use proj4rs::{Proj, adaptors::transform_xy};
use std::fmt;

/// A change of coordinates from one CRS to another; immutable, cheap to share between threads.
///
/// Coordinates are x = easting or longitude, y = northing or latitude, whatever order the authority lists; degrees
/// for geographic CRSs and the unit of the CRS otherwise.
#[derive(Clone)]
pub struct Transform {
    steps: Steps,
}

#[derive(Clone)]
enum Steps {
    /// Same coordinates, or both geographic with the null shift between their datums.
    Identity,
    Proj(Box<ProjSteps>),
}

#[derive(Clone)]
struct ProjSteps {
    from: Proj,
    to: Proj,
    from_degrees: bool,
    to_degrees: bool,
}

impl Transform {
    /// The change from `from` to `to`.
    ///
    /// Datums without a shift of their own (WGS 84, ETRS89, SWEREF 99, RGF93, NAD83, …) are taken as equal, as PROJ
    /// does without grids; the plates have moved up to about a metre since 1989.
    pub fn new(from: &Crs, to: &Crs) -> Transform {
        let (a, b) = (&from.definition, &to.definition);
        if a == b || is_null_shift_of_degrees(a, b) || has_equal_numbers(a, b) {
            return Transform { steps: Steps::Identity };
        }
        Transform {
            steps: Steps::Proj(Box::new(ProjSteps {
                from: from.proj(),
                to: to.proj(),
                from_degrees: a.method == Method::Geographic,
                to_degrees: b.method == Method::Geographic,
            })),
        }
    }

    /// Whether coordinates stay as they are.
    pub fn is_identity(&self) -> bool {
        matches!(self.steps, Steps::Identity)
    }

    /// The point in the other CRS; `None` where either projection is not defined, and for NaN or infinite input.
    #[inline]
    pub fn apply(&self, point: Coord<f64>) -> Option<Coord<f64>> {
        if !(point.x.is_finite() && point.y.is_finite()) {
            return None;
        }
        match &self.steps {
            Steps::Identity => Some(point),
            Steps::Proj(steps) => steps.apply(point),
        }
    }

    /// Appends the points in the other CRS, in order; (NaN, NaN) where [`Self::apply`] gives `None`.
    ///
    /// Allocates once at most, so batches of millions of points cost what their projections cost.
    pub fn apply_slice(&self, points: &[Coord<f64>], out: &mut Vec<Coord<f64>>) {
        const NOWHERE: Coord<f64> = Coord { x: f64::NAN, y: f64::NAN };
        out.reserve(points.len());
        match &self.steps {
            Steps::Identity => out.extend(points.iter().map(|p| {
                let is_finite = p.x.is_finite() && p.y.is_finite();
                if is_finite { *p } else { NOWHERE }
            })),
            Steps::Proj(_) => out.extend(points.iter().map(|p| self.apply(*p).unwrap_or(NOWHERE))),
        }
    }
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.steps {
            Steps::Identity => f.write_str("Transform(identity)"),
            Steps::Proj(steps) => {
                write!(f, "Transform({} to {})", steps.from.projname(), steps.to.projname())
            }
        }
    }
}

impl ProjSteps {
    #[inline]
    fn apply(&self, point: Coord<f64>) -> Option<Coord<f64>> {
        let (x, y) = if self.from_degrees {
            if point.y.abs() > 90.0 {
                return None;
            }
            (point.x.to_radians(), point.y.to_radians())
        } else {
            (point.x, point.y)
        };
        let (x, y) = transform_xy(&self.from, &self.to, x, y).ok()?;
        let result =
            if self.to_degrees { Coord { x: x.to_degrees(), y: y.to_degrees() } } else { Coord { x, y } };
        (result.x.is_finite() && result.y.is_finite()).then_some(result)
    }
}

/// Degrees to degrees between datums that are taken as equal: PROJ does nothing there either.
fn is_null_shift_of_degrees(a: &Definition, b: &Definition) -> bool {
    a.method == Method::Geographic
        && b.method == Method::Geographic
        && a.datum.shift() == Shift::Null
        && b.datum.shift() == Shift::Null
}

/// The same projection of the same ellipsoid over datums that are taken as equal (SWEREF 99 TM and ETRS89 / UTM 33N).
fn has_equal_numbers(a: &Definition, b: &Definition) -> bool {
    a.method == b.method
        && a.unit_m == b.unit_m
        && a.datum.ellipsoid() == b.datum.ellipsoid()
        && a.datum.shift() == b.datum.shift()
        && a.parameters.is_close_to(&b.parameters)
}
