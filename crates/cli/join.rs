//! Joining: settlements flow in batches through the join into the tally and the per-settlement output.

use crate::{
    area_share::Shares,
    clusters::Ground,
    distances::DistanceStage,
    failure::Failure,
    inputs::Inputs,
    kept::{self, Kept},
    keys::KeyWatch,
    messages::{Messages, thousands},
    project_tally::{ProjectCounter, ProjectTally},
    repairs::{RepairCount, Repaired},
    results::Staging,
    settlement_rows::SettlementWriter,
};
use geo_types::Coord;
use rayon::prelude::*;
use std::path::Path;
use whitespot_load::{
    projects::Extent,
    settlements::{SettlementReader, Wanted},
    validity::invalid_findings,
};
use whitespot_model::{
    area::OUTSIDE,
    config::{Analysis, Representation},
    finding::Finding,
    gap::{GapTable, Tally, summarise_distances},
    measures::SettlementFacts,
    provenance::Provenance,
    reached::{JoinNotes, Noted, Reached},
    settlement::SettlementBatch,
    shapes::Shapes,
};
use whitespot_spatial::{
    crs::Transform,
    join::{JoinInput, Joiner},
    validity::InvalidPart,
};

/// Rows of one task of the tally.
const TALLY_CHUNK: usize = 1 << 16;
/// Settlements placed in the analysis CRS by one task.
const PLACE_CHUNK: usize = 1 << 13;

/// Settlements joined with areas and coverage.
pub(crate) struct Joined {
    /// Counts by area, class and offers.
    pub(crate) tally: Tally,
    /// What the settlements' source has.
    pub(crate) facts: SettlementFacts,
    /// Where the settlements came from.
    pub(crate) provenance: Provenance,
    /// What was noticed in all inputs.
    pub(crate) findings: Vec<Finding>,
    /// Counts of each project file, in the order of the funding inputs.
    pub(crate) projects: Vec<ProjectTally>,
    /// Per service that wants it: distances of the unreached as (area, metres, persons).
    distances: Vec<Option<Vec<(u32, f64, u32)>>>,
    /// The count by area share beside that by centres, for `representation = "both"`.
    pub(crate) area_share: Option<Tally>,
    /// The settlements, where clusters or prices per metre need them.
    pub(crate) kept: Option<Kept>,
    /// Clusters and ways to the network; empty where nothing asks for them.
    pub(crate) ground: Ground,
}

impl Joined {
    /// Replaces the distances of a service's unreached by (area, metres, persons) of other areas.
    pub(crate) fn set_distances(&mut self, service: usize, distances: Vec<(u32, f64, u32)>) {
        self.distances[service] = Some(distances);
    }

    /// Puts the distances to the nearest reached into the gap table.
    pub(crate) fn add_distances(&self, gaps: &mut GapTable, inputs: &Inputs) {
        for (s, distances) in self.distances.iter().enumerate() {
            let Some(distances) = distances else { continue };
            let of = |wanted: &dyn Fn(u32) -> bool| {
                summarise_distances(distances.iter().filter(|d| wanted(d.0)).map(|d| (d.1, d.2)).collect())
            };
            for (a, row) in gaps.areas.iter_mut().enumerate() {
                row.services[s].distance = of(&|area| area == a as u32);
            }
            gaps.outside.services[s].distance = of(&|area| area == OUTSIDE);
            for (p, row) in gaps.parents.iter_mut().enumerate() {
                let is_child = |area: u32| {
                    inputs.areas.parent_of.get(area as usize).is_some_and(|parent| *parent == Some(p as u32))
                };
                row.services[s].distance = of(&is_child);
            }
            gaps.total.services[s].distance = of(&|_| true);
        }
    }
}

