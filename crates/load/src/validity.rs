//! Invalid polygons and overlapping areas as findings, and what the analysis file wants done about them.

use std::collections::BTreeMap;
use whitespot_model::{
    area::Areas,
    config::Invalid,
    coverage::CoverageLayer,
    finding::{Finding, Severity},
    shapes::Shapes,
};
use whitespot_spatial::{
    areas::find_overlaps,
    crs::Crs,
    validity::{self, InvalidKind, InvalidPart},
};

/// Leaves invalid features out of a layer where the analysis file says `invalid = "skip"`; gives their number.
pub fn skip_invalid(layer: &mut CoverageLayer) -> u64 {
    let mut is_invalid = vec![false; layer.shapes.n_features()];
    for part in validity::check(&layer.shapes).iter().filter(|p| !p.kind.is_note()) {
        is_invalid[part.feature as usize] = true;
    }
    let n = is_invalid.iter().filter(|i| **i).count() as u64;
    if n > 0 {
        let mut shapes = Shapes::default();
        for f in (0..is_invalid.len()).filter(|&f| !is_invalid[f]) {
            shapes.push_feature_of(&layer.shapes, f);
        }
        layer.shapes = shapes;
        let mut keep = is_invalid.iter().map(|i| !i);
        layer.feature_offers.retain(|_| keep.next().unwrap_or(true));
        let mut keep = is_invalid.iter().map(|i| !i);
        layer.places.retain(|_| keep.next().unwrap_or(true));
    }
    n
}

/// What is wrong with the shapes of a source, one finding a kind; `places` are the features' places in the file.
pub fn invalid_findings(
    parts: &[InvalidPart],
    places: Option<&[u64]>,
    file: &str,
    section: &str,
    policy: Invalid,
) -> Vec<Finding> {
    let mut by_kind: BTreeMap<InvalidKind, Vec<&InvalidPart>> = BTreeMap::new();
    for part in parts {
        by_kind.entry(part.kind).or_default().push(part);
    }
    by_kind
        .into_iter()
        .map(|(kind, parts)| {
            let severity = match (kind.is_note(), policy) {
                (true, _) => Severity::Note,
                (false, Invalid::Error) => Severity::Error,
                (false, Invalid::Repair | Invalid::Skip) => Severity::Warning,
            };
            let n = parts.len();
            let done = match (severity, kind) {
                (Severity::Error, _) => "",
                (_, InvalidKind::NotFinite | InvalidKind::Unclosed | InvalidKind::TooFewPoints | InvalidKind::ZeroArea) => {
                    "; they cover nothing"
                }
                (Severity::Note, _) => "; what they cover is clear",
                _ => "; taken as the area their outline encloses (even-odd)",
            };
            let message = format!("{n} polygons of `{file}` are invalid: {}{done}", kind.reason());
            let examples = parts.iter().take(5).map(|p| {
                let place = places.map_or(u64::from(p.feature) + 1, |at| at[p.feature as usize]);
                format!("feature {place} at {}, {}", p.at.x, p.at.y)
            });
            let finding = Finding::new(severity, code_of(kind), file, message)
                .with_count(n as u64)
                .with_examples(examples);
            if severity == Severity::Note {
                finding
            } else {
                finding.with_hint(format!(
                    "see them with Check Validity in QGIS; in section `{section}` `invalid = \"repair\"` takes \
                     what they enclose, \"skip\" leaves them out, \"error\" stops"
                ))
            }
        })
        .collect()
}

fn code_of(kind: InvalidKind) -> &'static str {
    match kind {
        InvalidKind::NotFinite => "not_finite",
        InvalidKind::Unclosed => "unclosed_ring",
        InvalidKind::TooFewPoints => "too_few_points",
        InvalidKind::ZeroArea => "zero_area",
        InvalidKind::SelfCrossing => "self_crossing",
        InvalidKind::HoleOutsideShell => "hole_outside_shell",
        InvalidKind::Spike => "spike",
        InvalidKind::DuplicatePoint => "duplicate_point",
    }
}

/// Areas that overlap by more than 1 cm, which is an error: a person would be in two of them.
pub fn overlap_findings(areas: &Areas, crs: &Crs, analysis: &Crs, file: &str) -> Option<Finding> {
    let overlaps = find_overlaps(areas, crs, analysis);
    let largest = overlaps.iter().max_by(|a, b| a.area_m2.total_cmp(&b.area_m2))?;
    let name = |i: u32| format!("{} {}", areas.codes[i as usize], areas.names[i as usize]);
    let examples = overlaps.iter().map(|o| {
        format!(
            "{} and {}: {:.0} m², {:.2} m wide at {:.0}, {:.0}",
            name(o.a),
            name(o.b),
            o.area_m2,
            o.width_m,
            o.at.x,
            o.at.y
        )
    });
    Some(
        Finding::error("overlapping_areas", file, format!("{} pairs of areas of `{file}` overlap", overlaps.len()))
            .with_count(overlaps.len() as u64)
            .with_evidence(format!("the largest overlap is {:.0} m²; a person there would belong to two areas", largest.area_m2))
            .with_examples(examples)
            .with_hint("mend them with the Topology Checker in QGIS, or choose one level with `where` if the file holds several"),
    )
}
