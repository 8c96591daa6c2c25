//! CRSs read from PROJJSON, as GeoParquet carries them.

use super::{
    Crs, CrsError,
    described::{DEGREE, Described, DescribedParameter, DescribedProjection},
    unreadable,
};
use serde_json::Value;

/// The CRS of a PROJJSON text; `null` and empty texts are [`CrsError::Undefined`].
pub(super) fn read(text: &str) -> Result<Crs, CrsError> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed == "null" {
        return Err(CrsError::Undefined);
    }
    let value: Value = serde_json::from_str(trimmed).map_err(|e| unreadable(trimmed, &e.to_string()))?;
    if !value.is_object() {
        return Err(unreadable(trimmed, "it is no PROJJSON object"));
    }
    let described =
        describe(&value).map_err(|reason| CrsError::Unsupported { code: text_of(&value, "name"), reason })?;
    described.resolve()
}

fn describe(crs: &Value) -> Result<Described, String> {
    match text_of(crs, "type").as_str() {
        "CompoundCRS" => describe(crs.pointer("/components/0").ok_or("it has no horizontal part")?),
        "BoundCRS" => describe(crs.get("source_crs").ok_or("its source CRS is missing")?),
        "GeographicCRS" => describe_geographic(crs),
        "GeodeticCRS" if crs.pointer("/coordinate_system/subtype").is_some_and(|s| s == "ellipsoidal") => {
            describe_geographic(crs)
        }
        "ProjectedCRS" => describe_projected(crs),
        kind => Err(format!("a `{kind}` has no place on the Earth that we could tell")),
    }
}

fn describe_geographic(crs: &Value) -> Result<Described, String> {
    let datum = crs.get("datum").or_else(|| crs.get("datum_ensemble")).ok_or("its datum is missing")?;
    let ellipsoid = datum.get("ellipsoid").ok_or("its ellipsoid is missing")?;
    let (a, rf) = axis_and_flattening(ellipsoid).ok_or("its ellipsoid has no size")?;
    let angle_unit = axes_unit(crs).unwrap_or(DEGREE);
    let prime_meridian = datum
        .pointer("/prime_meridian/longitude")
        .and_then(|l| measure(l, DEGREE))
        .map_or(0.0, |radians| radians / DEGREE);
    Ok(Described {
        name: text_of(crs, "name"),
        id: id_of(crs),
        datum: text_of(datum, "name"),
        a,
        rf,
        to_wgs84: None,
        prime_meridian,
        angle_unit,
        projection: None,
        has_reversed_axis: has_reversed_axis(crs),
    })
}

fn describe_projected(crs: &Value) -> Result<Described, String> {
    let base = crs.get("base_crs").ok_or("its geographic base is missing")?;
    let conversion = crs.get("conversion").ok_or("its projection is missing")?;
    let none = Vec::new();
    let parameters = conversion.get("parameters").and_then(Value::as_array).unwrap_or(&none);
    let parameters = parameters.iter().map(|p| DescribedParameter {
        name: text_of(p, "name"),
        value: p.get("value").and_then(Value::as_f64).unwrap_or(f64::NAN),
        unit: p.get("unit").and_then(unit),
    });
    Ok(Described {
        name: text_of(crs, "name"),
        id: id_of(crs),
        projection: Some(DescribedProjection {
            method: conversion.get("method").map(|m| text_of(m, "name")).unwrap_or_default(),
            parameters: parameters.collect(),
            unit_m: axes_unit(crs).unwrap_or(1.0),
            proj4: None,
        }),
        has_reversed_axis: has_reversed_axis(crs),
        ..describe_geographic(base)?
    })
}

fn axis_and_flattening(ellipsoid: &Value) -> Option<(f64, f64)> {
    let length = |key: &str| ellipsoid.get(key).and_then(|v| measure(v, 1.0));
    if let Some(radius) = length("radius") {
        return Some((radius, 0.0));
    }
    let a = length("semi_major_axis")?;
    if let Some(rf) = length("inverse_flattening") {
        return Some((a, rf));
    }
    let b = length("semi_minor_axis")?;
    Some((a, if a == b { 0.0 } else { a / (a - b) }))
}

/// A number, or `{ "value": …, "unit": … }`, in radians or metres.
fn measure(value: &Value, default_unit: f64) -> Option<f64> {
    match value.as_f64() {
        Some(number) => Some(number * default_unit),
        None => {
            let unit = value.get("unit").and_then(unit).unwrap_or(default_unit);
            Some(value.get("value")?.as_f64()? * unit)
        }
    }
}

/// Radians or metres of a unit, by name or with its factor.
fn unit(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("degree") => Some(DEGREE),
        Some("metre" | "unity") => Some(1.0),
        _ => value.get("conversion_factor")?.as_f64(),
    }
}

fn axes(crs: &Value) -> impl Iterator<Item = &Value> {
    crs.pointer("/coordinate_system/axis").and_then(Value::as_array).into_iter().flatten()
}

fn axes_unit(crs: &Value) -> Option<f64> {
    axes(crs).find_map(|axis| axis.get("unit").and_then(unit))
}

fn has_reversed_axis(crs: &Value) -> bool {
    axes(crs).any(|axis| matches!(text_of(axis, "direction").as_str(), "west" | "south"))
}

/// `id`, or the first of `ids`.
fn id_of(crs: &Value) -> Option<(String, String)> {
    let id = crs.get("id").or_else(|| crs.pointer("/ids/0"))?;
    let code = id.get("code")?;
    let code = code.as_str().map_or_else(|| code.to_string(), str::to_string);
    Some((text_of(id, "authority"), code))
}

fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_string()
}