/// Reads all settlements, joins them batch by batch, tallies them, and writes one row each where wanted.
pub(crate) fn join_settlements(
    analysis: &Analysis,
    base: &Path,
    inputs: &Inputs,
    batch_rows: usize,
    staging: &Staging,
    messages: &Messages,
) -> Result<Joined, Failure> {
    let has_rows = analysis.outputs.settlements && staging.is_somewhere();
    // Where clusters become the areas, rows are written once they have.
    let writes_rows = has_rows && analysis.areas.clusters.is_none();
    let lists_buildings =
        inputs.funding.projects.iter().any(|(_, p)| matches!(p.extent, Extent::Buildings(_)));
    let wanted = Wanted {
        ids: has_rows || lists_buildings || inputs.layers.iter().any(|l| !l.keyed.is_empty()),
        area_column: analysis.areas.column.clone(),
        cells: analysis.settlements.representation != Representation::Centroid,
        // Only `check` takes the time to look for them.
        repeated_points: !staging.is_somewhere(),
        within: inputs.settlements_within,
    };
    let expected = inputs.areas_crs.as_ref().and_then(|crs| Some((crs, inputs.areas.shapes.bounds()?)));
    let mut reader = SettlementReader::open(&analysis.settlements, base, expected, &wanted)
        .map_err(|failure| Failure::Findings([inputs.findings.clone(), failure].concat()))?;
    let joiner = Joiner::new(JoinInput {
        settlements_crs: reader.crs(),
        analysis_crs: &inputs.crs,
        layers: &inputs.layers,
        layer_crs: &inputs.layer_crs,
        offer_bits: &inputs.services.bits,
        n_bits: inputs.services.n_bits as usize,
        areas: inputs.areas_crs.as_ref().map(|crs| (&inputs.areas, crs)),
        snap_m: analysis.areas.snap_m,
        find_invalid: true,
    })
    .map_err(|e| Failure::Bug(e.into()))?;
    messages.detail("Indexing", &index_words(&joiner, inputs));
    let (invalid_parts, first) = rayon::join(|| joiner.invalid_parts(), || reader.next_batch(batch_rows));
    let mut waiting = first.map_err(Failure::Findings)?;
    let mut repaired = Repaired::new(&invalid_parts, inputs);
    let mut repairs = RepairCount::new(repaired.as_ref(), reader.crs(), inputs);
    let mut projects = Vec::new();
    for (config, of_file) in &inputs.funding.projects {
        projects.push(ProjectCounter::new(&config.file, of_file, reader.crs(), &inputs.crs)?);
    }
    let to_analysis = Transform::new(reader.crs(), &inputs.crs);
    let mut distances = DistanceStage::new(&inputs.services);
    let mut kept = kept::is_wanted(analysis).then(Kept::default);
    let mut writer = None;
    let mut tally = Tally::default();
    let mut notes = JoinNotes::default();
    let mut shares = Shares::new(analysis.settlements.representation);
    let mut keys = KeyWatch::new(&inputs.layers);
    let mut counting = messages.counting("Joining", reader.n_rows());
    let needs_points = writes_rows || distances.is_wanted() || kept.is_some();
    // Joined already, to be written.
    let mut done: Option<Done> = None;
    while let Some(batch) = waiting {
        let (n_read, cells) = (batch.len() as u64, reader.take_cells());
        keys.see(&batch);
        repairs.see(&batch);
        // The next batch is read while this one is joined and the one before it written.
        let facts = reader.facts();
        let ((joined, written), next) = rayon::join(
            || {
                let to_analysis = needs_points.then_some(&to_analysis);
                rayon::join(
                    || Done::join(&joiner, batch, (cells.as_ref(), &mut shares), inputs, to_analysis),
                    || done.map_or(Ok(()), |d| d.write(&mut writer, staging, analysis, inputs, &facts)),
                )
            },
            || reader.next_batch(batch_rows),
        );
        written?;
        waiting = next.map_err(Failure::Findings)?;
        let (joined, tallied) = joined;
        notes.merge(&joined.reached.notes);
        tally.merge(&tallied);
        for counter in &mut projects {
            counter.add(&joined.batch, &joined.reached);
        }
        counting.add(n_read);
        distances.keep(&joined.batch, &joined.reached, &joined.points, writes_rows);
        if let Some(kept) = &mut kept {
            kept.append(&joined.batch, &joined.reached, &joined.points);
        }
        done = (writes_rows && !distances.is_wanted()).then_some(joined);
    }
    if let Some(last) = done {
        last.write(&mut writer, staging, analysis, inputs, &reader.facts())?;
    }
    counting.finish();
    messages.detail("Memory", &memory_words(batch_rows, distances.n_bytes()));
    let (mut findings, provenance, facts) = reader.finish().map_err(Failure::Findings)?;
    findings.extend(keys.findings(analysis, wanted.ids));
    let measured = distances.measure(inputs);
    if writes_rows && distances.is_wanted() {
        let mut rows = SettlementWriter::create(staging, analysis, inputs, &facts)?;
        distances.write_rows(&mut rows, &measured, inputs)?;
        writer = Some(rows);
    }
    if let Some(writer) = writer {
        writer.finish()?;
    }
    findings.extend(notes_as_findings(&notes, &provenance, analysis));
    let n_concerned = repairs.finish();
    if let Some(repaired) = &mut repaired {
        repaired.add(&n_concerned);
    }
    let invalid = invalid_shapes(&joiner, &invalid_parts, repaired.as_ref(), analysis, inputs);
    findings.splice(0..0, inputs.findings.iter().cloned().chain(invalid));
    if let Some(repaired) = &repaired {
        let file_of = |l: usize| analysis.coverage[l].file.display().to_string();
        repaired.tell_skipped(file_of, &mut findings);
    }
    let total = tally.total();
    messages.stage(
        "Joining",
        &format!(
            "{} settlements, {} persons × {} layers; {} on a coverage edge counted as reached",
            thousands(total.settlements),
            thousands(total.persons),
            inputs.layers.len(),
            thousands(notes.n_on_coverage_edge)
        ),
    );
    let distances = distances.by_area(&measured);
    let (projects, of_projects): (Vec<_>, Vec<_>) = projects.into_iter().map(ProjectCounter::finish).unzip();
    findings.extend(of_projects.into_iter().flatten());
    let area_share = shares.is_second.then_some(shares.second);
    let ground = Ground::default();
    Ok(Joined { tally, facts, provenance, findings, projects, distances, area_share, kept, ground })
}

