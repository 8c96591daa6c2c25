//! The transverse Mercator projection (UTM, SWEREF 99, national grids): Krüger's series to the sixth order of the
//! third flattening, as PROJ has it, arranged so that a point costs two sines and cosines, an `atan2` and an `atanh`.
//!
//! Sources: Karney, *Transverse Mercator with an accuracy of a few nanometers*, 2011 (eqs. 35 and 36); Engsager
//! and Poder, ICC 2007 (series between geodetic and conformal latitude). Measured (CPU ns a point, forward and inverse):
//! 77 and 109 against 166 and 173 of proj4rs, which counts because every settlement of a run may go through here.

use super::definition::Parameters;

/// Beyond this northing of the sphere PROJ refuses: 150° of isometric longitude.
const MAX_ETA: f64 = 2.623_395_162_778;
const ORDER: usize = 6;
type Series = [f64; ORDER];

/// A transverse Mercator projection of one ellipsoid; angles in radians, lengths in metres.
#[derive(Clone, Debug)]
pub(super) struct TransverseMercator {
    lon_0: f64,
    x_0: f64,
    y_0: f64,
    /// Scaled rectifying radius.
    radius: f64,
    to_conformal: Series,
    from_conformal: Series,
    to_plane: Series,
    from_plane: Series,
}

impl TransverseMercator {
    /// `a` in metres, `rf` the inverse flattening, not 0; parameters in degrees and metres.
    pub(super) fn new(a: f64, rf: f64, parameters: &Parameters) -> TransverseMercator {
        let f = 1.0 / rf;
        let n = f / (2.0 - f);
        let n2 = n * n;
        let mut projection = TransverseMercator {
            lon_0: parameters.lon_0.to_radians(),
            x_0: parameters.x_0,
            y_0: 0.0,
            radius: parameters.k * a / (1.0 + n) * (1.0 + n2 * (1.0 / 4.0 + n2 * (1.0 / 64.0 + n2 / 256.0))),
            to_conformal: to_conformal(n),
            from_conformal: from_conformal(n),
            to_plane: to_plane(n),
            from_plane: from_plane(n),
        };
        let (_, y_of_origin) = projection
            .forward(parameters.lon_0.to_radians(), parameters.lat_0.to_radians())
            .unwrap_or((0.0, 0.0));
        projection.y_0 = parameters.y_0 - y_of_origin;
        projection
    }

    /// Easting and northing; `None` too far from the central meridian.
    #[inline]
    pub(super) fn forward(&self, lon: f64, lat: f64) -> Option<(f64, f64)> {
        let (sin_lat, cos_lat) = lat.sin_cos();
        let (sin_lon, cos_lon) = (lon - self.lon_0).sin_cos();
        // Conformal latitude: turn (cos, sin) by the small angle of the series.
        let (sin_2, cos_2) = (2.0 * sin_lat * cos_lat, (cos_lat - sin_lat) * (cos_lat + sin_lat));
        let (sin_chi, cos_chi) = turn(sin_lat, cos_lat, sum(&self.to_conformal, sin_2, cos_2));
        // Spherical transverse Mercator: xi + i eta, and their doubled functions without further calls.
        let tanh_eta = cos_chi * sin_lon;
        let along = cos_chi * cos_lon;
        let xi = sin_chi.atan2(along);
        let h2 = (1.0 - tanh_eta) * (1.0 + tanh_eta);
        // h2 = 0 at the two points 90° from the meridian on the equator: infinite, refused below.
        let eta = tanh_eta.atanh();
        let (d_xi, d_eta) = complex_sum(
            &self.to_plane,
            2.0 * sin_chi * along / h2,
            (along - sin_chi) * (along + sin_chi) / h2,
            2.0 * tanh_eta / h2,
            (1.0 + tanh_eta * tanh_eta) / h2,
        );
        let eta = eta + d_eta;
        // A NaN is refused too.
        (eta.abs() <= MAX_ETA).then_some((self.x_0 + self.radius * eta, self.y_0 + self.radius * (xi + d_xi)))
    }

