//! A mapping onto a section of the analysis file.

use super::{AttributeSchema, CoverageSchema, Names, OfferSchema, SchemaFile, find, inspect, names};
use crate::{Failure, source::SourceRef};
use indexmap::IndexMap;
use std::path::Path;
use whitespot_model::{
    config::{
        AreasConfig, Attribute, CoverageConfig, DuplicateIds, Representation, SettlementsConfig, SourceInfo,
        ValueOffer,
        need::{IndicatorColumns, IndicatorConfig},
        source::FieldAttribute,
    },
    crs::CrsDeclaration,
    features::SourceSchema,
    finding::Finding,
};

pub(super) fn settlements(name: &str, config: &mut SettlementsConfig, base: &Path) -> Result<(), Failure> {
    let file = find(name, base, "settlements")?;
    let schema = file.settlements.clone().ok_or_else(|| says_nothing(name, "settlements", &file))?;
    config.encoding = config.encoding.take().or(schema.encoding);
    config.cell_m = config.cell_m.or(schema.cell_m);
    config.source = sourced(config.source.take(), &file);
    if config.representation == Representation::default() {
        config.representation = schema.representation.unwrap_or_default();
    }
    if config.duplicate_ids == DuplicateIds::default() {
        config.duplicate_ids = schema.duplicate_ids.unwrap_or_default();
    }
    let snapshot = config.clone();
    let source =
        reference("settlements", &snapshot.file, base, &snapshot.layer, &snapshot.encoding, &snapshot.filter);
    let Some(found) = inspect(&source) else { return Ok(()) };
    let column = |role: &str| wanted(&schema.columns, role, &found);
    let columns = &mut config.columns;
    let is_told = columns.x.is_some() || columns.y.is_some() || columns.cell.is_some();
    if !found.has_geometry && !is_told {
        (columns.x, columns.y) = (column("x"), column("y"));
        if columns.x.is_none() || columns.y.is_none() {
            (columns.x, columns.y) = (None, None);
            columns.cell = column("cell");
        }
    }
    for (slot, role) in [
        (&mut columns.id, "id"),
        (&mut columns.persons, "persons"),
        (&mut columns.households, "households"),
        (&mut columns.workplaces, "workplaces"),
        (&mut columns.class, "class"),
    ] {
        *slot = slot.take().or_else(|| column(role));
    }
    if config.parts.is_empty() {
        let in_file = |group: &Vec<String>| {
            group
                .iter()
                .map(|n| names::first(std::slice::from_ref(n), &found.fields))
                .collect::<Option<Vec<_>>>()
        };
        let parts = schema.parts.iter().find_map(in_file);
        config.parts = parts.into_iter().flatten().map(str::to_string).collect();
    }
    config.crs = config.crs.take().or_else(|| crs_where_none(&found, schema.crs));
    let persons = schema.columns.get("persons").filter(|_| config.columns.persons.is_none());
    match persons {
        Some(names) if !found.fields.iter().any(|f| f == "persons" || f == whitespot_io::RASTER_VALUE) => {
            Err(vec![none_of(&source, name, "persons", names, &found)])
        }
        _ => Ok(()),
    }
}

pub(super) fn areas(name: &str, path: &Path, config: &mut AreasConfig, base: &Path) -> Result<(), Failure> {
    let file = find(name, base, "areas")?;
    let schema = file.areas.clone().ok_or_else(|| says_nothing(name, "areas", &file))?;
    config.encoding = config.encoding.take().or(schema.encoding);
    config.source = sourced(config.source.take(), &file);
    let (layer, encoding, filter) = (config.layer.clone(), config.encoding.clone(), config.filter.clone());
    let source = reference("areas", path, base, &layer, &encoding, &filter);
    let Some(found) = inspect(&source) else { return Ok(()) };
    let columns = &mut config.columns;
    for (slot, role) in
        [(&mut columns.code, "code"), (&mut columns.name, "name"), (&mut columns.land_km2, "land_km2")]
    {
        *slot = slot.take().or_else(|| wanted(&schema.columns, role, &found));
    }
    if config.parent.is_none() {
        columns.parent = columns.parent.take().or_else(|| wanted(&schema.columns, "parent", &found));
    }
    config.crs = config.crs.take().or_else(|| crs_where_none(&found, schema.crs));
    match schema.columns.get("code").filter(|_| config.columns.code.is_none()) {
        Some(names) => Err(vec![none_of(&source, name, "code", names, &found)]),
        None => Ok(()),
    }
}