/// How much memory the join takes, in words.
fn index_words(joiner: &Joiner<'_>, inputs: &Inputs) -> String {
    let mb = |bytes: usize| format!("{:.1} MB", bytes as f64 / 1e6);
    let shapes = inputs.layers.iter().map(|l| &l.shapes).chain([&inputs.areas.shapes]);
    let coords = shapes.map(|s| s.coords.len() * size_of::<Coord<f64>>()).sum();
    format!(
        "{} of coordinates, {} of cells in {} indexes; {} more while they were built",
        mb(coords),
        mb(joiner.index_bytes()),
        joiner.n_indexes(),
        mb(joiner.scratch_bytes())
    )
}

/// What the join found wrong with the polygons it uses.
fn invalid_shapes(
    joiner: &Joiner<'_>,
    invalid_parts: &[Vec<InvalidPart>],
    repaired: Option<&Repaired>,
    analysis: &Analysis,
    inputs: &Inputs,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (l, ((parts, config), layer)) in
        invalid_parts.iter().zip(&analysis.coverage).zip(&inputs.layers).enumerate()
    {
        let file = config.file.display().to_string();
        let section = format!("coverage {}", config.id);
        let mut of_layer = invalid_findings(parts, Some(&layer.places), &file, &section, config.invalid);
        if let Some(repaired) = repaired {
            repaired.tell(l, &mut of_layer);
        }
        findings.extend(of_layer);
    }
    let file = analysis.areas.file.as_ref().map_or(String::new(), |f| f.display().to_string());
    findings.extend(invalid_findings(&joiner.invalid_areas(), None, &file, "areas", analysis.areas.invalid));
    findings
}

