//! The spatial index of a layer: an SQLite R*Tree table, packed instead of grown.
//!
//! Inserting box by box costs several microseconds each and depends on the order. Here boxes are sorted along
//! slices (sort-tile-recursive, Leutenegger 1997) and the nodes written as the R*Tree module stores them
//! (sqlite.org/rtree.html, "Shadow tables"), which is also how GDAL builds large indexes.

use geo_types::Coord;
use rusqlite::{Connection, params};

/// Cells of a full node: what the module uses at the default page size of 4096 bytes.
const NODE_CELLS: usize = 51;

/// Bytes of a cell: a 64-bit id and four 32-bit coordinates.
const CELL_BYTES: usize = 24;

/// Boxes of features, to be written once all are known.
#[derive(Clone, Debug, Default)]
pub(super) struct SpatialIndex {
    cells: Vec<Cell>,
    bounds: Option<(Coord<f64>, Coord<f64>)>,
}

/// A box with the feature or node it belongs to.
#[derive(Clone, Copy, Debug)]
struct Cell {
    id: i64,
    /// Smallest x, largest x, smallest y, largest y: rounded outwards.
    sides: [f32; 4],
}

impl SpatialIndex {
    pub(super) fn add(&mut self, id: i64, (lo, hi): (Coord<f64>, Coord<f64>)) {
        self.cells.push(Cell { id, sides: [below(lo.x), above(hi.x), below(lo.y), above(hi.y)] });
        self.bounds = Some(self.bounds.map_or((lo, hi), |(a, b)| {
            (Coord { x: a.x.min(lo.x), y: a.y.min(lo.y) }, Coord { x: b.x.max(hi.x), y: b.y.max(hi.y) })
        }));
    }

    /// Smallest and largest corner of all boxes.
    pub(super) fn bounds(&self) -> Option<(Coord<f64>, Coord<f64>)> {
        self.bounds
    }

    /// Makes the index of column `geom` of `table`.
    pub(super) fn write(&self, connection: &Connection, table: &str) -> rusqlite::Result<()> {
        let name = format!("rtree_{table}_geom");
        let quoted = |suffix: &str| format!("\"{}{suffix}\"", name.replace('"', "\"\""));
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {} USING rtree(id, minx, maxx, miny, maxy)",
            quoted("")
        ))?;
        if self.cells.is_empty() {
            return Ok(());
        }
        let mut node =
            connection.prepare(&format!("INSERT OR REPLACE INTO {} VALUES (?1, ?2)", quoted("_node")))?;
        let mut rowid = connection.prepare(&format!("INSERT INTO {} VALUES (?1, ?2)", quoted("_rowid")))?;
        let mut parent = connection.prepare(&format!("INSERT INTO {} VALUES (?1, ?2)", quoted("_parent")))?;

        let mut level = self.cells.clone();
        let mut depth = 0_u16;
        let mut next_node = 2; // node 1 is the root
        while level.len() > NODE_CELLS {
            let mut above_level = Vec::with_capacity(level.len() / NODE_CELLS + 1);
            for cells in tiles(&mut level) {
                for cell in cells {
                    let link = if depth == 0 { &mut rowid } else { &mut parent };
                    link.execute(params![cell.id, next_node])?;
                }
                node.execute(params![next_node, node_bytes(0, cells)])?;
                above_level.push(Cell { id: next_node, sides: enclosing(cells) });
                next_node += 1;
            }
            level = above_level;
            depth += 1;
        }
        for cell in &level {
            let link = if depth == 0 { &mut rowid } else { &mut parent };
            link.execute(params![cell.id, 1])?;
        }
        node.execute(params![1, node_bytes(depth, &level)])?;
        Ok(())
    }
}

