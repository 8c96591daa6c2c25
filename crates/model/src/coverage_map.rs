//! Coverage as the explorer's map shows it: outlines on a lattice, kept beside the settlements in `internal/`.
//!
//! Layers of the same technology and status are one group. The file is a short head and then numbers as differences,
//! about three bytes a corner, so that a country's layers stay light. What is counted is never read from here.

use crate::{
    coverage::{CoverageLayer, NO_OFFER, Status, Technology},
    shapes::{Part, Shapes},
};
use geo_types::Coord;
use std::collections::BTreeMap;

/// First bytes of the file; the digit is its version.
const HEAD: &[u8; 8] = b"wscover1";
/// The lattice is never finer than this: maps are looked at, not measured.
const LEAST_STEP_M: f64 = 10.0;
/// Lattice points along the longer side, at most.
const MOST_STEPS: f64 = 20_000.0;

/// Coverage of one layer, technology and status.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageGroup {
    /// Id of the layer in the analysis file.
    pub layer: String,
    /// Technology.
    pub technology: Technology,
    /// Built or promised.
    pub status: Status,
    /// Reach around what is drawn, metres.
    pub reach_m: f64,
    /// What is drawn.
    pub parts: Vec<CoveragePart>,
}

/// A polygon, line or point of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct CoveragePart {
    /// What it is.
    pub kind: Part,
    /// Lattice points; rings of polygons are closed without repeating their first point.
    pub rings: Vec<Vec<[i32; 2]>>,
}

/// All groups on one lattice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoverageMap {
    /// Easting and northing of lattice point (0, 0), metres of the analysis CRS.
    pub origin_m: [f64; 2],
    /// Distance of lattice points in metres.
    pub step_m: f64,
    /// The groups, in the order of the layers, then by technology and status.
    pub groups: Vec<CoverageGroup>,
}

impl CoverageMap {
    /// An empty map whose lattice suits what lies between the lowest and highest corner, which are where the areas are.
    pub fn over((lo, hi): (Coord<f64>, Coord<f64>)) -> CoverageMap {
        let extent = (hi.x - lo.x).max(hi.y - lo.y);
        let step_m = if extent.is_finite() { (extent / MOST_STEPS).max(LEAST_STEP_M) } else { LEAST_STEP_M };
        CoverageMap { origin_m: [lo.x, lo.y], step_m, groups: Vec::new() }
    }

    /// Adds a layer; `shapes` are its own in the analysis CRS.
    pub fn add(&mut self, layer: &CoverageLayer, shapes: &Shapes) {
        let mut groups: BTreeMap<(Technology, bool), Vec<CoveragePart>> = BTreeMap::new();
        for (f, &offer) in layer.feature_offers.iter().enumerate().filter(|(_, o)| **o != NO_OFFER) {
            let Some(offer) = layer.offers.get(offer as usize) else { continue };
            let group = groups.entry((offer.technology, offer.status == Status::Planned)).or_default();
            group.extend(shapes.parts_of(f).filter_map(|p| self.part(shapes, p)));
        }
        let groups = groups.into_iter().filter(|(_, parts)| !parts.is_empty());
        self.groups.extend(groups.map(|((technology, is_planned), parts)| CoverageGroup {
            layer: layer.id.clone(),
            technology,
            status: if is_planned { Status::Planned } else { Status::Existing },
            reach_m: layer.reach_m,
            parts,
        }));
    }

    /// A part on the lattice; `None` where nothing of it is left.
    fn part(&self, shapes: &Shapes, p: usize) -> Option<CoveragePart> {
        let kind = shapes.parts[p];
        let on_lattice = |v: f64, origin: f64| ((v - origin) / self.step_m).round() as i32;
        let mut rings = Vec::new();
        for r in shapes.rings_of(p) {
            let finite = shapes.ring(r).iter().filter(|c| c.x.is_finite() && c.y.is_finite());
            let mut ring: Vec<[i32; 2]> = finite
                .map(|c| [on_lattice(c.x, self.origin_m[0]), on_lattice(c.y, self.origin_m[1])])
                .collect();
            ring.dedup();
            if kind == Part::Polygon && ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
            let least = match kind {
                Part::Point => 1,
                Part::Line => 2,
                Part::Polygon => 3,
            };
            if ring.len() >= least {
                rings.push(ring);
            }
        }
        (!rings.is_empty()).then_some(CoveragePart { kind, rings })
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = HEAD.to_vec();
        for v in [self.origin_m[0], self.origin_m[1], self.step_m] {
            out.extend(v.to_le_bytes());
        }
        varint(&mut out, self.groups.len() as u64);
        for group in &self.groups {
            varint(&mut out, group.layer.len() as u64);
            out.extend(group.layer.as_bytes());
            let technology = Technology::ALL.iter().position(|t| *t == group.technology).unwrap_or_default();
            out.push(technology as u8);
            out.push(u8::from(group.status == Status::Planned));
            out.extend(group.reach_m.to_le_bytes());
            varint(&mut out, group.parts.len() as u64);
            let mut at = [0_i32; 2];
            for part in &group.parts {
                out.push(match part.kind {
                    Part::Point => 0,
                    Part::Line => 1,
                    Part::Polygon => 2,
                });
                varint(&mut out, part.rings.len() as u64);
                for ring in &part.rings {
                    varint(&mut out, ring.len() as u64);
                    for point in ring {
                        for axis in 0..2 {
                            let step = i64::from(point[axis]) - i64::from(at[axis]);
                            varint(&mut out, ((step << 1) ^ (step >> 63)) as u64);
                        }
                        at = *point;
                    }
                }
            }
        }
        out
    }