/// What of the settlements was held at a time, and the most the process has held.
fn memory_words(batch_rows: usize, n_distance_bytes: usize) -> String {
    let mut words = format!("at most {} settlements at a time", thousands(2 * batch_rows as u64));
    if n_distance_bytes > 0 {
        words.push_str(&format!(", {:.1} MB for distances", n_distance_bytes as f64 / 1e6));
    }
    // Linux tells; elsewhere the line is shorter.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
    if let Some(kib) = peak {
        words.push_str(&format!("; {} MiB in all so far", thousands(kib / 1024)));
    }
    words
}

/// Reads the settlements for their findings alone.
pub(crate) fn check_settlements(analysis: &Analysis, base: &Path, messages: &Messages) -> Vec<Finding> {
    let wanted = Wanted { area_column: analysis.areas.column.clone(), ..Wanted::default() };
    let mut reader = match SettlementReader::open(&analysis.settlements, base, None, &wanted) {
        Ok(reader) => reader,
        Err(findings) => return findings,
    };
    let mut counting = messages.counting("Checking", reader.n_rows());
    loop {
        match reader.next_batch(1 << 16) {
            Ok(Some(batch)) => counting.add(batch.len() as u64),
            Ok(None) => break,
            Err(findings) => return findings,
        }
    }
    counting.finish();
    match reader.finish() {
        Ok((findings, _, _)) | Err(findings) => findings,
    }
}

/// A batch with the answers for it.
struct Done {
    batch: SettlementBatch,
    reached: Reached,
    /// Positions in the analysis CRS, where someone needs them.
    points: Vec<Coord<f64>>,
}

impl Done {
    /// Joins and tallies a batch; `to_analysis` also places it in the analysis CRS.
    fn join(
        joiner: &Joiner<'_>,
        batch: SettlementBatch,
        (cells, shares): (Option<&Shapes>, &mut Shares),
        inputs: &Inputs,
        to_analysis: Option<&Transform>,
    ) -> (Done, Tally) {
        let (batch, reached, tally) = join_and_tally(joiner, batch, cells, shares, inputs);
        let points = to_analysis.map_or_else(Vec::new, |to_analysis| {
            let mut points = vec![Coord::default(); batch.len()];
            points.par_chunks_mut(PLACE_CHUNK).zip(batch.points.par_chunks(PLACE_CHUNK)).for_each(
                |(placed, points)| {
                    let mut out = Vec::with_capacity(points.len());
                    to_analysis.apply_slice(points, &mut out);
                    placed.copy_from_slice(&out);
                },
            );
            points
        });
        (Done { batch, reached, points }, tally)
    }

    /// Writes a row a settlement, into files that the first batch creates.
    fn write(
        self,
        writer: &mut Option<SettlementWriter>,
        staging: &Staging,
        analysis: &Analysis,
        inputs: &Inputs,
        facts: &SettlementFacts,
    ) -> Result<(), Failure> {
        let writer = match writer {
            Some(writer) => writer,
            None => writer.insert(SettlementWriter::create(staging, analysis, inputs, facts)?),
        };
        writer.write(&self.batch, &self.reached, &self.points, &[], inputs)
    }
}

/// A batch, or its pieces where cells are counted by share; the answers for it, and its tally.
fn join_and_tally(
    joiner: &Joiner<'_>,
    batch: SettlementBatch,
    cells: Option<&Shapes>,
    shares: &mut Shares,
    inputs: &Inputs,
) -> (SettlementBatch, Reached, Tally) {
    let settle = |batch: &SettlementBatch, reached: &mut Reached| {
        if let Some(codes) = &batch.area_codes {
            assign_by_code(reached, codes, &inputs.areas.codes, batch);
        }
        inputs.add_area_keyed(reached);
    };
    let spread = shares.spread(joiner, &batch, cells);
    let (batch, mut reached) = match spread {
        Some((pieces, mut reached)) if shares.is_second => {
            settle(&pieces, &mut reached);
            shares.second.merge(&tally_in_parallel(&pieces, &reached));
            let reached = joiner.join(&batch);
            (batch, reached)
        }
        Some(spread) => spread,
        None => {
            let reached = joiner.join(&batch);
            (batch, reached)
        }
    };
    settle(&batch, &mut reached);
    let tally = tally_in_parallel(&batch, &reached);
    (batch, reached, tally)
}

