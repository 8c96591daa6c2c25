//! Invalid polygons and overlapping areas as findings, and what the analysis file wants done about them.

use rayon::prelude::*;
use std::collections::BTreeMap;
use whitespot_model::{
    area::Areas,
    config::Invalid,
    coverage::CoverageLayer,
    finding::{Finding, Severity},
    shapes::{Part, Shapes},
};
use whitespot_spatial::{
    areas::find_overlaps,
    crs::Crs,
    validity::{self, InvalidKind, InvalidPart},
};

/// Leaves invalid features out of a layer where the analysis file says `invalid = "skip"`; gives them.
pub fn skip_invalid(layer: &mut CoverageLayer) -> Shapes {
    let mut is_invalid = vec![false; layer.shapes.n_features()];
    for part in validity::check(&layer.shapes).iter().filter(|p| !p.kind.is_note()) {
        is_invalid[part.feature as usize] = true;
    }
    let mut skipped = Shapes::default();
    if is_invalid.contains(&true) {
        let mut shapes = Shapes::default();
        for (f, is_invalid) in is_invalid.iter().enumerate() {
            let of = if *is_invalid { &mut skipped } else { &mut shapes };
            of.push_feature_of(&layer.shapes, f);
        }
        layer.shapes = shapes;
        let mut keep = is_invalid.iter().map(|i| !i);
        layer.feature_offers.retain(|_| keep.next().unwrap_or(true));
        let mut keep = is_invalid.iter().map(|i| !i);
        layer.places.retain(|_| keep.next().unwrap_or(true));
    }
    skipped
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

/// Polygons of a GeoJSON whose shells run clockwise or whose holes do not, against RFC 7946 §3.1.6: a note, since
/// what they cover does not depend on it. Ordered by feature; linear in the coordinates, in parallel.
pub fn winding_finding(shapes: &Shapes, places: &[u64], file: &str) -> Option<Finding> {
    let turned: Vec<usize> = (0..shapes.n_features())
        .into_par_iter()
        .with_min_len(64)
        .filter(|&f| shapes.parts_of(f).any(|p| shapes.parts[p] == Part::Polygon && is_turned(shapes, p)))
        .collect();
    if turned.is_empty() {
        return None;
    }
    let n = turned.len();
    let examples =
        turned.iter().take(5).map(|&f| format!("feature {}", places.get(f).copied().unwrap_or(f as u64 + 1)));
    Some(
        Finding::note(
            "winding",
            file,
            format!("{n} features of `{file}` wind their rings against RFC 7946; what they cover is clear"),
        )
        .with_count(n as u64)
        .with_examples(examples),
    )
}

/// Whether the shell runs clockwise or a hole counter-clockwise; rings without area are neither.
fn is_turned(shapes: &Shapes, part: usize) -> bool {
    shapes.rings_of(part).enumerate().any(|(i, r)| {
        let ring = shapes.ring(r);
        let Some(origin) = ring.first() else { return false };
        let twice: f64 = ring
            .windows(2)
            .map(|e| (e[0].x - origin.x) * (e[1].y - origin.y) - (e[1].x - origin.x) * (e[0].y - origin.y))
            .sum();
        if i == 0 { twice < 0.0 } else { twice > 0.0 }
    })
}

/// Features with coordinates that no place on earth has: a latitude beyond 90° or a longitude beyond 540°.
pub fn beyond_domain_finding(shapes: &Shapes, places: &[u64], crs: &Crs, file: &str) -> Option<Finding> {
    if !crs.is_geographic() {
        return None;
    }
    let beyond: Vec<usize> = (0..shapes.n_features())
        .into_par_iter()
        .with_min_len(64)
        .filter(|&f| shapes.coords_of(f).iter().any(|c| c.y.abs() > 90.0 || c.x.abs() > 540.0))
        .collect();
    if beyond.is_empty() {
        return None;
    }
    let n = beyond.len();
    let examples =
        beyond.iter().take(5).map(|&f| format!("feature {}", places.get(f).copied().unwrap_or(f as u64 + 1)));
    Some(
        Finding::warning(
            "beyond_domain",
            file,
            format!("{n} features of `{file}` have a latitude beyond 90° or a longitude beyond 540°"),
        )
        .with_count(n as u64)
        .with_examples(examples)
        .with_hint("check `crs`, and whether latitude stands before longitude"),
    )
}

/// Features with a line of fewer than two points, which reaches what a point would, or nothing.
pub fn short_line_finding(shapes: &Shapes, places: &[u64], file: &str) -> Option<Finding> {
    let is_short =
        |p: usize| shapes.parts[p] == Part::Line && shapes.rings_of(p).any(|r| shapes.ring(r).len() < 2);
    let short: Vec<usize> = (0..shapes.n_features()).filter(|&f| shapes.parts_of(f).any(is_short)).collect();
    (!short.is_empty()).then(|| {
        let n = short.len();
        let examples = short.iter().take(5);
        let examples =
            examples.map(|&f| format!("feature {}", places.get(f).copied().unwrap_or(f as u64 + 1)));
        Finding::warning(
            "short_line",
            file,
            format!("{n} features of `{file}` have a line of fewer than two points"),
        )
        .with_count(n as u64)
        .with_examples(examples)
    })
}

/// The name of a kind in findings.
pub fn code_of(kind: InvalidKind) -> &'static str {
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
