//! CRSs written as PROJJSON, as GeoParquet carries them: <https://proj.org/schemas/v0.7/projjson.schema.json>.

use super::{
    Crs,
    definition::{Datum, DatumRef, Definition, Method, Parameters},
};
use serde_json::{Value, json};

const SCHEMA: &str = "https://proj.org/schemas/v0.7/projjson.schema.json";

/// The text of a CRS. Axes are in the order of EPSG, since a definition in another order is not found equal by PROJ;
/// GeoParquet stores x first whatever they say. The shift to WGS 84 of a datum that a file describes itself is left out.
pub(super) fn write(crs: &Crs) -> String {
    let mut value = match crs.definition.method {
        Method::Geographic => geographic(&crs.definition, Some(&crs.name)),
        _ => projected(crs),
    };
    value["$schema"] = json!(SCHEMA);
    if let Some(id) = id(&crs.code) {
        value["id"] = id;
    }
    value.to_string()
}

fn projected(crs: &Crs) -> Value {
    let (method, parameters) = conversion(&crs.definition);
    let unit = match crs.definition.unit_m {
        1.0 => json!("metre"),
        factor => json!({ "type": "LinearUnit", "name": "unknown", "conversion_factor": factor }),
    };
    let axis = |name: &str, short: &str, direction: &str| json!({ "name": name, "abbreviation": short, "direction": direction, "unit": unit });
    let (easting, northing) = (axis("Easting", "E", "east"), axis("Northing", "N", "north"));
    // WKT 1 as GDAL writes it has axes where easting is the first.
    let axes = if crs.has_wkt1_axes { [easting, northing] } else { [northing, easting] };
    json!({
        "type": "ProjectedCRS",
        "name": crs.name,
        "base_crs": geographic(&crs.definition, None),
        "conversion": { "name": crs.name, "method": method, "parameters": parameters },
        "coordinate_system": {
            "subtype": "Cartesian",
            "axis": axes,
        },
    })
}

fn geographic(definition: &Definition, own_name: Option<&str>) -> Value {
    let (name, datum, code) = match &definition.datum {
        DatumRef::Known(datum) => (datum.geographic.0, known_datum(datum), Some(datum.geographic.1)),
        DatumRef::Described { name, a, rf, .. } => {
            let ellipsoid = json!({ "name": "unknown", "semi_major_axis": a, "inverse_flattening": rf });
            (
                "unknown",
                json!({ "type": "GeodeticReferenceFrame", "name": name, "ellipsoid": ellipsoid }),
                None,
            )
        }
    };
    let axis = |name: &str, short: &str, direction: &str| json!({ "name": name, "abbreviation": short, "direction": direction, "unit": "degree" });
    let mut value = json!({
        "type": "GeographicCRS",
        "name": own_name.unwrap_or(name),
        "datum": datum,
        "coordinate_system": {
            "subtype": "ellipsoidal",
            "axis": [axis("Geodetic latitude", "Lat", "north"), axis("Geodetic longitude", "Lon", "east")],
        },
    });
    if let (None, Some(code)) = (own_name, code) {
        value["id"] = json!({ "authority": "EPSG", "code": code });
    }
    value
}

fn known_datum(datum: &Datum) -> Value {
    // WKT 1 writes the names of EPSG with underscores, and has one of its own for WGS 84.
    let name = if datum.name == "WGS_1984" {
        "World Geodetic System 1984".to_string()
    } else {
        datum.name.replace('_', " ")
    };
    let ellipsoid = datum.ellipsoid;
    json!({
        "type": "GeodeticReferenceFrame",
        "name": name,
        "ellipsoid": {
            "name": ellipsoid.name, "semi_major_axis": ellipsoid.a, "inverse_flattening": ellipsoid.rf,
        },
    })
}

