//! Mapbox Vector Tile 2.1, as much of it as areas and settlements need: one layer, written as protocol buffers.

use std::collections::BTreeMap;

/// A property of a feature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Int(i64),
    Bool(bool),
    Text(String),
    /// The bits of a number with a fraction, so that equal ones are found.
    Real(u64),
}

/// A layer being written.
pub(crate) struct Layer {
    name: String,
    extent: u32,
    features: Vec<u8>,
    keys: Vec<String>,
    values: BTreeMap<Value, u32>,
}

impl Layer {
    pub(crate) fn new(name: &str, extent: u32) -> Layer {
        let (features, keys) = (Vec::new(), Vec::new());
        Layer { name: name.to_string(), extent, features, keys, values: BTreeMap::new() }
    }

    /// Adds a polygon of rings in tile units; nothing where no ring is left on the lattice. Shells are wound one way
    /// and holes the other by how many rings each lies in (even-odd).
    pub(crate) fn add_polygon(&mut self, id: u64, rings: &[Vec<[f64; 2]>], properties: &[(&str, Value)]) {
        let mut rings: Vec<Vec<[i64; 2]>> =
            rings.iter().map(|r| on_lattice(r)).filter(|r| doubled_area(r) != 0).collect();
        let boxes: Vec<[[i64; 2]; 2]> = rings.iter().map(|r| box_of(r)).collect();
        let is_in = |i: usize, j: usize| {
            let ([x, y], [low, high]) = (rings[i][0], boxes[j]);
            (low[0]..=high[0]).contains(&x) && (low[1]..=high[1]).contains(&y) && is_inside([x, y], &rings[j])
        };
        let depths: Vec<usize> =
            (0..rings.len()).map(|i| (0..rings.len()).filter(|&j| j != i && is_in(i, j)).count()).collect();
        let mut order: Vec<usize> = (0..rings.len()).collect();
        // A hole follows its shell: outermost first, each shell with the holes right inside it.
        order.sort_by_key(|&i| depths[i]);
        let mut sequence = Vec::new();
        for &shell in order.iter().filter(|&&i| depths[i].is_multiple_of(2)) {
            sequence.push(shell);
            let holes = order.iter().filter(|&&h| depths[h] == depths[shell] + 1 && is_in(h, shell));
            sequence.extend(holes.copied());
        }
        for (i, ring) in rings.iter_mut().enumerate() {
            // In tile units y runs down: a positive area is clockwise on the screen, as shells must be.
            if (doubled_area(ring) > 0) != depths[i].is_multiple_of(2) {
                ring.reverse();
            }
        }
        let mut geometry = Vec::new();
        let mut at = [0, 0];
        for &i in &sequence {
            let ring = &rings[i];
            command(&mut geometry, 1, 1);
            step(&mut geometry, &mut at, ring[0]);
            command(&mut geometry, 2, ring.len() as u64 - 1);
            ring[1..].iter().for_each(|p| step(&mut geometry, &mut at, *p));
            command(&mut geometry, 7, 1);
        }
        if !geometry.is_empty() {
            self.add(Some(id), 3, &geometry, properties);
        }
    }

    /// Adds a chain in tile units; nothing where all of it falls onto one lattice point.
    pub(crate) fn add_line(&mut self, points: &[[f64; 2]], properties: &[(&str, Value)]) {
        self.add_chains(None, &[points], properties);
    }

    /// Adds chains in tile units as one feature; nothing where none is left on the lattice.
    pub(crate) fn add_lines(&mut self, id: u64, lines: &[Vec<[f64; 2]>], properties: &[(&str, Value)]) {
        let lines: Vec<&[[f64; 2]]> = lines.iter().map(Vec::as_slice).collect();
        self.add_chains(Some(id), &lines, properties);
    }

    fn add_chains(&mut self, id: Option<u64>, chains: &[&[[f64; 2]]], properties: &[(&str, Value)]) {
        let (mut geometry, mut at) = (Vec::new(), [0, 0]);
        for chain in chains {
            let mut points: Vec<[i64; 2]> =
                chain.iter().map(|p| [p[0].round() as i64, p[1].round() as i64]).collect();
            points.dedup();
            if points.len() < 2 {
                continue;
            }
            command(&mut geometry, 1, 1);
            step(&mut geometry, &mut at, points[0]);
            command(&mut geometry, 2, points.len() as u64 - 1);
            points[1..].iter().for_each(|p| step(&mut geometry, &mut at, *p));
        }
        if !geometry.is_empty() {
            self.add(id, 2, &geometry, properties);
        }
    }

    /// Adds a point in tile units.
    pub(crate) fn add_point(&mut self, [x, y]: [f64; 2], properties: &[(&str, Value)]) {
        let mut geometry = Vec::new();
        command(&mut geometry, 1, 1);
        step(&mut geometry, &mut [0, 0], [x.round() as i64, y.round() as i64]);
        self.add(None, 1, &geometry, properties);
    }