/// Tallies a batch in chunks of fixed size; the chunks' order does not matter to the sums.
pub(crate) fn tally_in_parallel(batch: &SettlementBatch, reached: &Reached) -> Tally {
    (0..batch.len().div_ceil(TALLY_CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let first = chunk * TALLY_CHUNK;
            let mut tally = Tally::default();
            tally.add(batch, reached, first..(first + TALLY_CHUNK).min(batch.len()));
            tally
        })
        .reduce(Tally::default, |mut a, b| {
            a.merge(&b);
            a
        })
}

/// Areas told by a column of the settlements instead of by location.
fn assign_by_code(
    reached: &mut Reached,
    codes: &whitespot_model::features::TextColumn,
    known: &[String],
    batch: &SettlementBatch,
) {
    reached.notes.outside = Noted::default();
    for (i, code) in codes.iter().enumerate() {
        let area = code.and_then(|c| known.binary_search_by(|k| k.as_str().cmp(c)).ok());
        reached.areas[i] = area.map_or(OUTSIDE, |a| a as u32);
        if area.is_none() {
            reached.notes.outside.add(batch.first + i as u64, batch.persons[i]);
        }
    }
}

/// What the join noticed, as findings.
fn notes_as_findings(notes: &JoinNotes, provenance: &Provenance, analysis: &Analysis) -> Vec<Finding> {
    let file = &provenance.file;
    let finding = |severity, code: &str, noted: &Noted, message: String| {
        let examples = noted.examples.iter().map(|i| format!("settlement {}", i + 1));
        Finding::new(severity, code, file, message)
            .with_count(noted.count)
            .with_persons(noted.persons)
            .with_examples(examples)
    };
    use whitespot_model::finding::Severity::{Note, Warning};
    let mut findings = Vec::new();
    let has_areas = analysis.areas.clusters.is_none()
        || analysis.areas.file.is_some()
        || analysis.areas.column.is_some()
        || analysis.areas.parent.is_some();
    if notes.outside.count > 0 && has_areas {
        let n = thousands(notes.outside.count);
        findings.push(
            finding(
                Warning,
                "outside_all_areas",
                &notes.outside,
                format!("{n} settlements lie outside every area; kept in totals under \"outside all areas\""),
            )
            .with_hint(if analysis.areas.column.is_some() {
                "fill in the area code of those rows".to_string()
            } else {
                "in section `areas` set `snap_m = 1000` to give them to the nearest area within so many metres".to_string()
            }),
        );
    }
    if notes.snapped.count > 0 {
        let (n, m) = (thousands(notes.snapped.count), analysis.areas.snap_m);
        findings.push(finding(
            Note,
            "snapped",
            &notes.snapped,
            format!("{n} settlements outside every area went to the nearest within {m} m"),
        ));
    }
    if notes.hairline.count > 0 {
        let n = thousands(notes.hairline.count);
        findings.push(finding(
            Note,
            "hairline",
            &notes.hairline,
            format!("{n} settlements lie in a gap or overlap of at most 1 cm between areas and went to the nearest"),
        ));
    }
    if notes.beyond_crs.count > 0 {
        let n = thousands(notes.beyond_crs.count);
        findings.push(
            finding(
                Warning,
                "beyond_crs",
                &notes.beyond_crs,
                format!("{n} settlements lie beyond the domain of a layer's or the analysis CRS, and nothing there reaches them"),
            )
            .with_hint("choose an analysis CRS that covers the region"),
        );
    }
    findings
}