    /// Longitude in [−π, π] and latitude; `None` too far from the central meridian.
    #[inline]
    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let xi = (y - self.y_0) / self.radius;
        let eta = (x - self.x_0) / self.radius;
        if eta.is_nan() || eta.abs() > MAX_ETA {
            return None;
        }
        let (sin_xi, cos_xi) = xi.sin_cos();
        let e = eta.exp();
        let (sinh_eta, cosh_eta) = (0.5 * (e - 1.0 / e), 0.5 * (e + 1.0 / e));
        let (d_xi, d_eta) = complex_sum(
            &self.from_plane,
            2.0 * sin_xi * cos_xi,
            (cos_xi - sin_xi) * (cos_xi + sin_xi),
            2.0 * sinh_eta * cosh_eta,
            cosh_eta * cosh_eta + sinh_eta * sinh_eta,
        );
        let (sin_xi, cos_xi) = turn(sin_xi, cos_xi, d_xi);
        let sinh_eta = (eta + d_eta).sinh();
        // From the sphere to conformal latitude, then by the series to geodetic latitude.
        let lon = self.lon_0 + sinh_eta.atan2(cos_xi);
        let length2 = 1.0 + sinh_eta * sinh_eta;
        let across2 = sinh_eta * sinh_eta + cos_xi * cos_xi;
        let across = across2.sqrt();
        let chi = sin_xi.atan2(across);
        let lat = chi
            + sum(
                &self.from_conformal,
                2.0 * sin_xi * across / length2,
                (across2 - sin_xi * sin_xi) / length2,
            );
        Some((lon, lat))
    }
}

/// Sine and cosine of an angle plus a small one (below 0.01), by Taylor's series.
#[inline]
fn turn(sin: f64, cos: f64, by: f64) -> (f64, f64) {
    let b2 = by * by;
    let sin_by = by * (1.0 - b2 / 6.0 * (1.0 - b2 / 20.0 * (1.0 - b2 / 42.0)));
    let cos_by = 1.0 - b2 / 2.0 * (1.0 - b2 / 12.0 * (1.0 - b2 / 30.0));
    (sin * cos_by + cos * sin_by, cos * cos_by - sin * sin_by)
}

/// Σ cₖ sin 2kφ from sin 2φ and cos 2φ (Clenshaw).
#[inline]
fn sum(series: &Series, sin_2: f64, cos_2: f64) -> f64 {
    let twice = 2.0 * cos_2;
    let (mut last, mut before) = (0.0, 0.0);
    for c in series.iter().rev() {
        (last, before) = (twice * last - before + c, last);
    }
    last * sin_2
}

/// Σ cₖ sin 2k(ξ + iη) from the functions of 2ξ and 2η (Clenshaw over complex numbers).
#[inline]
fn complex_sum(series: &Series, sin: f64, cos: f64, sinh: f64, cosh: f64) -> (f64, f64) {
    let (twice_re, twice_im) = (2.0 * cos * cosh, -2.0 * sin * sinh);
    let (mut re, mut im, mut re_before, mut im_before) = (0.0, 0.0, 0.0, 0.0);
    for c in series.iter().rev() {
        let next_re = twice_re * re - twice_im * im - re_before + c;
        let next_im = twice_re * im + twice_im * re - im_before;
        (re_before, im_before, re, im) = (re, im, next_re, next_im);
    }
    let (sin_re, sin_im) = (sin * cosh, cos * sinh);
    (sin_re * re - sin_im * im, sin_re * im + sin_im * re)
}

/// Polynomials in the third flattening; row k − 1 begins at nᵏ.
fn series(n: f64, rows: [&[f64]; ORDER]) -> Series {
    let mut power = 1.0;
    rows.map(|row| {
        power *= n;
        power * row.iter().rev().fold(0.0, |sum, c| sum * n + c)
    })
}

#[rustfmt::skip]
fn from_conformal(n: f64) -> Series {
    series(n, [
        &[2.0, -2.0 / 3.0, -2.0, 116.0 / 45.0, 26.0 / 45.0, -2854.0 / 675.0],
        &[7.0 / 3.0, -8.0 / 5.0, -227.0 / 45.0, 2704.0 / 315.0, 2323.0 / 945.0],
        &[56.0 / 15.0, -136.0 / 35.0, -1262.0 / 105.0, 73814.0 / 2835.0],
        &[4279.0 / 630.0, -332.0 / 35.0, -399_572.0 / 14175.0],
        &[4174.0 / 315.0, -144_838.0 / 6237.0],
        &[601_676.0 / 22275.0],
    ])
}

#[rustfmt::skip]
fn to_conformal(n: f64) -> Series {
    series(n, [
        &[-2.0, 2.0 / 3.0, 4.0 / 3.0, -82.0 / 45.0, 32.0 / 45.0, 4642.0 / 4725.0],
        &[5.0 / 3.0, -16.0 / 15.0, -13.0 / 9.0, 904.0 / 315.0, -1522.0 / 945.0],
        &[-26.0 / 15.0, 34.0 / 21.0, 8.0 / 5.0, -12686.0 / 2835.0],
        &[1237.0 / 630.0, -12.0 / 5.0, -24832.0 / 14175.0],
        &[-734.0 / 315.0, 109_598.0 / 31185.0],
        &[444_337.0 / 155_925.0],
    ])
}

