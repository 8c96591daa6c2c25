//! Statistics tables: one number per area code.

use crate::{
    Failure,
    rows::{Wants, each_row, repeated_codes},
    source::{SourceRef, number_at, text_at},
};
use std::{collections::BTreeMap, path::Path};
use whitespot_model::{config::need::IndicatorConfig, features::As, finding::Finding, provenance::Loaded};

/// Reads an indicator's table: value by area code.
///
/// Codes keep their leading zeros. A row without a code or value is rejected; a code that stands twice is an
/// error, since either value might be meant. Codes of the table that no area has, and areas the table lacks,
/// are findings.
///
/// # Errors
/// Findings: file, columns, repeated codes.
pub fn read_indicator(
    config: &IndicatorConfig,
    file: &Path,
    base: &Path,
    area_codes: &[String],
) -> Result<Loaded<Vec<f64>>, Failure> {
    let role = format!("statistics {}", config.id);
    let section = format!("need.indicators {}", config.id);
    let source = SourceRef {
        role: &role,
        section: &section,
        file,
        base,
        layer: config.layer.as_deref(),
        crs: None,
        encoding: config.encoding.as_deref(),
        filter: &config.filter,
        info: config.source.as_ref(),
    };
    let (format, schema) = source.inspect()?;
    let mut wants = Wants::new(&source, &schema);
    let named = config.columns.clone().unwrap_or_default();
    let mut want = |role: &str, name: &str, kind: As| {
        if !name.is_empty() {
            return wants.required(role, name, kind);
        }
        wants.failure.push(
            Finding::error(
                "missing_key",
                source.name(),
                format!("section `{section}` does not name the column of `{role}`"),
            )
            .with_hint("set `columns = { code = \"…\", value = \"…\" }`"),
        );
        0
    };
    let code = want("code", &named.code, As::Text);
    let value = want("value", &named.value, As::Number);
    let filter = wants.filter();
    let Wants { columns, failure, .. } = wants;
    let (Some(filter), true) = (filter, failure.is_empty()) else { return Err(failure) };

    let mut open = source.open(format, &columns, false)?;
    let mut by_code: BTreeMap<String, f64> = BTreeMap::new();
    let mut repeated = Vec::new();
    let mut without = Vec::new();
    let rows_read = each_row(&source, &mut open, &filter, |rows, i| {
        let number = number_at(&rows.columns[value], i).filter(|v| v.is_finite());
        let (Some(c), Some(v)) = (text_at(&rows.columns[code], i), number) else {
            without.push(format!("row {}", rows.place(i)));
            return false;
        };
        if by_code.insert(c.to_string(), v).is_some_and(|before| before != v) {
            repeated.push(c.to_string());
        }
        true
    })?;
    let name = source.name();
    let mut findings = Vec::new();
    if !repeated.is_empty() {
        return Err(vec![repeated_codes(&source, repeated)]);
    }
    if !without.is_empty() {
        findings.push(
            Finding::warning(
                "no_value",
                &name,
                format!("{} rows of `{name}` have no code or no value and are rejected", without.len()),
            )
            .with_count(without.len() as u64)
            .with_examples(without),
        );
    }
    let lacking: Vec<String> = area_codes.iter().filter(|c| !by_code.contains_key(*c)).cloned().collect();
    if !lacking.is_empty() {
        findings.push(
            Finding::warning(
                "codes_absent",
                &name,
                format!(
                    "{} of {} areas are absent from `{name}`; their `{}` is missing",
                    lacking.len(),
                    area_codes.len(),
                    config.id
                ),
            )
            .with_count(lacking.len() as u64)
            .with_examples(lacking)
            .with_hint("check that both use the same codes, with leading zeros"),
        );
    }
    let strangers = by_code.keys().filter(|c| area_codes.binary_search(c).is_err()).count();
    if strangers > 0 {
        findings.push(
            Finding::note(
                "codes_unused",
                &name,
                format!("{strangers} codes of `{name}` are no area of this analysis"),
            )
            .with_count(strangers as u64),
        );
    }
    let values = area_codes.iter().map(|c| by_code.get(c).copied().unwrap_or(f64::NAN)).collect();
    let provenance = source.provenance(&schema, "", open.checksum, rows_read)?;
    Ok(Loaded { value: values, findings, provenance })
}