/// Cuts a level into nodes: slices by x, and within a slice groups by y. Ids break ties.
///
/// A node holds at least a third of its cells, as the module demands of all but the root.
fn tiles(cells: &mut [Cell]) -> impl Iterator<Item = &[Cell]> {
    let middle = |c: &Cell, axis: usize| f64::from(c.sides[axis]) + f64::from(c.sides[axis + 1]);
    let by = |axis: usize| {
        move |a: &Cell, b: &Cell| middle(a, axis).total_cmp(&middle(b, axis)).then(a.id.cmp(&b.id))
    };
    let n_nodes = cells.len().div_ceil(NODE_CELLS);
    let n_slices = (n_nodes as f64).sqrt().ceil() as usize;
    cells.sort_unstable_by(by(0));
    let mut slices = Vec::with_capacity(n_slices);
    for slice in even_chunks(cells.len(), n_slices) {
        cells[slice.clone()].sort_unstable_by(by(2));
        slices.push(slice);
    }
    let cells = &*cells;
    slices.into_iter().flat_map(move |slice| {
        let n = slice.len().div_ceil(NODE_CELLS);
        even_chunks(slice.len(), n).map(move |r| &cells[slice.start + r.start..slice.start + r.end])
    })
}

/// `0..n` in `n_chunks` ranges whose lengths differ by at most one.
fn even_chunks(n: usize, n_chunks: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..n_chunks).map(move |i| i * n / n_chunks..(i + 1) * n / n_chunks)
}

/// A node as the module stores it: depth (of the tree, in the root only), count and cells, big-endian.
fn node_bytes(depth: u16, cells: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + NODE_CELLS * CELL_BYTES);
    bytes.extend(depth.to_be_bytes());
    bytes.extend((cells.len() as u16).to_be_bytes());
    for cell in cells {
        bytes.extend(cell.id.to_be_bytes());
        for side in cell.sides {
            bytes.extend(side.to_be_bytes());
        }
    }
    bytes.resize(4 + NODE_CELLS * CELL_BYTES, 0);
    bytes
}

fn enclosing(cells: &[Cell]) -> [f32; 4] {
    cells.iter().fold(
        [f32::INFINITY, f32::NEG_INFINITY, f32::INFINITY, f32::NEG_INFINITY],
        |all, Cell { sides: s, .. }| [all[0].min(s[0]), all[1].max(s[1]), all[2].min(s[2]), all[3].max(s[3])],
    )
}

/// The largest `f32` not above `v`.
fn below(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) > v { near.next_down() } else { near }
}

/// The smallest `f32` not below `v`.
fn above(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) < v { near.next_up() } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_finds_the_index_sound_and_every_box_in_it() {
        for n in [0_i64, 1, 51, 52, 53, 2601, 2602, 20_000] {
            let connection = Connection::open_in_memory().unwrap();
            let mut index = SpatialIndex::default();
            for i in 0..n {
                let (x, y) = ((i * 7919 % 10_007) as f64 / 7.0, (i * 104_729 % 10_009) as f64 / 3.0);
                index.add(i + 1, (Coord { x, y }, Coord { x: x + 0.1, y: y + 0.1 }));
            }
            index.write(&connection, "areas").unwrap();
            let verdict: String =
                connection.query_row("SELECT rtreecheck('rtree_areas_geom')", [], |r| r.get(0)).unwrap();
            assert_eq!(verdict, "ok", "{n} boxes");
            let count = |sql: &str| -> i64 { connection.query_row(sql, [], |r| r.get(0)).unwrap() };
            assert_eq!(count("SELECT count(*) FROM rtree_areas_geom"), n);
            let inside = |i: i64| {
                let (x, y) = ((i * 7919 % 10_007) as f64 / 7.0, (i * 104_729 % 10_009) as f64 / 3.0);
                (100.0..=500.0).contains(&(x + 0.05)) && (300.0..=900.0).contains(&(y + 0.05))
            };
            let expected = (0..n).filter(|&i| inside(i)).count() as i64;
            let found = count(
                "SELECT count(*) FROM rtree_areas_geom
                 WHERE (minx + maxx) / 2 BETWEEN 100 AND 500 AND (miny + maxy) / 2 BETWEEN 300 AND 900
                   AND maxx >= 100 AND minx <= 500 AND maxy >= 300 AND miny <= 900",
            );
            assert_eq!(found, expected, "{n} boxes");
        }
    }

    #[test]
    fn boxes_are_rounded_outwards() {
        for v in [0.1, -0.1, 7_088_123.456, 16_777_217.0, -1e-30] {
            assert!(f64::from(below(v)) <= v && f64::from(above(v)) >= v, "{v}");
        }
    }
}