pub(super) fn coverage(name: &str, config: &mut CoverageConfig, base: &Path) -> Result<(), Failure> {
    let section = format!("coverage {}", config.id);
    let file = find(name, base, &section)?;
    let schema = file.coverage.clone().ok_or_else(|| says_nothing(name, "coverage", &file))?;
    config.encoding = config.encoding.take().or(schema.encoding.clone());
    config.kind = config.kind.or(schema.kind);
    config.key_prefix = config.key_prefix.take().or(schema.key_prefix.clone());
    config.cell_m = config.cell_m.or(schema.cell_m);
    config.min_value = config.min_value.or(schema.min_value);
    config.source = sourced(config.source.take(), &file);
    for (column, values) in &schema.filter {
        config.filter.entry(column.clone()).or_insert_with(|| values.clone());
    }
    let snapshot = config.clone();
    let source =
        reference(&section, &snapshot.file, base, &snapshot.layer, &snapshot.encoding, &snapshot.filter);
    let Some(found) = inspect(&source) else { return Ok(()) };
    let mut failure = Failure::new();
    for (slot, given) in [
        (&mut config.technology, &schema.technology),
        (&mut config.operator, &schema.operator),
        (&mut config.download_mbps, &schema.download_mbps),
        (&mut config.upload_mbps, &schema.upload_mbps),
        (&mut config.status, &schema.status),
        (&mut config.basis, &schema.basis),
        (&mut config.level, &schema.level),
    ] {
        *slot = slot.take().or_else(|| given.as_ref().and_then(|a| attribute(a, &found)));
    }
    if let (Some(AttributeSchema::Field(field)), None) = (&schema.download_mbps, &config.download_mbps) {
        failure.push(none_of(&source, name, "download_mbps", &field.field, &found));
    }
    whom(config, &schema, &source, name, &found, &mut failure);
    if config.offers.is_empty() && config.value.is_none() && !schema.offers.is_empty() {
        config.offers = schema.offers.iter().flat_map(|o| offers(o, &found)).collect();
        if config.offers.is_empty() {
            failure.push(none_of(&source, name, "offers", &schema.offers[0].value, &found));
        }
    }
    config.crs = config.crs.take().or_else(|| {
        let is_placed = config.columns.cell.is_none();
        schema.crs.filter(|_| is_placed).and_then(|crs| crs_where_none(&found, Some(crs)))
    });
    if failure.is_empty() { Ok(()) } else { Err(failure) }
}

/// Where the rows of a table lie or whom they are about.
fn whom(
    config: &mut CoverageConfig,
    schema: &CoverageSchema,
    source: &SourceRef<'_>,
    name: &str,
    found: &SourceSchema,
    failure: &mut Failure,
) {
    if found.has_geometry || config.key.is_some() || !config.columns.is_empty() {
        return;
    }
    let column = |role: &str| wanted(&schema.columns, role, found);
    let columns = &mut config.columns;
    (columns.x, columns.y) = (column("x"), column("y"));
    if columns.x.is_none() || columns.y.is_none() {
        (columns.x, columns.y) = (None, None);
        columns.wkt = column("wkt");
        columns.cell = column("cell").filter(|_| columns.wkt.is_none());
        let is_placed = columns.wkt.is_some() || columns.cell.is_some();
        columns.id = column("id").filter(|_| !is_placed);
        columns.code = column("code").filter(|_| !is_placed && columns.id.is_none());
    }
    if columns.is_empty()
        && let Some((role, names)) = schema.columns.iter().next()
    {
        failure.push(none_of(source, name, role, names, found));
    }
}

pub(super) fn statistics(
    name: &str,
    path: &Path,
    config: &mut IndicatorConfig,
    base: &Path,
) -> Result<(), Failure> {
    let section = format!("need.indicators {}", config.id);
    let file = find(name, base, &section)?;
    let schema = file.statistics.clone().ok_or_else(|| says_nothing(name, "statistics", &file))?;
    config.source = sourced(config.source.take(), &file);
    let (layer, encoding, filter) = (config.layer.clone(), config.encoding.clone(), config.filter.clone());
    let source = reference(&section, path, base, &layer, &encoding, &filter);
    let Some(found) = inspect(&source) else { return Ok(()) };
    let mut named = config
        .columns
        .clone()
        .unwrap_or_else(|| IndicatorColumns { code: String::new(), value: String::new() });
    let is_there = |column: &str| found.fields.iter().any(|f| f == column);
    if !is_there(&named.code)
        && let Some(names) = &schema.code
    {
        let code = names::first(names.as_slice(), &found.fields);
        named.code = code.ok_or_else(|| vec![none_of(&source, name, "code", names, &found)])?.to_string();
    }
    // Without a name of its own the indicator's id names the value.
    let wanted = if named.value.is_empty() { config.id.clone() } else { named.value.clone() };
    if !is_there(&named.value) {
        match schema.values.get(&wanted) {
            Some(names) => {
                let value = names::first(names.as_slice(), &found.fields);
                named.value =
                    value.ok_or_else(|| vec![none_of(&source, name, &wanted, names, &found)])?.to_string();
            }
            None => {
                let known: Vec<String> = schema.values.keys().cloned().collect();
                return Err(vec![
                    Finding::error(
                        "unknown_value_name",
                        source.name(),
                        format!(
                            "the schema `{name}` knows no value `{wanted}`, and `{}` has no such column",
                            source.name()
                        ),
                    )
                    .with_hint(crate::suggest::hint(&wanted, &known)),
                ]);
            }
        }
    }
    config.columns = Some(named);
    Ok(())
}

