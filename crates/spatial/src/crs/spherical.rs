//! Two projections with closed formulas of the sphere: Web Mercator and Mollweide.

use std::f64::consts::{FRAC_PI_2, PI, SQRT_2};

/// Web Mercator (EPSG method 1024): the sphere of radius `a`, fed with ellipsoidal latitudes.
#[derive(Clone, Debug)]
pub(super) struct WebMercator {
    pub a: f64,
    pub lon_0: f64,
    pub x_0: f64,
    pub y_0: f64,
}

impl WebMercator {
    /// `None` at the poles, which lie infinitely far away.
    #[inline]
    pub(super) fn forward(&self, lon: f64, lat: f64) -> Option<(f64, f64)> {
        let is_pole = FRAC_PI_2 - lat.abs() <= 1e-10;
        (!is_pole).then(|| (self.x_0 + self.a * (lon - self.lon_0), self.y_0 + self.a * lat.sin().atanh()))
    }

    #[inline]
    pub(super) fn inverse(&self, x: f64, y: f64) -> (f64, f64) {
        (self.lon_0 + (x - self.x_0) / self.a, ((y - self.y_0) / self.a).sinh().atan())
    }
}

/// Mollweide of the sphere of radius `a`, fed with ellipsoidal latitudes, as ESRI and PROJ do.
///
/// Our own because proj4rs gives up the iteration near the poles (261 km off at 89.9°). Works with the angle
/// `epsilon` = π − 2θ from the pole, where the usual form loses its digits.
#[derive(Clone, Debug)]
pub(super) struct Mollweide {
    pub a: f64,
    pub lon_0: f64,
    pub x_0: f64,
    pub y_0: f64,
}

impl Mollweide {
    #[inline]
    pub(super) fn forward(&self, lon: f64, lat: f64) -> (f64, f64) {
        // 2θ + sin 2θ = π sin φ becomes ε − sin ε = π (1 − sin |φ|).
        let half = (0.5 * (FRAC_PI_2 - lat.abs())).sin();
        let (sin_theta_from_pole, cos_theta_from_pole) =
            (0.5 * angle_of_segment(2.0 * PI * half * half)).sin_cos();
        let x = self.a * 2.0 * SQRT_2 / PI * (lon - self.lon_0) * sin_theta_from_pole;
        let y = self.a * SQRT_2 * cos_theta_from_pole.copysign(lat);
        (self.x_0 + x, self.y_0 + y)
    }

    /// `None` outside the ellipse.
    #[inline]
    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        /// Rounding of a coordinate on the rim, in shares of the radius.
        const RIM: f64 = 1e-12;
        let sin_theta = (y - self.y_0) / (self.a * SQRT_2);
        let s = sin_theta.abs();
        if s.is_nan() || s > 1.0 + RIM {
            return None;
        }
        let cos_theta = ((1.0 - s).max(0.0) * (1.0 + s)).sqrt();
        let epsilon = 2.0 * cos_theta.atan2(s);
        let lat = FRAC_PI_2 - 2.0 * (segment_of_angle(epsilon) / (2.0 * PI)).sqrt().min(1.0).asin();
        let x = (x - self.x_0) / (self.a * 2.0 * SQRT_2 / PI);
        // At the pole itself every meridian meets; PROJ has no answer there, ours is the central one.
        let turn = if cos_theta > 0.0 { x / cos_theta } else { x * f64::MAX };
        // On the rim the rounding of y is felt in x, the more the nearer the pole.
        let limit = PI * (1.0 + 1e-9 + 1e-15 / (cos_theta * cos_theta));
        if turn.is_nan() || turn.abs() > limit {
            return None;
        }
        Some((self.lon_0 + turn.clamp(-PI, PI), lat.copysign(sin_theta)))
    }
}

/// ε − sin ε, twice the area of a circular segment, without cancellation for small angles.
#[inline]
fn segment_of_angle(epsilon: f64) -> f64 {
    if epsilon > 0.2 {
        return epsilon - epsilon.sin();
    }
    let e2 = epsilon * epsilon;
    epsilon * e2 / 6.0 * (1.0 - e2 / 20.0 * (1.0 - e2 / 42.0 * (1.0 - e2 / 72.0 * (1.0 - e2 / 110.0))))
}

/// The ε in [0, π] with ε − sin ε = `segment`, by Newton's method from the cube root: quadratic everywhere, as the
/// function is convex there and the cube root starts close.
#[inline]
fn angle_of_segment(segment: f64) -> f64 {
    let mut epsilon = (6.0 * segment).cbrt();
    for _ in 0..10 {
        let half = (0.5 * epsilon).sin();
        let slope = 2.0 * half * half;
        if slope == 0.0 {
            break;
        }
        let step = (segment_of_angle(epsilon) - segment) / slope;
        epsilon -= step;
        if step.abs() <= 1e-14 * epsilon {
            break;
        }
    }
    epsilon
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: Mollweide = Mollweide { a: 6_378_137.0, lon_0: 0.0, x_0: 0.0, y_0: 0.0 };

    #[test]
    fn mollweide_comes_back_to_where_it_started_up_to_the_poles() {
        for lat in [0.0, 1e-9, 30.0, 89.0, 89.9, 89.999, 89.999999, 90.0, -89.9999, -90.0, -45.0] {
            for lon in [-180.0, -90.0, 0.0, 1e-7, 179.999, 180.0f64] {
                let (lon, lat) = (lon.to_radians(), f64::to_radians(lat));
                let (x, y) = WORLD.forward(lon, lat);
                let (back_lon, back_lat) = WORLD.inverse(x, y).unwrap();
                assert!((back_lat - lat).abs() < 1e-11, "{lat}: {back_lat}");
                let metres = (back_lon - lon).abs() * lat.cos() * WORLD.a;
                assert!(metres < 1e-4, "{lon} {lat}: {back_lon}, {metres} m");
            }
        }
    }

    #[test]
    fn mollweide_has_nothing_outside_its_ellipse() {
        assert_eq!(WORLD.inverse(0.0, 9_020_047.9), None);
        assert_eq!(WORLD.inverse(18_040_096.0, 0.0), None);
        assert_eq!(WORLD.inverse(12_000_000.0, 8_000_000.0), None);
        assert_eq!(WORLD.inverse(f64::NAN, 0.0), None);
        assert_eq!(WORLD.inverse(f64::INFINITY, 0.0), None);
    }
}
