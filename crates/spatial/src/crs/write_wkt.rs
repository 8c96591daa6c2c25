//! CRSs written as OGC WKT 1, character for character as GDAL writes the shipped codes.

use super::{
    Crs,
    definition::{Datum, DatumRef, Definition, Method, Parameters, Shift},
};
use std::fmt::Write as _;

/// The text of a CRS.
pub(super) fn write(crs: &Crs) -> String {
    let id = authority(&crs.code);
    if crs.definition.method == Method::Geographic {
        return geographic(&crs.definition, Some((&crs.name, id)));
    }
    let base = geographic(&crs.definition, None);
    let (method, parameters) = projection(&crs.definition);
    let mut text = format!("PROJCS[{},{base},PROJECTION[\"{method}\"]", quoted(&crs.name));
    for (name, value) in parameters {
        let _ = write!(text, ",PARAMETER[\"{name}\",{}]", number(value));
    }
    let unit_m = crs.definition.unit_m;
    if unit_m == 1.0 {
        text.push_str(",UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]]");
    } else {
        let _ = write!(text, ",UNIT[\"unknown\",{unit_m}]");
    }
    if crs.has_wkt1_axes {
        text.push_str(",AXIS[\"Easting\",EAST],AXIS[\"Northing\",NORTH]");
    }
    if crs.definition.method == Method::WebMercator {
        // WKT 1 has no word for it; every reader knows this one.
        text.push_str(
            ",EXTENSION[\"PROJ4\",\"+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 \
             +units=m +nadgrids=@null +wktext +no_defs\"]",
        );
    }
    text + &id + "]"
}

fn geographic(definition: &Definition, own: Option<(&str, String)>) -> String {
    let (name, datum, id) = match &definition.datum {
        DatumRef::Known(datum) => {
            let (name, code) = datum.geographic;
            (name.to_string(), known_datum(datum), format!(",AUTHORITY[\"EPSG\",\"{code}\"]"))
        }
        DatumRef::Described { name, a, rf, shift } => {
            ("unknown".to_string(), described_datum(name, *a, *rf, *shift), String::new())
        }
    };
    let (name, id) = match own {
        Some((name, id)) => (name.to_string(), id),
        None => (name, id),
    };
    format!(
        "GEOGCS[{},{datum},PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],\
         UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]]{id}]",
        quoted(&name)
    )
}

fn known_datum(datum: &Datum) -> String {
    let ellipsoid = datum.ellipsoid;
    format!(
        "DATUM[\"{}\",SPHEROID[\"{}\",{},{},AUTHORITY[\"EPSG\",\"{}\"]],AUTHORITY[\"EPSG\",\"{}\"]]",
        datum.name, ellipsoid.name, ellipsoid.a, ellipsoid.rf, ellipsoid.epsg, datum.epsg
    )
}

fn described_datum(name: &str, a: f64, rf: f64, shift: Shift) -> String {
    let to_wgs84 = match shift {
        Shift::Null => String::new(),
        Shift::Helmert(values) => {
            let values: Vec<String> = values.iter().map(f64::to_string).collect();
            format!(",TOWGS84[{}]", values.join(","))
        }
    };
    format!("DATUM[{},SPHEROID[\"unknown\",{a},{rf}]{to_wgs84}]", quoted(name))
}

/// Name of the method and its parameters in the order and with the names of OGC 01-009.
fn projection(definition: &Definition) -> (&'static str, Vec<(&'static str, f64)>) {
    let Parameters { lat_0, lon_0, lat_1, lat_2, k, x_0, y_0 } = definition.parameters;
    let offsets = [("false_easting", x_0 / definition.unit_m), ("false_northing", y_0 / definition.unit_m)];
    let natural = vec![("latitude_of_origin", lat_0), ("central_meridian", lon_0), ("scale_factor", k)];
    let parallels = [("standard_parallel_1", lat_1), ("standard_parallel_2", lat_2)];
    let (name, mut parameters) = match definition.method {
        Method::Geographic => ("", Vec::new()),
        Method::TransverseMercator => ("Transverse_Mercator", natural),
        Method::LambertConformal1 => ("Lambert_Conformal_Conic_1SP", natural),
        Method::ObliqueStereographic => ("Oblique_Stereographic", natural),
        Method::LambertConformal2 => {
            let origin = [("latitude_of_origin", lat_0), ("central_meridian", lon_0)];
            ("Lambert_Conformal_Conic_2SP", origin.into_iter().chain(parallels).collect())
        }
        Method::AlbersEqualArea => {
            let origin = [("latitude_of_center", lat_0), ("longitude_of_center", lon_0)];
            ("Albers_Conic_Equal_Area", origin.into_iter().chain(parallels).collect())
        }
        Method::LambertAzimuthalEqualArea => (
            "Lambert_Azimuthal_Equal_Area",
            vec![("latitude_of_center", lat_0), ("longitude_of_center", lon_0)],
        ),
        Method::CylindricalEqualArea => {
            ("Cylindrical_Equal_Area", vec![("standard_parallel_1", lat_1), ("central_meridian", lon_0)])
        }
        Method::Mercator if lat_1 != 0.0 => {
            ("Mercator_2SP", vec![("standard_parallel_1", lat_1), ("central_meridian", lon_0)])
        }
        Method::Mercator | Method::WebMercator => {
            ("Mercator_1SP", vec![("central_meridian", lon_0), ("scale_factor", k)])
        }
        Method::Mollweide => ("Mollweide", vec![("central_meridian", lon_0)]),
        Method::SwissObliqueMercator => (
            "Hotine_Oblique_Mercator_Azimuth_Center",
            vec![
                ("latitude_of_center", lat_0),
                ("longitude_of_center", lon_0),
                ("azimuth", 90.0),
                ("rectified_grid_angle", 90.0),
                ("scale_factor", k),
            ],
        ),
    };
    parameters.extend(offsets);
    (name, parameters)
}

/// `,AUTHORITY["EPSG","3006"]` of a code; nothing for a name that is no code.
fn authority(code: &str) -> String {
    match code.split_once(':') {
        Some((authority, number)) if !authority.contains(' ') => {
            format!(",AUTHORITY[{},{}]", quoted(authority), quoted(number))
        }
        _ => String::new(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Fifteen significant digits, as GDAL prints.
fn number(value: f64) -> String {
    let whole_digits = value.abs().max(1.0).log10().floor() as usize + 1;
    let text = format!("{value:.*}", 15_usize.saturating_sub(whole_digits));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}
