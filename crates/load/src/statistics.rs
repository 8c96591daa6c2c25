//! Statistics tables: one number per area code.

use crate::{
    Failure,
    source::{Columns, RowFilter, SourceRef, number_at, text_at},
};
use std::{collections::BTreeMap, path::Path};
use whitespot_model::{
    config::need::IndicatorConfig,
    features::As,
    finding::Finding,
    provenance::{Loaded, RowBalance},
};

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
    let mut failure = Failure::new();
    let mut columns = Columns::default();
    let named = config.columns.clone().unwrap_or_default();
    let mut want = |role: &str, name: &str, kind: As| {
        if name.is_empty() {
            failure.push(
                Finding::error(
                    "missing_key",
                    source.name(),
                    format!("section `{section}` does not name the column of `{role}`"),
                )
                .with_hint("set `columns = { code = \"…\", value = \"…\" }`"),
            );
        } else if !schema.fields.iter().any(|f| f == name) {
            failure.push(source.no_column(role, name, &schema.fields));
        }
        columns.want(name, kind)
    };
    let code = want("code", &named.code, As::Text);
    let value = want("value", &named.value, As::Number);
    let filter = RowFilter::resolve(&source, &schema, &mut columns).map_err(|f| failure.extend(f)).ok();
    let (Some(filter), true) = (filter, failure.is_empty()) else { return Err(failure) };

    let mut open = source.open(format, &columns, false)?;
    let mut rows_read = RowBalance::default();
    let mut by_code: BTreeMap<String, f64> = BTreeMap::new();
    let mut repeated = Vec::new();
    let mut without = Vec::new();
    loop {
        let rows = match open.reader.next_batch(1 << 16) {
            Ok(Some(rows)) => rows,
            Ok(None) => break,
            Err(e) => return Err(vec![source.finding_of(&e)]),
        };
        for i in 0..rows.n_rows {
            if !filter.is_empty() && !filter.keeps(&rows, i) {
                rows_read.left_out += 1;
                continue;
            }
            rows_read.read += 1;
            let number = number_at(&rows.columns[value], i).filter(|v| v.is_finite());
            match (text_at(&rows.columns[code], i), number) {
                (Some(c), Some(v)) => {
                    rows_read.accepted += 1;
                    if by_code.insert(c.to_string(), v).is_some_and(|before| before != v) {
                        repeated.push(c.to_string());
                    }
                }
                _ => {
                    rows_read.rejected += 1;
                    without.push(format!("row {}", rows.place(i)));
                }
            }
        }
    }
    let name = source.name();
    let mut findings = Vec::new();
    if !repeated.is_empty() {
        return Err(vec![
            Finding::error(
                "repeated_code",
                &name,
                format!(
                    "{} area codes stand in `{name}` more than once with different values",
                    repeated.len()
                ),
            )
            .with_count(repeated.len() as u64)
            .with_examples(repeated)
            .with_hint(format!(
                "in section `{section}` choose rows with `where = {{ year = 2025 }}` or the like"
            )),
        ]);
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
