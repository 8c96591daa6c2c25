//! Areas of settlements that no area covers: across hairline gaps, and within `snap_m`.

use super::{JoinInput, Joiner};
use crate::crs::{Crs, Transform};
use crate::segment::{Segment, squared_distance};
use geo_types::Coord;
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use std::sync::OnceLock;
use whitespot_model::area::Areas;

/// Gaps and overlaps up to this width are drawing accuracy, not geography.
pub(crate) const HAIRLINE_M: f64 = 0.01;
/// Distances of coordinates of some 10⁷ m carry rounding errors of this size.
const ROUNDING_M: f64 = 1e-8;

/// Finds areas for settlements that none covers.
#[derive(Debug)]
pub(super) struct AreaAssignment<'a> {
    areas: &'a Areas,
    from_settlements: Transform,
    to_analysis: Transform,
    from_analysis: Transform,
    snap_m: f64,
    /// Outlines in the analysis CRS; built when the first settlement needs them.
    outlines: OnceLock<RTree<AreaEdge>>,
}

impl<'a> AreaAssignment<'a> {
    pub(super) fn new(areas: &'a Areas, crs: &Crs, input: &JoinInput<'a, '_>) -> Self {
        AreaAssignment {
            areas,
            from_settlements: Transform::new(input.settlements_crs, crs),
            to_analysis: Transform::new(crs, input.analysis_crs),
            from_analysis: Transform::new(input.analysis_crs, crs),
            snap_m: input.snap_m,
            outlines: OnceLock::new(),
        }
    }

    /// The nearer side, then the lower code, where two areas leave a gap of at most 1 cm around the point.
    pub(super) fn across_hairline_gap(&self, joiner: &Joiner<'_>, settlement: Coord<f64>) -> Option<u32> {
        let p = self.from_settlements.apply(settlement)?;
        let at = self.to_analysis.apply(p)?;
        let reach = 2.0 * HAIRLINE_M;
        let (mut lo, mut hi) = (p, p);
        for (dx, dy) in [(-reach, -reach), (-reach, reach), (reach, -reach), (reach, reach)] {
            let corner = self.from_analysis.apply(Coord { x: at.x + dx, y: at.y + dy })?;
            lo = Coord { x: lo.x.min(corner.x), y: lo.y.min(corner.y) };
            hi = Coord { x: hi.x.max(corner.x), y: hi.y.max(corner.y) };
        }
        // The nearest edge of each area; a handful at most.
        let mut near: Vec<(f64, u32)> = Vec::new();
        for group in &joiner.groups {
            group.index.area_edges_near(lo, hi, &mut |area, a, b| {
                let (Some(a), Some(b)) = (self.to_analysis.apply(a), self.to_analysis.apply(b)) else {
                    return;
                };
                let distance = squared_distance(at, a, b).sqrt();
                if distance > HAIRLINE_M + ROUNDING_M {
                    return;
                }
                match near.iter_mut().find(|n| n.1 == area) {
                    Some(known) => known.0 = known.0.min(distance),
                    None => near.push((distance, area)),
                }
            });
        }
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        match near[..] {
            [first, second, ..] if first.0 + second.0 <= HAIRLINE_M + ROUNDING_M => Some(first.1),
            _ => None,
        }
    }

    /// The nearest area within `snap_m`, of equally near ones the lower code.
    pub(super) fn within_snap(&self, joiner: &Joiner<'_>, settlement: Coord<f64>) -> Option<u32> {
        // NaN and negative distances snap nothing, either.
        if self.snap_m.is_nan() || self.snap_m <= 0.0 {
            return None;
        }
        let at = joiner.to_analysis.apply(settlement)?;
        let outlines = self.outlines.get_or_init(|| RTree::bulk_load(self.area_edges()));
        let mut nearest: Option<(f64, u32)> = None;
        for (edge, distance2) in outlines.nearest_neighbor_iter_with_distance_2(&[at.x, at.y]) {
            match nearest {
                None if distance2 <= self.snap_m * self.snap_m => nearest = Some((distance2, edge.area)),
                Some((d, area)) if distance2 <= d => nearest = Some((d, area.min(edge.area))),
                _ => break,
            }
        }
        nearest.map(|n| n.1)
    }

    fn area_edges(&self) -> Vec<AreaEdge> {
        let shapes = &self.areas.shapes;
        let mut edges = Vec::new();
        let mut ring_in_analysis = Vec::new();
        for f in 0..shapes.n_features() {
            for ring in shapes.parts_of(f).flat_map(|p| shapes.rings_of(p)) {
                ring_in_analysis.clear();
                self.to_analysis.apply_slice(shapes.ring(ring), &mut ring_in_analysis);
                edges.extend(ring_in_analysis.windows(2).filter_map(|w| {
                    let segment = Segment { a: w[0], b: w[1] };
                    segment.is_finite().then_some(AreaEdge { segment, area: f as u32 })
                }));
            }
        }
        edges
    }
}

/// An edge of an area's outline, in the analysis CRS.
#[derive(Clone, Copy, Debug)]
struct AreaEdge {
    segment: Segment,
    area: u32,
}

impl RTreeObject for AreaEdge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.segment.envelope()
    }
}

impl PointDistance for AreaEdge {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.segment.distance_2(point)
    }
}