    fn add(&mut self, id: Option<u64>, kind: u64, geometry: &[u8], properties: &[(&str, Value)]) {
        let mut feature = Vec::new();
        if let Some(id) = id {
            number(&mut feature, 1, id);
        }
        let mut tags = Vec::new();
        for (key, value) in properties {
            let k = self.keys.iter().position(|k| k == key).unwrap_or_else(|| {
                self.keys.push((*key).to_string());
                self.keys.len() - 1
            });
            let next = self.values.len() as u32;
            varint(&mut tags, k as u64);
            varint(&mut tags, u64::from(*self.values.entry(value.clone()).or_insert(next)));
        }
        if !tags.is_empty() {
            bytes(&mut feature, 2, &tags);
        }
        number(&mut feature, 3, kind);
        bytes(&mut feature, 4, geometry);
        bytes(&mut self.features, 2, &feature);
    }

    /// The tile that holds this layer; of no bytes where it has no features.
    pub(crate) fn into_tile(self) -> Vec<u8> {
        if self.features.is_empty() {
            return Vec::new();
        }
        let mut layer = Vec::new();
        number(&mut layer, 15, 2);
        bytes(&mut layer, 1, self.name.as_bytes());
        layer.extend_from_slice(&self.features);
        self.keys.iter().for_each(|key| bytes(&mut layer, 3, key.as_bytes()));
        let mut values: Vec<(Value, u32)> = self.values.into_iter().collect();
        values.sort_by_key(|(_, place)| *place);
        for (value, _) in values {
            let mut written = Vec::new();
            match value {
                Value::Int(v) => number(&mut written, 6, zigzag(v)),
                Value::Bool(v) => number(&mut written, 7, u64::from(v)),
                Value::Text(v) => bytes(&mut written, 1, v.as_bytes()),
                Value::Real(bits) => {
                    varint(&mut written, (3 << 3) | 1);
                    written.extend_from_slice(&bits.to_le_bytes());
                }
            }
            bytes(&mut layer, 4, &written);
        }
        number(&mut layer, 5, u64::from(self.extent));
        let mut tile = Vec::new();
        bytes(&mut tile, 3, &layer);
        tile
    }
}

/// Whole units, without repeated points.
fn on_lattice(ring: &[[f64; 2]]) -> Vec<[i64; 2]> {
    let mut points: Vec<[i64; 2]> = ring.iter().map(|p| [p[0].round() as i64, p[1].round() as i64]).collect();
    points.dedup();
    while points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

fn doubled_area(ring: &[[i64; 2]]) -> i64 {
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    if ring.len() < 3 { 0 } else { pairs.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum() }
}

/// Lowest and highest corner of a ring.
fn box_of(ring: &[[i64; 2]]) -> [[i64; 2]; 2] {
    ring.iter().fold([[i64::MAX; 2], [i64::MIN; 2]], |[low, high], p| {
        [[low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])]]
    })
}

fn is_inside([x, y]: [i64; 2], ring: &[[i64; 2]]) -> bool {
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    pairs.fold(false, |inside, (a, b)| {
        let crosses = (a[1] <= y) != (b[1] <= y)
            && (x as f64) < a[0] as f64 + (y - a[1]) as f64 / (b[1] - a[1]) as f64 * (b[0] - a[0]) as f64;
        inside != crosses
    })
}

fn command(out: &mut Vec<u8>, id: u64, count: u64) {
    varint(out, (count << 3) | id);
}

fn step(out: &mut Vec<u8>, at: &mut [i64; 2], to: [i64; 2]) {
    varint(out, zigzag(to[0] - at[0]));
    varint(out, zigzag(to[1] - at[1]));
    *at = to;
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, (field << 3) | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_is_written_as_the_specification_shows() {
        let mut layer = Layer::new("a", 4096);
        layer.add_polygon(7, &[vec![[3.0, 6.0], [8.0, 12.0], [20.0, 34.0]]], &[("p", Value::Int(5))]);
        let tile = layer.into_tile();
        // The geometry of the specification's example (section 4.3.5.3), wound as a shell must be.
        let geometry = [9, 6, 12, 18, 10, 12, 24, 44, 15];
        assert!(tile.windows(geometry.len()).any(|w| w == geometry), "{tile:?}");
        assert_eq!(tile[0], 0x1a);
    }

    #[test]
    fn a_hole_is_wound_the_other_way_and_follows_its_shell() {
        let square = |a: f64, b: f64| vec![[a, a], [b, a], [b, b], [a, b]];
        let mut layer = Layer::new("a", 4096);
        layer.add_polygon(0, &[square(10.0, 20.0), square(0.0, 100.0)], &[]);
        let tile = layer.into_tile();
        let found = |part: &[u8]| tile.windows(part.len()).position(|w| w == part);
        // From 0, 0 to the right and down; then from 0, 100 to 10, 20, to the right and up.
        let shell = found(&[9, 0, 0, 26, 200, 1, 0, 0, 200, 1, 199, 1, 0, 15]);
        let hole = found(&[9, 20, 159, 1, 26, 20, 0, 0, 19, 19, 0, 15]);
        assert!(shell.is_some() && shell < hole, "{tile:?}");
    }

    #[test]
    fn what_falls_onto_one_lattice_point_is_left_out() {
        let mut layer = Layer::new("a", 4096);
        layer.add_polygon(0, &[vec![[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]], &[]);
        assert!(layer.into_tile().is_empty());
    }
}
