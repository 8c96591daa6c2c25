//! `datapackage.json`: the folder as a Data Package (specs.frictionlessdata.io, version 1), so that tools read the
//! tables with their types, units and meanings.

use super::{Described, LANGUAGES, PublicFile, description};
use crate::failure::Failure;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use whitespot_model::{
    config::Lang,
    measures::column_word,
    table::{Table, TableColumn, Unit, Values},
};

pub(super) fn text(described: &Described<'_>, files: &[PublicFile]) -> Result<String, Failure> {
    let Described { result, analysis, .. } = described;
    let title = |lang| analysis.title.in_lang(lang);
    let mut package = json!({
        "profile": "data-package",
        "name": format!("whitespot-{}", result.run_id),
        "id": result.run_id,
        "version": result.version,
        "title": title(analysis.language.first().copied().unwrap_or(Lang::En)),
        "title_sv": title(Lang::Sv),
        "title_en": title(Lang::En),
        "description": LANGUAGES.map(|lang| description(described, lang)).join("\n\n"),
        "sources": sources(described),
        "resources": files.iter().map(|file| resource(described.tables, file)).collect::<Vec<_>>(),
    });
    if let (Some(publication), Some(package)) = (&analysis.publication, package.as_object_mut()) {
        if let Some(licence) = &publication.licence {
            package.insert("licenses".into(), json!([{ "path": licence }]));
        }
        if let Some(publisher) = &publication.publisher {
            let mut contributor = json!({ "title": publisher, "role": "publisher" });
            if let (Some(email), Some(contributor)) = (&publication.email, contributor.as_object_mut()) {
                contributor.insert("email".into(), json!(email));
            }
            package.insert("contributors".into(), json!([contributor]));
        }
        let keywords: Vec<&String> = publication.keywords.values().flatten().collect();
        if !keywords.is_empty() {
            package.insert("keywords".into(), json!(keywords));
        }
    }
    let mut text = serde_json::to_string_pretty(&package).map_err(anyhow::Error::from)?;
    text.push('\n');
    Ok(text)
}

fn sources(described: &Described<'_>) -> Vec<Value> {
    described
        .result
        .inputs
        .iter()
        .map(|input| {
            let facts = [input.owner.as_deref(), input.date.as_deref(), input.licence.as_deref()];
            let facts: Vec<&str> = facts.into_iter().flatten().collect();
            let made_up = if input.synthetic { " (made up)" } else { "" };
            let title = format!("{}{made_up}: {}", input.role, facts.join(", "));
            json!({ "title": title.trim_end_matches([':', ' ']), "hash": format!("sha256:{}", input.sha256) })
        })
        .collect()
}

/// Sizes and checksums of the files as they are now; files that were not listed come last.
pub(super) fn refresh(package: &mut Value, files: &[PublicFile]) {
    let Some(resources) = package["resources"].as_array_mut() else { return };
    for file in files {
        match resources.iter_mut().find(|r| r["path"] == file.path.as_str()) {
            Some(resource) => {
                resource["bytes"] = json!(file.bytes);
                resource["hash"] = json!(format!("sha256:{}", file.sha256));
            }
            None => resources.push(resource(&BTreeMap::new(), file)),
        }
    }
}

fn resource(tables: &BTreeMap<String, Table>, file: &PublicFile) -> Value {
    let kind = file.kind;
    let stem = file.path.replace(['/', '.'], "-");
    let mut resource = json!({
        // Names are lower-case letters, digits, `-`, `_` and `.`.
        "name": column_word(&stem).replace('_', "-"),
        "path": file.path,
        // Otherwise the frictionless tool opens Parquet and workbooks as tables, which needs its extras.
        "type": "file",
        "title": format!("{} ({})", file.path, kind.name),
        "description": format!("{} / {}", kind.sv, kind.en),
        "format": kind.extension,
        "mediatype": kind.media_type,
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
    });
    if let (Some(table), Some(resource)) =
        (tables.get(&format!("public/{}", file.path)), resource.as_object_mut())
    {
        resource.insert("type".into(), json!("table"));
        resource.insert("profile".into(), json!("tabular-data-resource"));
        resource.insert("encoding".into(), json!("utf-8"));
        resource
            .insert("dialect".into(), json!({ "delimiter": ",", "quoteChar": "\"", "doubleQuote": true }));
        resource.insert("schema".into(), schema(table));
    }
    resource
}

fn schema(table: &Table) -> Value {
    json!({
        "fields": table.columns.iter().map(field).collect::<Vec<_>>(),
        "missingValues": [""],
    })
}

fn field(column: &TableColumn) -> Value {
    let mut field = Map::new();
    field.insert("name".into(), json!(column.name));
    let kind = match column.values {
        Values::Text(_) => "string",
        Values::Int(_) => "integer",
        Values::Real(_) => "number",
        Values::Bool(_) => "boolean",
    };
    field.insert("type".into(), json!(kind));
    field.insert("title".into(), json!(column.label_sv));
    field.insert("description".into(), json!(format!("{} / {}", column.label_sv, column.label_en)));
    field.insert("title_sv".into(), json!(column.label_sv));
    field.insert("title_en".into(), json!(column.label_en));
    if let Some(unit) = unit_symbol(column.unit) {
        field.insert("unit".into(), json!(unit));
    }
    // The bounds of an estimated share may lie beyond 0 and 1.
    let is_bounded = |v: &Values| (0..v.len()).filter_map(|i| v.number(i)).all(|x| (0.0..=1.0).contains(&x));
    if column.unit == Unit::Share && is_bounded(&column.values) {
        field.insert("constraints".into(), json!({ "minimum": 0, "maximum": 1 }));
    }
    Value::Object(field)
}

/// Units by their symbol in UCUM, counts by what is counted; `None` for text and plain numbers.
fn unit_symbol(unit: Unit) -> Option<&'static str> {
    Some(match unit {
        Unit::Text | Unit::Number | Unit::YesNo => return None,
        Unit::Persons => "{person}",
        Unit::Households => "{household}",
        Unit::Workplaces => "{workplace}",
        Unit::Settlements => "{settlement}",
        Unit::Share => "1",
        Unit::Metres => "m",
        Unit::Km2 => "km2",
        Unit::PersonsPerKm2 => "{person}/km2",
        Unit::Sek => "SEK",
        Unit::Rank => "{rank}",
    })
}
