//! `representation = "area_share"`: a grid cell's people spread evenly over it, in whole persons.
//!
//! A cell is asked at [`SAMPLES`] places that lie evenly in it (a Hammersley set: one of every 1/1024th of its width
//! and of its height), all joined like settlements. Places with the same area and the same offers are one *piece*;
//! pieces share the cell's persons, households and workplaces in proportion to their places, by largest remainder. What
//! rounding takes from a set of offers in one cell it is given in a later one, so that cells with few people do not
//! all fall to their largest piece.

use std::collections::BTreeMap;

use geo_types::Coord;
use whitespot_model::{
    area::OUTSIDE,
    config::Representation,
    features::TextColumn,
    finding::Finding,
    gap::{GapRow, GapTable, Tally},
    reached::Reached,
    service::ServiceSet,
    settlement::SettlementBatch,
    shapes::{Part, Shapes},
    table::{Table, Unit, Values},
};
use whitespot_spatial::join::Joiner;

/// Places asked in each cell; shares are told to about a thousandth.
const SAMPLES: u32 = 1024;
/// Cells joined at a time: a quarter of a million places.
const CELLS_AT_A_TIME: usize = 256;

/// What rounding owes each set of offers, one map a measure (persons, households, workplaces).
#[derive(Default)]
struct Owed([BTreeMap<Vec<u64>, f64>; 3]);

/// A batch of cells as a batch of pieces with what reaches them; a piece stands at the mean of its places.
fn spread(
    joiner: &Joiner<'_>,
    batch: &SettlementBatch,
    cells: &Shapes,
    owed: &mut Owed,
) -> (SettlementBatch, Reached) {
    let mut pieces = SettlementBatch {
        first: batch.first,
        ids: batch.ids.as_ref().map(|_| TextColumn::default()),
        households: batch.households.as_ref().map(|_| Vec::new()),
        workplaces: batch.workplaces.as_ref().map(|_| Vec::new()),
        classes: batch.classes.as_ref().map(|_| Vec::new()),
        area_codes: batch.area_codes.as_ref().map(|_| TextColumn::default()),
        extra: vec![Vec::new(); batch.extra.len()],
        ..SettlementBatch::default()
    };
    let mut reached = Reached { n_words: 1, ..Reached::default() };
    for first in (0..batch.len()).step_by(CELLS_AT_A_TIME) {
        let rows = first..(first + CELLS_AT_A_TIME).min(batch.len());
        let mut places = SettlementBatch {
            ids: batch.ids.as_ref().map(|_| TextColumn::default()),
            ..SettlementBatch::default()
        };
        let mut ends = Vec::with_capacity(rows.len());
        for i in rows.clone() {
            let before = places.points.len();
            push_places(cells, i, batch.points[i], &mut places.points);
            let n = places.points.len() - before;
            if let (Some(ids), Some(all)) = (&mut places.ids, &batch.ids) {
                (0..n).for_each(|_| ids.push(all.get(i)));
            }
            ends.push(places.points.len());
        }
        places.persons = vec![0; places.points.len()];
        let joined = joiner.join(&places);
        reached.n_words = joined.n_words;
        let mut start = 0;
        for (i, end) in rows.zip(ends) {
            push_pieces(batch, i, &places, &joined, start..end, owed, (&mut pieces, &mut reached));
            start = end;
        }
    }
    (pieces, reached)
}

/// Places evenly in the polygons of cell `f`; its own point where it has none.
fn push_places(cells: &Shapes, f: usize, centre: Coord<f64>, places: &mut Vec<Coord<f64>>) {
    let before = places.len();
    let bounds = cells.bounds_of(f).filter(|_| cells.parts_of(f).all(|p| cells.parts[p] == Part::Polygon));
    if let Some((lo, hi)) = bounds {
        let is_box = is_box(cells, f, lo, hi);
        for k in 0..SAMPLES {
            let u = (f64::from(k) + 0.5) / f64::from(SAMPLES);
            // The bits of k in reverse: 10 of them, as there are 1,024 places.
            let v = (f64::from(k.reverse_bits() >> 22) + 0.5) / f64::from(SAMPLES);
            let at = Coord { x: lo.x + (hi.x - lo.x) * u, y: lo.y + (hi.y - lo.y) * v };
            if is_box || holds(cells, f, at) {
                places.push(at);
            }
        }
    }
    if places.len() == before {
        places.push(centre);
    }
}

fn is_box(cells: &Shapes, f: usize, lo: Coord<f64>, hi: Coord<f64>) -> bool {
    let coords = cells.coords_of(f);
    cells.parts_of(f).len() == 1
        && coords.len() == 5
        && coords.iter().all(|c| (c.x == lo.x || c.x == hi.x) && (c.y == lo.y || c.y == hi.y))
}