/// The method and its parameters with the names and codes of EPSG.
fn conversion(definition: &Definition) -> (Value, Vec<Value>) {
    let Parameters { lat_0, lon_0, lat_1, lat_2, k, x_0, y_0 } = definition.parameters;
    let parameter = |code: u32, name: &str, value: f64, unit: &str| json!({ "name": name, "value": value, "unit": unit, "id": { "authority": "EPSG", "code": code } });
    let lat = parameter(8801, "Latitude of natural origin", lat_0, "degree");
    let lon = parameter(8802, "Longitude of natural origin", lon_0, "degree");
    let scale = parameter(8805, "Scale factor at natural origin", k, "unity");
    let parallel = parameter(8823, "Latitude of 1st standard parallel", lat_1, "degree");
    let offsets =
        [parameter(8806, "False easting", x_0, "metre"), parameter(8807, "False northing", y_0, "metre")];
    let two_parallels = || {
        vec![
            parameter(8821, "Latitude of false origin", lat_0, "degree"),
            parameter(8822, "Longitude of false origin", lon_0, "degree"),
            parallel.clone(),
            parameter(8824, "Latitude of 2nd standard parallel", lat_2, "degree"),
            parameter(8826, "Easting at false origin", x_0, "metre"),
            parameter(8827, "Northing at false origin", y_0, "metre"),
        ]
    };
    let with_offsets = |first: &[&Value]| first.iter().copied().chain(&offsets).cloned().collect();
    let (name, code, parameters): (&str, Option<u32>, Vec<Value>) = match definition.method {
        Method::Geographic => ("", None, Vec::new()),
        Method::TransverseMercator => {
            ("Transverse Mercator", Some(9807), with_offsets(&[&lat, &lon, &scale]))
        }
        Method::LambertConformal1 => {
            ("Lambert Conic Conformal (1SP)", Some(9801), with_offsets(&[&lat, &lon, &scale]))
        }
        Method::ObliqueStereographic => {
            ("Oblique Stereographic", Some(9809), with_offsets(&[&lat, &lon, &scale]))
        }
        Method::LambertConformal2 => ("Lambert Conic Conformal (2SP)", Some(9802), two_parallels()),
        Method::AlbersEqualArea => ("Albers Equal Area", Some(9822), two_parallels()),
        Method::LambertAzimuthalEqualArea => {
            ("Lambert Azimuthal Equal Area", Some(9820), with_offsets(&[&lat, &lon]))
        }
        Method::CylindricalEqualArea => {
            ("Lambert Cylindrical Equal Area", Some(9835), with_offsets(&[&parallel, &lon]))
        }
        Method::Mercator if lat_1 != 0.0 => {
            ("Mercator (variant B)", Some(9805), with_offsets(&[&parallel, &lon]))
        }
        Method::Mercator => ("Mercator (variant A)", Some(9804), with_offsets(&[&lat, &lon, &scale])),
        Method::WebMercator => {
            ("Popular Visualisation Pseudo Mercator", Some(1024), with_offsets(&[&lat, &lon]))
        }
        Method::Mollweide => ("Mollweide", None, with_offsets(&[&lon])),
        Method::SwissObliqueMercator => (
            "Hotine Oblique Mercator (variant B)",
            Some(9815),
            vec![
                parameter(8811, "Latitude of projection centre", lat_0, "degree"),
                parameter(8812, "Longitude of projection centre", lon_0, "degree"),
                parameter(8813, "Azimuth at projection centre", 90.0, "degree"),
                parameter(8814, "Angle from Rectified to Skew Grid", 90.0, "degree"),
                parameter(8815, "Scale factor at projection centre", k, "unity"),
                parameter(8816, "Easting at projection centre", x_0, "metre"),
                parameter(8817, "Northing at projection centre", y_0, "metre"),
            ],
        ),
    };
    let mut method = json!({ "name": name });
    if let Some(code) = code {
        method["id"] = json!({ "authority": "EPSG", "code": code });
    }
    (method, parameters)
}

/// `{"authority":"EPSG","code":3006}` of a code; nothing for a name that is no code.
fn id(code: &str) -> Option<Value> {
    let (authority, number) = code.split_once(':').filter(|(authority, _)| !authority.contains(' '))?;
    let code = number.parse::<u32>().map_or_else(|_| json!(number), |n| json!(n));
    Some(json!({ "authority": authority, "code": code }))
}
