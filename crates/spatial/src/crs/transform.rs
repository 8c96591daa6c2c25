//! Coordinates from one CRS to another.

use super::{
    Crs,
    definition::{Definition, Method, Shift},
    kernel::Kernel,
};
use geo_types::Coord;
use proj4rs::{Proj, adaptors::transform_xy};
use std::fmt;

/// A change of coordinates from one CRS to another; immutable, to be shared between threads.
///
/// Coordinates are x = easting or longitude, y = northing or latitude, whatever order the authority lists; degrees
/// for geographic CRSs and the unit of the CRS otherwise. Longitudes that a projection is inverted to lie in
/// [−180, 180].
#[derive(Clone)]
pub struct Transform {
    /// `None` where coordinates stay as they are.
    steps: Option<Box<Steps>>,
}

#[derive(Clone)]
struct Steps {
    from: Kernel,
    /// Geographic CRSs of both datums, where a shift lies between them.
    shift: Option<(Proj, Proj)>,
    to: Kernel,
}

impl Transform {
    /// The change from `from` to `to`.
    ///
    /// Datums without a shift of their own (WGS 84, ETRS89, SWEREF 99, RGF93, NAD83, …) are taken as equal, as PROJ
    /// does without grids; the plates have moved up to about a metre since 1989.
    pub fn new(from: &Crs, to: &Crs) -> Transform {
        let (a, b) = (&from.definition, &to.definition);
        if a == b || is_null_shift_of_degrees(a, b) || has_equal_numbers(a, b) {
            return Transform { steps: None };
        }
        let is_same_datum = a.datum.shift() == b.datum.shift()
            && (a.datum.shift() == Shift::Null || a.datum.ellipsoid() == b.datum.ellipsoid());
        let degrees = |d: &Definition| d.degrees().expect("the datum of a Crs is tried when the Crs is made");
        let shift = (!is_same_datum).then(|| (degrees(a), degrees(b)));
        Transform { steps: Some(Box::new(Steps { from: from.kernel(), shift, to: to.kernel() })) }
    }

    /// Whether coordinates stay as they are.
    pub fn is_identity(&self) -> bool {
        self.steps.is_none()
    }

    /// The point in the other CRS; `None` where either projection is not defined, and for NaN or infinite input.
    #[inline]
    pub fn apply(&self, point: Coord<f64>) -> Option<Coord<f64>> {
        let Some(steps) = &self.steps else {
            return (point.x.is_finite() && point.y.is_finite()).then_some(point);
        };
        let (mut lon, mut lat) = steps.from.inverse(point.x, point.y)?;
        if let Some((from, to)) = &steps.shift {
            (lon, lat) = transform_xy(from, to, lon, lat).ok()?;
        }
        let (x, y) = steps.to.forward(lon, lat)?;
        (x.is_finite() && y.is_finite()).then_some(Coord { x, y })
    }

    /// Appends the points in the other CRS, in order; (NaN, NaN) where [`Self::apply`] gives `None`.
    ///
    /// Allocates once at most, so batches of millions of points cost what their projections cost.
    pub fn apply_slice(&self, points: &[Coord<f64>], out: &mut Vec<Coord<f64>>) {
        const NOWHERE: Coord<f64> = Coord { x: f64::NAN, y: f64::NAN };
        out.extend(points.iter().map(|p| self.apply(*p).unwrap_or(NOWHERE)));
    }
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.steps {
            None => "Transform(identity)",
            Some(steps) if steps.shift.is_some() => "Transform(with a datum shift)",
            Some(_) => "Transform",
        })
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
