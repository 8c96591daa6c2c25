//! Finds invalid polygons: rings that cross themselves or one another, enclose nothing, or lie where they must not.
//!
//! Crossings are looked for among the edges that share a cell of the index, so a check is about linear in the
//! number of edges. Ring direction is of no meaning here: what is inside is told by even-odd counting.

pub(crate) mod crossing;
pub(crate) mod holes;
mod rings;

use crate::index::{CellIndex, Source};
use geo_types::Coord;
use rayon::prelude::*;
use whitespot_model::shapes::{Part, Shapes};

/// One thing wrong with one polygon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InvalidPart {
    /// The feature.
    pub feature: u32,
    /// What is wrong.
    pub kind: InvalidKind,
    /// Where, in the CRS of the shapes.
    pub at: Coord<f64>,
}

/// What can be wrong with a polygon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvalidKind {
    /// A coordinate is NaN or infinite; the polygon covers nothing.
    NotFinite,
    /// A ring's last point is not its first; the polygon covers nothing.
    Unclosed,
    /// A ring has fewer than three different points.
    TooFewPoints,
    /// A ring encloses no area.
    ZeroArea,
    /// Two edges cross, or run along one another.
    SelfCrossing,
    /// A hole lies outside its shell, or in another hole.
    HoleOutsideShell,
    /// The outline turns back on itself. Only worth a note.
    Spike,
    /// A point stands twice in a row. Only worth a note.
    DuplicatePoint,
}

impl InvalidKind {
    /// Whether what is covered is clear nevertheless.
    pub fn is_note(self) -> bool {
        matches!(self, InvalidKind::Spike | InvalidKind::DuplicatePoint)
    }

    /// What is wrong, in words that follow "a polygon whose": `ring crosses itself`.
    pub fn reason(self) -> &'static str {
        match self {
            InvalidKind::NotFinite => "coordinate is not a finite number",
            InvalidKind::Unclosed => "ring is not closed",
            InvalidKind::TooFewPoints => "ring has fewer than three different points",
            InvalidKind::ZeroArea => "ring encloses no area",
            InvalidKind::SelfCrossing => "ring crosses itself or another ring",
            InvalidKind::HoleOutsideShell => "hole lies outside its shell",
            InvalidKind::Spike => "outline turns back on itself",
            InvalidKind::DuplicatePoint => "outline repeats a point",
        }
    }
}

/// Everything wrong with the polygons of `shapes`, ordered by feature and kind, at most one of a kind for each
/// polygon; empty where all are valid. Parallel; the result does not depend on the number of threads.
///
/// The [join](crate::join::Joiner) can find the same while it builds its index, at a fraction of the cost.
pub fn check(shapes: &Shapes) -> Vec<InvalidPart> {
    let source = Source { shapes, slots: vec![0; shapes.n_features()], is_checked: true };
    let index = CellIndex::build(&[source], 1);
    of_layer(shapes, &vec![true; shapes.n_features()], &index, 0)
}

/// Everything wrong with the features of layer `layer` of an index that are `wanted`.
pub(crate) fn of_layer(
    shapes: &Shapes,
    wanted: &[bool],
    index: &CellIndex<'_>,
    layer: u32,
) -> Vec<InvalidPart> {
    let mut found: Vec<(u32, InvalidPart)> = (0..shapes.n_features() as u32)
        .into_par_iter()
        .with_min_len(64)
        .filter(|f| wanted[*f as usize])
        .flat_map_iter(|feature| {
            let polygons = shapes.parts_of(feature as usize).filter(|p| shapes.parts[*p] == Part::Polygon);
            polygons.flat_map(move |p| {
                let mut wrong = rings::check(shapes, p);
                wrong.extend(holes::check(shapes, p, index, layer));
                wrong.into_iter().map(move |(kind, at)| (p as u32, InvalidPart { feature, kind, at }))
            })
        })
        .collect();
    for crossing in index.crossings_of(layer) {
        let Some((feature, part)) = polygon_of(shapes, crossing.coord) else { continue };
        let kind = InvalidKind::SelfCrossing;
        found.push((part, InvalidPart { feature, kind, at: crossing.at }));
    }
    found.sort_by_key(|(part, i)| (i.feature, *part, i.kind));
    found.dedup_by_key(|(part, i)| (i.feature, *part, i.kind));
    found.into_iter().map(|(_, i)| i).collect()
}

/// Feature and part that own a coordinate.
fn polygon_of(shapes: &Shapes, coord: u32) -> Option<(u32, u32)> {
    let ring = shapes.ring_ends.partition_point(|end| *end <= coord) as u32;
    let part = shapes.part_ends.partition_point(|end| *end <= ring) as u32;
    let feature = shapes.feature_ends.partition_point(|end| *end <= part) as u32;
    ((feature as usize) < shapes.n_features()).then_some((feature, part))
}

#[cfg(test)]
mod tests;