#[rustfmt::skip]
fn to_plane(n: f64) -> Series {
    series(n, [
        &[1.0 / 2.0, -2.0 / 3.0, 5.0 / 16.0, 41.0 / 180.0, -127.0 / 288.0, 7891.0 / 37800.0],
        &[13.0 / 48.0, -3.0 / 5.0, 557.0 / 1440.0, 281.0 / 630.0, -1_983_433.0 / 1_935_360.0],
        &[61.0 / 240.0, -103.0 / 140.0, 15061.0 / 26880.0, 167_603.0 / 181_440.0],
        &[49561.0 / 161_280.0, -179.0 / 168.0, 6_601_661.0 / 7_257_600.0],
        &[34729.0 / 80640.0, -3_418_889.0 / 1_995_840.0],
        &[212_378_941.0 / 319_334_400.0],
    ])
}

#[rustfmt::skip]
fn from_plane(n: f64) -> Series {
    series(n, [
        &[-1.0 / 2.0, 2.0 / 3.0, -37.0 / 96.0, 1.0 / 360.0, 81.0 / 512.0, -96199.0 / 604_800.0],
        &[-1.0 / 48.0, -1.0 / 15.0, 437.0 / 1440.0, -46.0 / 105.0, 1_118_711.0 / 3_870_720.0],
        &[-17.0 / 480.0, 37.0 / 840.0, 209.0 / 4480.0, -5569.0 / 90720.0],
        &[-4397.0 / 161_280.0, 11.0 / 504.0, 830_251.0 / 7_257_600.0],
        &[-4583.0 / 161_280.0, 108_847.0 / 3_991_680.0],
        &[-20_648_693.0 / 638_668_800.0],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proj4rs::{Proj, adaptors::transform_xy};

    #[test]
    fn it_agrees_with_proj4rs_everywhere_that_both_answer() {
        let ours = TransverseMercator::new(
            6_377_397.155,
            299.1528128,
            &Parameters { lat_0: 49.0, lon_0: -2.0, k: 0.9996, x_0: 4e5, y_0: -1e5, ..Parameters::default() },
        );
        let degrees = Proj::from_proj_string("+proj=longlat +ellps=bessel").unwrap();
        let text = "+proj=etmerc +ellps=bessel +lat_0=49 +lon_0=-2 +k=0.9996 +x_0=400000 +y_0=-100000";
        let theirs = Proj::from_proj_string(text).unwrap();
        let mut n_answers = 0;
        for i in -90_i32..=90 {
            for j in -85..=85 {
                let lon = (f64::from(i) * 0.97 - 2.0).to_radians();
                let lat = (f64::from(j) * 1.0588).to_radians();
                let (Some(a), Ok(b)) = (ours.forward(lon, lat), transform_xy(&degrees, &theirs, lon, lat))
                else {
                    continue;
                };
                n_answers += 1;
                // Near a quarter turn from the meridian the scale, and with it the rounding, grows beyond bounds.
                let tolerance_m = if i.abs() <= 75 { 1e-6 } else { 1e-3 };
                assert!((a.0 - b.0).hypot(a.1 - b.1) < tolerance_m, "{lon} {lat}: {a:?} {b:?}");
                if i.abs() > 45 {
                    continue; // the series of both ways part by micrometres there, as PROJ's do
                }
                let back = ours.inverse(a.0, a.1).unwrap();
                let error = ((back.0 - lon) * lat.cos()).hypot(back.1 - lat);
                assert!(error < 1e-13, "{lon} {lat}: {error}");
            }
        }
        assert!(n_answers > 30_000, "{n_answers}");
    }

    #[test]
    fn it_refuses_what_lies_a_quarter_turn_away_on_the_equator() {
        let utm = TransverseMercator::new(
            6_378_137.0,
            298.257222101,
            &Parameters { lon_0: 15.0, k: 0.9996, x_0: 5e5, ..Parameters::default() },
        );
        assert_eq!(utm.forward(105f64.to_radians(), 0.0), None);
        assert_eq!(utm.forward(104f64.to_radians(), 0.009), None);
        assert_eq!(utm.inverse(2e7, 0.0), None);
        assert_eq!(utm.inverse(f64::NAN, 0.0), None);
        let (_, y) = utm.forward(15f64.to_radians(), std::f64::consts::FRAC_PI_2).unwrap();
        assert!((y - 9_997_964.943).abs() < 1e-3, "the pole: {y}");
    }
}