fn reference<'a>(
    section: &'a str,
    file: &'a Path,
    base: &'a Path,
    layer: &'a Option<String>,
    encoding: &'a Option<String>,
    filter: &'a whitespot_model::config::Where,
) -> SourceRef<'a> {
    SourceRef {
        role: section,
        section,
        file,
        base,
        layer: layer.as_deref(),
        crs: None,
        encoding: encoding.as_deref(),
        filter,
        info: None,
    }
}

fn wanted(columns: &IndexMap<String, Names>, role: &str, found: &SourceSchema) -> Option<String> {
    columns.get(role).and_then(|names| names::first(names.as_slice(), &found.fields)).map(str::to_string)
}

fn attribute(schema: &AttributeSchema, found: &SourceSchema) -> Option<Attribute> {
    match schema {
        AttributeSchema::Constant(value) => Some(Attribute::Constant(value.clone())),
        AttributeSchema::Field(field) => {
            let name = names::first(field.field.as_slice(), &found.fields)?;
            Some(Attribute::Field(FieldAttribute {
                field: name.to_string(),
                map: field.map.clone(),
                scale: field.scale,
            }))
        }
    }
}

/// The offers that the columns of a file make, in the order of the columns.
fn offers(schema: &OfferSchema, found: &SourceSchema) -> Vec<ValueOffer> {
    let make = |value: &str| ValueOffer {
        value: value.to_string(),
        technology: schema.technology.clone(),
        download_mbps: schema.download_mbps,
        status: schema.status.clone(),
        ..ValueOffer::default()
    };
    let patterns = schema.value.as_slice();
    if !patterns.iter().any(|p| p.contains('{')) {
        return names::first(patterns, &found.fields).map(make).into_iter().collect();
    }
    let mut offers = Vec::new();
    for field in &found.fields {
        let Some(holes) = patterns.iter().find_map(|p| names::holes(p, field)) else { continue };
        let mut offer = make(field);
        let mut is_known = true;
        for (hole, text) in holes {
            match hole.as_str() {
                "technology" => {
                    offer.technology = schema.map.get(text).cloned();
                    is_known &= offer.technology.is_some();
                }
                "download_mbps" => {
                    offer.download_mbps = text.parse().ok();
                    is_known &= offer.download_mbps.is_some();
                }
                _ => is_known = false,
            }
        }
        if is_known {
            offers.push(offer);
        }
    }
    offers
}

fn crs_where_none(found: &SourceSchema, crs: Option<String>) -> Option<String> {
    match &found.crs {
        None | Some(CrsDeclaration::Undefined) => crs,
        Some(_) => None,
    }
}

fn sourced(given: Option<SourceInfo>, file: &SchemaFile) -> Option<SourceInfo> {
    let mut info = given.unwrap_or_default();
    let told = |text: &str| Some(text.to_string()).filter(|t| !t.is_empty());
    info.name = info.name.take().or_else(|| told(&file.publisher));
    info.licence = info.licence.take().or_else(|| told(&file.licence));
    Some(info)
}

fn says_nothing(name: &str, section: &str, file: &SchemaFile) -> Failure {
    let has = [
        ("settlements", file.settlements.is_some()),
        ("areas", file.areas.is_some()),
        ("coverage", file.coverage.is_some()),
        ("need.indicators", file.statistics.is_some()),
    ];
    let has: Vec<&str> = has.iter().filter(|(_, is)| *is).map(|(s, _)| *s).collect();
    vec![
        Finding::error("bad_mapping", "", format!("the schema `{name}` says nothing of {section}"))
            .with_hint(format!("it is for {}", has.join(", "))),
    ]
}

fn none_of(source: &SourceRef<'_>, name: &str, role: &str, names: &Names, found: &SourceSchema) -> Finding {
    let listed: Vec<String> = names.as_slice().iter().map(|n| format!("`{n}`")).collect();
    Finding::error(
        "wrong_column",
        source.name(),
        format!("`{}` has none of the columns that the schema `{name}` knows for `{role}`", source.name()),
    )
    .with_evidence(format!("it knows {}", listed.join(", ")))
    .with_hint(format!(
        "name the column yourself in section `{}`; {}",
        source.section,
        crate::suggest::hint("", &found.fields)
    ))
}
