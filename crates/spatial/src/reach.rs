//! Coverage by distance: lines, points and polygons that reach every place within `reach_m`.

use crate::crs::Transform;
use crate::index::SKIPPED;
use crate::segment::Segment;
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use whitespot_model::shapes::{Part, Shapes};

/// The pieces of one layer's shapes in the analysis CRS.
#[derive(Debug)]
pub(crate) struct ReachIndex {
    tree: RTree<Piece>,
    /// Offers the layer can add, as words.
    all: Vec<(usize, u64)>,
    reach2: f64,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    segment: Segment,
    slot: u32,
}

impl ReachIndex {
    /// The index of the features whose slot is not skipped; `None` where nothing reaches anything by distance:
    /// polygons with `reach_m` 0 reach what they cover, which the cell index tells.
    pub(crate) fn build(
        shapes: &Shapes,
        slots: &[u32],
        reach_m: f64,
        to_analysis: &Transform,
    ) -> Option<ReachIndex> {
        let reach_m = if reach_m > 0.0 { reach_m } else { 0.0 };
        let mut pieces = Vec::new();
        let mut ring = Vec::new();
        for (f, &slot) in slots.iter().enumerate().filter(|(_, slot)| **slot != SKIPPED) {
            for p in shapes.parts_of(f) {
                if reach_m == 0.0 && shapes.parts[p] == Part::Polygon {
                    continue;
                }
                for r in shapes.rings_of(p) {
                    ring.clear();
                    to_analysis.apply_slice(shapes.ring(r), &mut ring);
                    if let [only] = ring[..] {
                        ring.push(only);
                    }
                    let pairs = ring.windows(2).map(|w| Segment { a: w[0], b: w[1] });
                    pieces.extend(pairs.filter(Segment::is_finite).map(|segment| Piece { segment, slot }));
                }
            }
        }
        if pieces.is_empty() {
            return None;
        }
        let mut all: Vec<(usize, u64)> = Vec::new();
        for piece in &pieces {
            let (word, bit) = (piece.slot as usize / 64, 1 << (piece.slot % 64));
            match all.iter_mut().find(|(w, _)| *w == word) {
                Some((_, bits)) => *bits |= bit,
                None => all.push((word, bit)),
            }
        }
        Some(ReachIndex { tree: RTree::bulk_load(pieces), all, reach2: reach_m * reach_m })
    }

    /// Adds the offers within reach of `p` (analysis CRS) to `words`; a distance equal to the reach counts.
    pub(crate) fn look_up(&self, p: geo_types::Coord<f64>, words: &mut [u64]) {
        if self.all.iter().all(|(word, bits)| words[*word] & bits == *bits) {
            return;
        }
        for piece in self.tree.locate_within_distance([p.x, p.y], self.reach2) {
            words[piece.slot as usize / 64] |= 1 << (piece.slot % 64);
        }
    }
}

impl RTreeObject for Piece {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.segment.envelope()
    }
}

impl PointDistance for Piece {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.segment.distance_2(point)
    }
}