/// Even-odd within a part, any of the parts.
fn holds(cells: &Shapes, f: usize, at: Coord<f64>) -> bool {
    cells.parts_of(f).any(|p| {
        let crosses = |e: &[Coord<f64>]| {
            (e[0].y > at.y) != (e[1].y > at.y)
                && at.x < (e[1].x - e[0].x) * (at.y - e[0].y) / (e[1].y - e[0].y) + e[0].x
        };
        cells.rings_of(p).map(|r| cells.ring(r).windows(2).filter(|e| crosses(e)).count()).sum::<usize>() % 2
            == 1
    })
}

/// Places of a cell with the same area and offers.
#[derive(Default)]
struct Piece {
    n: u32,
    sum: (f64, f64),
}

fn push_pieces(
    batch: &SettlementBatch,
    i: usize,
    places: &SettlementBatch,
    joined: &Reached,
    range: std::ops::Range<usize>,
    owed: &mut Owed,
    (pieces, reached): (&mut SettlementBatch, &mut Reached),
) {
    let mut found: BTreeMap<(u32, &[u64]), Piece> = BTreeMap::new();
    let origin = places.points[range.start];
    for k in range.clone() {
        let piece = found.entry((joined.areas[k], joined.offers_of(k))).or_default();
        piece.n += 1;
        piece.sum.0 += places.points[k].x - origin.x;
        piece.sum.1 += places.points[k].y - origin.y;
    }
    let n_all = range.len() as u32;
    let counts: Vec<(&[u64], u32)> = found.iter().map(|((_, offers), piece)| (*offers, piece.n)).collect();
    let mut share = |m: usize, whole: u32| apportion(whole, n_all, &counts, &mut owed.0[m]);
    let persons = share(0, batch.persons[i]);
    let households = batch.households.as_ref().map(|h| share(1, h[i]));
    let workplaces = batch.workplaces.as_ref().map(|w| share(2, w[i]));
    let largest = (0..counts.len()).rev().max_by_key(|k| counts[*k].1).unwrap_or(0);
    for (k, ((area, offers), piece)) in found.iter().enumerate() {
        let row = batch.first + pieces.points.len() as u64;
        if *area == OUTSIDE {
            reached.notes.outside.add(row, persons[k]);
        }
        reached.areas.push(*area);
        reached.offers.extend_from_slice(offers);
        let n = f64::from(piece.n);
        pieces.points.push(Coord { x: origin.x + piece.sum.0 / n, y: origin.y + piece.sum.1 / n });
        pieces.persons.push(persons[k]);
        for (column, values) in [(&mut pieces.households, &households), (&mut pieces.workplaces, &workplaces)]
        {
            if let (Some(column), Some(values)) = (column, values) {
                column.push(values[k]);
            }
        }
        if let (Some(column), Some(classes)) = (&mut pieces.classes, &batch.classes) {
            column.push(classes[i]);
        }
        for (column, all) in [(&mut pieces.area_codes, &batch.area_codes), (&mut pieces.ids, &batch.ids)] {
            if let (Some(column), Some(all)) = (column, all) {
                column.push(all.get(i));
            }
        }
        // A value of the cell is counted once, with its largest piece.
        for (column, all) in pieces.extra.iter_mut().zip(&batch.extra) {
            column.push(if k == largest { all[i] } else { f64::NAN });
        }
    }
}

/// Whole numbers in proportion to `counts` that add up to `whole`; the last units go where most is owed.
fn apportion(
    whole: u32,
    n_all: u32,
    counts: &[(&[u64], u32)],
    owed: &mut BTreeMap<Vec<u64>, f64>,
) -> Vec<u32> {
    if counts.len() == 1 || whole == 0 {
        return counts.iter().map(|_| whole).collect();
    }
    let exact = |n: u32| u64::from(whole) * u64::from(n);
    let mut given: Vec<u32> = counts.iter().map(|(_, n)| (exact(*n) / u64::from(n_all)) as u32).collect();
    let remainder = |n: u32| (exact(n) % u64::from(n_all)) as f64 / f64::from(n_all);
    for (offers, n) in counts {
        *owed.entry(offers.to_vec()).or_default() += remainder(*n);
    }
    let left = whole - given.iter().sum::<u32>();
    for _ in 0..left {
        // Only pieces with a remainder may round up, each once; ties fall to the first.
        let candidates = (0..counts.len()).filter(|&k| remainder(counts[k].1) > 0.0);
        let is_up = |k: usize| u64::from(given[k]) * u64::from(n_all) > exact(counts[k].1);
        let next = candidates.filter(|&k| !is_up(k)).rev().max_by(|&a, &b| {
            let debt = |k: usize| owed.get(counts[k].0).copied().unwrap_or(0.0);
            debt(a).total_cmp(&debt(b))
        });
        let Some(next) = next else { break };
        given[next] += 1;
        if let Some(debt) = owed.get_mut(counts[next].0) {
            *debt -= 1.0;
        }
    }
    given
}

