//! Control totals: what the settlements add up to, against what somebody else published.

use crate::{
    Failure,
    rows::{Wants, each_row, repeated_codes},
    source::{SourceRef, number_at, text_at},
};
use std::{collections::BTreeMap, path::Path};
use whitespot_model::{
    area::Areas, config::Control, features::As, finding::Finding, gap::GapTable, provenance::Loaded,
    settlement::Counts,
};

/// What is compared, in the order of [`Totals`].
const MEASURES: [&str; 3] = ["persons", "households", "workplaces"];

/// Published totals of one area: persons, households, workplaces, where told.
type Totals = [Option<f64>; 3];

/// Reads the published totals by code.
///
/// # Errors
/// Findings: file, columns, no measure named, codes that stand twice.
pub fn read_control(config: &Control, base: &Path) -> Result<Loaded<BTreeMap<String, Totals>>, Failure> {
    let section = "settlements.control";
    let source = SourceRef {
        role: "control totals",
        section,
        file: &config.file,
        base,
        layer: config.layer.as_deref(),
        crs: None,
        encoding: config.encoding.as_deref(),
        filter: &config.filter,
        info: config.source.as_ref(),
    };
    let (format, schema) = source.inspect()?;
    let mut wants = Wants::new(&source, &schema);
    let named = &config.columns;
    let code = wants.optional("code", named.code.as_ref(), As::Text);
    let measures = [&named.persons, &named.households, &named.workplaces];
    let measures: Vec<Option<usize>> = MEASURES
        .iter()
        .zip(measures)
        .map(|(role, name)| wants.optional(role, name.as_ref(), As::Number))
        .collect();
    let filter = wants.filter();
    let Wants { columns, mut failure, .. } = wants;
    if !(config.max_share >= 0.0 && config.max_share.is_finite()) {
        failure.push(Finding::error(
            "bad_value",
            "",
            "`settlements.control.max_share` is a share of 0 or more",
        ));
    }
    if failure.is_empty() && (code.is_none() || measures.iter().all(Option::is_none)) {
        failure.push(
            Finding::error(
                "missing_key",
                source.name(),
                format!("section `{section}` does not name the columns of code and totals"),
            )
            .with_hint("set `columns = { code = \"…\", persons = \"…\" }`"),
        );
    }
    let (Some(code), Some(filter), true) = (code, filter, failure.is_empty()) else { return Err(failure) };

    let mut open = source.open(format, &columns, false)?;
    let mut totals: BTreeMap<String, Totals> = BTreeMap::new();
    let mut repeated = Vec::new();
    let balance = each_row(&source, &mut open, &filter, |rows, i| {
        let Some(c) = text_at(&rows.columns[code], i) else { return false };
        let mut of_row: Totals = [None; 3];
        for (total, column) in of_row.iter_mut().zip(&measures) {
            *total = column.and_then(|m| number_at(&rows.columns[m], i)).filter(|v| v.is_finite());
        }
        if totals.insert(c.to_string(), of_row).is_some_and(|before| before != of_row) {
            repeated.push(c.to_string());
        }
        true
    })?;
    if !repeated.is_empty() {
        return Err(vec![repeated_codes(&source, repeated)]);
    }
    let provenance = source.provenance(&schema, "", open.checksum, balance)?;
    Ok(Loaded { value: totals, findings: Vec::new(), provenance })
}

/// Compares the sums with the published totals of the parents; of the areas where no code is a parent's.
///
/// One finding a measure whose differences exceed `max_share` anywhere, with the largest first; one where codes
/// are nobody's; a note where all agree.
pub fn compare(
    config: &Control,
    totals: &BTreeMap<String, Totals>,
    areas: &Areas,
    gaps: &GapTable,
) -> Vec<Finding> {
    let file = config.file.display().to_string();
    let parents: Vec<(&str, &str, Counts)> = areas
        .parents
        .iter()
        .zip(&gaps.parents)
        .map(|(p, row)| (p.code.as_str(), p.name.as_str(), row.total))
        .collect();
    let own: Vec<(&str, &str, Counts)> = areas
        .codes
        .iter()
        .zip(&areas.names)
        .zip(&gaps.areas)
        .map(|((code, name), row)| (code.as_str(), name.as_str(), row.total))
        .collect();
    let is_named = |units: &[(&str, &str, Counts)]| {
        units.iter().any(|(code, name, _)| totals.contains_key(*code) || totals.contains_key(*name))
    };
    let units = if is_named(&parents) { parents } else { own };
    let mut findings = Vec::new();
    let mut n_compared = 0;
    for (m, measure) in MEASURES.iter().enumerate() {
        let mut differences: Vec<(u64, String)> = Vec::new();
        for (code, name, counts) in &units {
            let published = totals.get(*code).or_else(|| totals.get(*name)).and_then(|t| t[m]);
            let Some(published) = published else { continue };
            n_compared += 1;
            let ours = [counts.persons, counts.households, counts.workplaces][m];
            let difference = ours as f64 - published;
            if difference.abs() > config.max_share * published.abs() {
                let text = format!("{code} {name}: {ours} here, {published} published ({difference:+})");
                differences.push((difference.abs().round() as u64, text));
            }
        }
        if differences.is_empty() {
            continue;
        }
        differences.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let sum: u64 = differences.iter().map(|(d, _)| d).sum();
        let finding = Finding::warning(
            "control_totals",
            &file,
            format!(
                "the {measure} of {} areas differ from `{file}` by more than {} %",
                differences.len(),
                config.max_share * 100.0
            ),
        )
        .with_count(differences.len() as u64)
        .with_evidence(format!("the differences add up to {sum}"))
        .with_hint(
            "check the year of both sources, and what lies outside every area; \
             `settlements.control.max_share` sets how much is too much",
        );
        let finding = if m == 0 { finding.with_persons(sum) } else { finding };
        findings.push(finding.with_examples(differences.into_iter().map(|(_, text)| text)));
    }
    let is_known = |key: &str| units.iter().any(|(code, name, _)| *code == key || *name == key);
    let strangers: Vec<String> = totals.keys().filter(|k| !is_known(k)).cloned().collect();
    if n_compared == 0 {
        findings.push(
            Finding::warning(
                "control_codes",
                &file,
                format!("no code of `{file}` is that of a parent area or area, so nothing was compared"),
            )
            .with_examples(strangers)
            .with_hint("check that both use the same codes, with leading zeros"),
        );
    } else if findings.is_empty() {
        findings.push(
            Finding::note(
                "control_agrees",
                &file,
                format!("{n_compared} totals agree with `{file}` within {} %", config.max_share * 100.0),
            )
            .with_count(n_compared),
        );
    }
    findings
}
