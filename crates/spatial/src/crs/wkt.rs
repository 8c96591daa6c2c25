//! CRSs read from well-known text: WKT 1 as GDAL and ESRI write it, and WKT 2.

use super::{
    Crs, CrsError,
    described::{DEGREE, Described, DescribedParameter, DescribedProjection},
    unreadable,
    wkt_tree::Node,
};

const PROJECTED: [&str; 3] = ["PROJCS", "PROJCRS", "PROJECTEDCRS"];
const GEOGRAPHIC: [&str; 8] = [
    "GEOGCS",
    "GEOGCRS",
    "GEOGRAPHICCRS",
    "GEODCRS",
    "GEODETICCRS",
    "BASEGEOGCRS",
    "BASEGEODCRS",
    "BASEGEOGRAPHICCRS",
];
const UNIT: [&str; 4] = ["UNIT", "LENGTHUNIT", "ANGLEUNIT", "SCALEUNIT"];

/// The CRS of a text; empty texts and the `undefined` of GeoPackages are [`CrsError::Undefined`].
pub(super) fn read(text: &str) -> Result<Crs, CrsError> {
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("undefined") {
        return Err(CrsError::Undefined);
    }
    let root = Node::parse(trimmed).map_err(|reason| unreadable(trimmed, &reason))?;
    let described = describe(&root).map_err(|reason| CrsError::Unsupported {
        code: match root.name() {
            "" => root.keyword.to_string(),
            name => name.to_string(),
        },
        reason,
    })?;
    described.resolve().map(|crs| crs.with_source_wkt(trimmed))
}

fn describe(root: &Node<'_>) -> Result<Described, String> {
    if root.is(&["COMPD_CS", "COMPOUNDCRS", "BOUNDCRS", "SOURCECRS"]) {
        let horizontal = |c: &&Node<'_>| {
            c.is(&PROJECTED) || c.is(&GEOGRAPHIC) || c.is(&["SOURCECRS", "BOUNDCRS", "COMPOUNDCRS"])
        };
        let part = root.children.iter().find(horizontal);
        return describe(part.ok_or("it has no horizontal part")?);
    }
    if root.is(&GEOGRAPHIC) {
        if root.child(&["CS"]).is_some_and(|cs| cs.words.iter().any(|w| w.eq_ignore_ascii_case("Cartesian")))
        {
            return Err("geocentric coordinates are not supported".to_string());
        }
        return describe_geographic(root);
    }
    if root.is(&PROJECTED) {
        return describe_projected(root);
    }
    Err(format!("a `{}` has no place on the Earth that we could tell", root.keyword))
}

fn describe_geographic(node: &Node<'_>) -> Result<Described, String> {
    let datum = node.child(&["DATUM", "ENSEMBLE", "GEODETICDATUM", "TRF"]).ok_or("its datum is missing")?;
    let ellipsoid = datum.child(&["ELLIPSOID", "SPHEROID"]).ok_or("its ellipsoid is missing")?;
    let [a, rf, ..] = ellipsoid.numbers[..] else {
        return Err("its ellipsoid has no size".to_string());
    };
    let to_wgs84 = match datum.child(&["TOWGS84"]).map(|t| &t.numbers[..]) {
        Some(&[x, y, z]) => Some([x, y, z, 0.0, 0.0, 0.0, 0.0]),
        Some(&[x, y, z, rx, ry, rz, s]) => Some([x, y, z, rx, ry, rz, s]),
        _ => None,
    };
    let angle_unit = unit_of(node, "ANGLEUNIT").unwrap_or(DEGREE);
    let prime_meridian = node.child(&["PRIMEM", "PRIMEMERIDIAN"]).map_or(0.0, |p| {
        let unit = unit_of(p, "ANGLEUNIT").unwrap_or(angle_unit);
        p.numbers.first().copied().unwrap_or(0.0) * unit / DEGREE
    });
    Ok(Described {
        name: node.name().to_string(),
        id: id_of(node),
        datum: datum.name().to_string(),
        a: a * unit_of(ellipsoid, "LENGTHUNIT").unwrap_or(1.0),
        rf,
        to_wgs84,
        prime_meridian,
        angle_unit,
        projection: None,
        has_reversed_axis: has_reversed_axis(node),
    })
}

fn describe_projected(node: &Node<'_>) -> Result<Described, String> {
    let base = node.child(&GEOGRAPHIC).ok_or("its geographic base is missing")?;
    // WKT 2 keeps method and parameters in a CONVERSION, WKT 1 in the node itself.
    let conversion = node.child(&["CONVERSION"]).unwrap_or(node);
    let method = conversion.child(&["METHOD", "PROJECTION"]).ok_or("its projection method is missing")?;
    let parameters =
        conversion.children.iter().filter(|c| c.is(&["PARAMETER"])).map(|p| DescribedParameter {
            name: p.name().to_string(),
            value: p.numbers.first().copied().unwrap_or(f64::NAN),
            unit: p.child(&UNIT).and_then(|u| u.numbers.first().copied()),
        });
    let proj4 = node.children.iter().find(|c| c.is(&["EXTENSION"]) && c.name().eq_ignore_ascii_case("PROJ4"));
    let described = describe_geographic(base)?;
    Ok(Described {
        name: node.name().to_string(),
        id: id_of(node),
        projection: Some(DescribedProjection {
            method: method.name().to_string(),
            parameters: parameters.collect(),
            unit_m: unit_of(node, "LENGTHUNIT").unwrap_or(1.0),
            proj4: proj4.and_then(|e| e.texts.get(1).cloned()),
        }),
        has_reversed_axis: has_reversed_axis(node),
        ..described
    })
}

/// Unit of a node: its own, or in WKT 2 that of its axes.
fn unit_of(node: &Node<'_>, kind: &str) -> Option<f64> {
    let own = |n: &Node<'_>| n.child(&["UNIT", kind]).and_then(|u| u.numbers.first().copied());
    own(node).or_else(|| node.children.iter().filter(|c| c.is(&["AXIS"])).find_map(own))
}

/// Authority and code of the node itself: `AUTHORITY["EPSG","3006"]` or `ID["EPSG",3006]`.
fn id_of(node: &Node<'_>) -> Option<(String, String)> {
    let id = node.child(&["AUTHORITY", "ID"])?;
    let code = id.texts.get(1).cloned().or_else(|| id.numbers.first().map(|n| n.to_string()));
    Some((id.name().to_string(), code?))
}

fn has_reversed_axis(node: &Node<'_>) -> bool {
    let is_reversed = |w: &str| w.eq_ignore_ascii_case("west") || w.eq_ignore_ascii_case("south");
    node.children.iter().filter(|c| c.is(&["AXIS"])).any(|a| a.words.iter().any(|w| is_reversed(w)))
}