/// Adds to a table, for `representation = "both"`, what each service reaches counted by area share.
pub(crate) fn push_columns(table: &mut Table, rows: &[&GapRow], services: &ServiceSet) {
    for (s, service) in services.services.iter().enumerate().filter(|(_, s)| !s.is_hidden) {
        let values = rows.iter().map(|r| Some(r.services[s].reached.persons as i64)).collect();
        table.push(
            &format!("{}_reached_persons_area_share", service.name),
            Unit::Persons,
            &format!("Personer som nås av {}, räknade efter cellens täckta andel", service.name),
            &format!("Persons reached by {}, counted by the cells' covered share", service.name),
            Values::Int(values),
        );
    }
}

/// How far the two counts of `representation = "both"` lie apart, over everything.
pub(crate) fn spread_finding(
    by_centre: &GapTable,
    by_share: &GapTable,
    services: &ServiceSet,
    file: &str,
) -> Finding {
    let mut finding = Finding::note(
        "representation_spread",
        file,
        "cells are counted by their centre; the columns `…_reached_persons_area_share` count them by their covered share",
    );
    for (s, service) in services.services.iter().enumerate().filter(|(_, s)| !s.is_hidden) {
        let reached = |gaps: &GapTable| gaps.total.services[s].reached.persons;
        finding = finding.with_evidence(format!(
            "{} reaches {} persons by centre, {} by share",
            service.name,
            reached(by_centre),
            reached(by_share)
        ));
    }
    finding
}

/// How cells are counted, over all batches of a run.
pub(crate) struct Shares {
    representation: Representation,
    owed: Owed,
    /// Whether the shares are a second count beside that by centres.
    pub(crate) is_second: bool,
    /// That second count.
    pub(crate) second: Tally,
}

impl Shares {
    /// Nothing counted yet.
    pub(crate) fn new(representation: Representation) -> Shares {
        Shares {
            representation,
            owed: Owed::default(),
            is_second: representation == Representation::Both,
            second: Tally::default(),
        }
    }

    /// The batch's pieces, where cells are counted by share.
    pub(crate) fn spread(
        &mut self,
        joiner: &Joiner<'_>,
        batch: &SettlementBatch,
        cells: Option<&Shapes>,
    ) -> Option<(SettlementBatch, Reached)> {
        let cells = cells.filter(|_| self.representation != Representation::Centroid)?;
        Some(spread(joiner, batch, cells, &mut self.owed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_persons_are_shared_in_proportion_and_add_up() {
        let mut owed = BTreeMap::new();
        let counts: Vec<(&[u64], u32)> = vec![(&[0], 717), (&[1], 307)];
        assert_eq!(apportion(100, 1024, &counts, &mut owed), [70, 30]);
        assert_eq!(apportion(0, 1024, &counts, &mut owed), [0, 0]);
    }

    #[test]
    fn cells_of_one_person_do_not_all_fall_to_the_largest_piece() {
        let mut owed = BTreeMap::new();
        let counts: Vec<(&[u64], u32)> = vec![(&[0], 768), (&[1], 256)];
        let reached: u32 = (0..100).map(|_| apportion(1, 1024, &counts, &mut owed)[1]).sum();
        assert_eq!(reached, 25, "a quarter of each cell, a quarter of the people");
    }

    #[test]
    fn places_lie_evenly_and_in_the_cell() {
        let mut cells = Shapes::default();
        cells.begin_part(Part::Polygon);
        cells.push_ring([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]);
        cells.end_part();
        cells.end_feature();
        cells.begin_part(Part::Polygon);
        cells.push_ring([(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (0.0, 0.0)]);
        cells.end_part();
        cells.end_feature();
        let mut places = Vec::new();
        push_places(&cells, 0, Coord { x: 5.0, y: 5.0 }, &mut places);
        assert_eq!(places.len(), 1024);
        for side in [|c: &Coord<f64>| c.x, |c: &Coord<f64>| c.y] {
            assert_eq!(places.iter().filter(|c| side(c) < 3.0).count(), 307, "30 % of either side");
        }
        let mut half = Vec::new();
        push_places(&cells, 1, Coord { x: 2.0, y: 2.0 }, &mut half);
        // 32 places lie exactly on this diagonal, where a number and its reversed bits are complements; of the 992
        // others one half lies on each side.
        assert_eq!(half.len(), 496);
    }
}
