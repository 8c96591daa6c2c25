//! Joins some consecutive settlements.

use super::{Group, Joiner, sort};
use crate::index::{Found, fetch::fetch};
use geo_types::Coord;
use std::ops::Range;
use whitespot_model::area::OUTSIDE;
use whitespot_model::reached::JoinNotes;
use whitespot_model::settlement::SettlementBatch;

/// Settlements whose cells are read before any of them is decided, so that the waits for memory overlap.
const AT_ONCE: usize = 64;

/// What is remembered of one settlement until all indexes have been asked.
#[derive(Clone, Copy, Default)]
struct Mark {
    on_coverage_edge: bool,
    areas_overlap: bool,
    beyond_crs: bool,
}

/// Joins the settlements `range` of the batch into `areas` and `offers`, which are outside and empty before.
pub(super) fn join(
    joiner: &Joiner<'_>,
    batch: &SettlementBatch,
    range: Range<usize>,
    areas: &mut [u32],
    offers: &mut [u64],
) -> JoinNotes {
    let points = &batch.points[range.clone()];
    let mut marks = vec![Mark::default(); points.len()];
    let mut transformed = Vec::new();
    for group in &joiner.groups {
        let points = if group.from_settlements.is_identity() {
            points
        } else {
            transformed.clear();
            group.from_settlements.apply_slice(points, &mut transformed);
            &transformed
        };
        ask(group, points, joiner.n_words, &mut marks, areas, offers);
    }
    if !joiner.reaches.is_empty() {
        transformed.clear();
        joiner.to_analysis.apply_slice(points, &mut transformed);
        for (i, p) in transformed.iter().enumerate() {
            let words = &mut offers[i * joiner.n_words..(i + 1) * joiner.n_words];
            if !is_finite(*p) {
                marks[i].beyond_crs = true;
                continue;
            }
            for reach in &joiner.reaches {
                reach.look_up(*p, words);
            }
        }
    }
    if let (false, Some(ids)) = (joiner.keyed.is_empty(), &batch.ids) {
        for i in 0..points.len() {
            for bit in ids.get(range.start + i).map_or(&[][..], |id| joiner.keyed.of(id)) {
                offers[i * joiner.n_words + *bit as usize / 64] |= 1 << (bit % 64);
            }
        }
    }
    note(joiner, batch, range.start, &marks, areas)
}

/// Looks all points up in one index, in the order of its cells.
fn ask(
    group: &Group<'_>,
    points: &[Coord<f64>],
    n_words: usize,
    marks: &mut [Mark],
    areas: &mut [u32],
    offers: &mut [u64],
) {
    let cells: Vec<u32> = points.iter().map(|p| group.index.cell_number(*p)).collect();
    let order = sort::order_by(&cells);
    let (mut outermost, mut places) = (Vec::with_capacity(AT_ONCE), Vec::with_capacity(AT_ONCE));
    for some in order.chunks(AT_ONCE) {
        outermost.clear();
        outermost.extend(some.iter().map(|i| group.index.fetch_cell(points[*i as usize])));
        places.clear();
        places.extend(
            some.iter().zip(&outermost).map(|(i, o)| group.index.fetch_runs(points[*i as usize], *o)),
        );
        for (&i, place) in some.iter().zip(&places) {
            group.index.fetch_edges(place);
            fetch(areas, i as usize);
            fetch(offers, i as usize * n_words);
        }
        for (&i, place) in some.iter().zip(&places) {
            let i = i as usize;
            let p = points[i];
            if !is_finite(p) {
                marks[i].beyond_crs = true;
                continue;
            }
            let words = &mut offers[i * n_words..(i + 1) * n_words];
            let mut note = |found: Found| {
                // Hardly ever true: most marks need not be fetched from memory.
                if found.on_offer_edge || found.areas_overlap {
                    marks[i].on_coverage_edge |= found.on_offer_edge;
                    marks[i].areas_overlap |= found.areas_overlap;
                }
                areas[i] = areas[i].min(found.area);
            };
            note(group.index.look_up_at(place, p, words));
            if group.is_geographic {
                let (lo, hi) = group.index.bounds();
                for x in [p.x - 360.0, p.x + 360.0] {
                    // Shapes across the antimeridian may be drawn beyond ±180°.
                    if lo.x <= x && x <= hi.x {
                        note(group.index.look_up(Coord { x, y: p.y }, words));
                    }
                }
            }
        }
    }
}

/// Settles who has no area yet, and counts what was noticed, in the order of the settlements.
fn note(
    joiner: &Joiner<'_>,
    batch: &SettlementBatch,
    start: usize,
    marks: &[Mark],
    areas: &mut [u32],
) -> JoinNotes {
    let mut notes = JoinNotes::default();
    for (i, (mark, area)) in marks.iter().zip(areas).enumerate() {
        let persons = batch.persons.get(start + i).copied().unwrap_or(0);
        let settlement = batch.first + (start + i) as u64;
        notes.n_on_coverage_edge += u64::from(mark.on_coverage_edge);
        if mark.beyond_crs || !is_finite(batch.points[start + i]) {
            notes.beyond_crs.add(settlement, persons);
        }
        let Some(assignment) = &joiner.areas else { continue };
        if *area != OUTSIDE {
            if mark.areas_overlap {
                notes.hairline.add(settlement, persons);
            }
            continue;
        }
        let point = batch.points[start + i];
        if let Some(nearest) = assignment.across_hairline_gap(joiner, point) {
            *area = nearest;
            notes.hairline.add(settlement, persons);
        } else if let Some(nearest) = assignment.within_snap(joiner, point) {
            *area = nearest;
            notes.snapped.add(settlement, persons);
        } else {
            notes.outside.add(settlement, persons);
        }
    }
    notes
}

fn is_finite(p: Coord<f64>) -> bool {
    p.x.is_finite() && p.y.is_finite()
}