    /// Reads [`Self::to_bytes`]; `None` where the bytes are no such file or end too early.
    pub fn from_bytes(bytes: &[u8]) -> Option<CoverageMap> {
        let mut rest = Reader { rest: bytes.strip_prefix(HEAD)? };
        let mut map =
            CoverageMap { origin_m: [rest.real()?, rest.real()?], step_m: rest.real()?, groups: Vec::new() };
        for _ in 0..rest.varint()? {
            let length = usize::try_from(rest.varint()?).ok()?;
            let layer = String::from_utf8(rest.take(length)?.to_vec()).ok()?;
            let technology = *Technology::ALL.get(usize::from(rest.byte()?))?;
            let status = if rest.byte()? == 1 { Status::Planned } else { Status::Existing };
            let reach_m = rest.real()?;
            let mut parts = Vec::new();
            let mut at = [0_i32; 2];
            for _ in 0..rest.varint()? {
                let kind = match rest.byte()? {
                    0 => Part::Point,
                    1 => Part::Line,
                    2 => Part::Polygon,
                    _ => return None,
                };
                let mut rings = Vec::new();
                for _ in 0..rest.varint()? {
                    let mut ring = Vec::new();
                    for _ in 0..rest.varint()? {
                        for axis in &mut at {
                            let step = rest.varint()?;
                            let step = (step >> 1) as i64 ^ -((step & 1) as i64);
                            *axis = i32::try_from(i64::from(*axis).checked_add(step)?).ok()?;
                        }
                        ring.push(at);
                    }
                    rings.push(ring);
                }
                parts.push(CoveragePart { kind, rings });
            }
            map.groups.push(CoverageGroup { layer, technology, status, reach_m, parts });
        }
        Some(map)
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn real(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{coverage::Kind, coverage::Offer, crs::CrsDeclaration};

    fn layer() -> CoverageLayer {
        let offer = |technology, status| Offer {
            layer: "f".to_string(),
            kind: Kind::Fixed,
            technology,
            operator: String::new(),
            download_mbps: None,
            upload_mbps: None,
            basis: None,
            status,
            ready: None,
            level: None,
        };
        let mut shapes = Shapes::default();
        for x in [0.0, 1_000.0] {
            shapes.begin_part(Part::Polygon);
            shapes.push_ring([(x, 0.0), (x + 500.0, 0.0), (x + 500.0, 400.0), (x, 400.0), (x, 0.0)]);
            shapes.end_part();
            shapes.end_feature();
        }
        shapes.push_point(70.0, -30.0);
        CoverageLayer {
            id: "fibre".to_string(),
            crs: CrsDeclaration::Code("EPSG:3006".to_string()),
            shapes,
            feature_offers: vec![0, 1, NO_OFFER],
            offers: vec![
                offer(Technology::Fibre, Status::Planned),
                offer(Technology::Fibre, Status::Existing),
            ],
            reach_m: 0.0,
            keyed: Vec::new(),
            places: vec![1, 2, 3],
        }
    }

    #[test]
    fn what_is_promised_is_drawn_apart_and_what_offers_nothing_is_not() {
        let layer = layer();
        let mut map = CoverageMap::over(layer.shapes.bounds().unwrap());
        map.add(&layer, &layer.shapes);
        let told: Vec<_> = map.groups.iter().map(|g| (g.status, g.parts.len())).collect();
        assert_eq!(told, [(Status::Existing, 1), (Status::Planned, 1)]);
        assert_eq!(map.groups[1].parts[0].rings[0], [[0, 3], [50, 3], [50, 43], [0, 43]]);
    }

    #[test]
    fn the_file_reads_back_and_a_damaged_one_is_refused() {
        let layer = layer();
        let mut map = CoverageMap::over(layer.shapes.bounds().unwrap());
        map.add(&layer, &layer.shapes);
        let bytes = map.to_bytes();
        assert_eq!(CoverageMap::from_bytes(&bytes), Some(map));
        for n in 0..bytes.len() {
            assert_eq!(CoverageMap::from_bytes(&bytes[..n]), None, "{n} bytes");
        }
        assert_eq!(CoverageMap::from_bytes(b"something else"), None);
    }
}
