//! Polygons with holes round the high ground of a field of numbers (marching squares).

use geo::{Area, BoundingRect, Contains, Coord, LineString, MultiPolygon, Polygon};

/// Numbers at the nodes of a regular grid, row by row from the south-west.
pub(super) struct Field {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) values: Vec<f64>,
}

/// No corner lies nearer to a node than this share of the step, so that rings never touch.
const NODE_GAP: f64 = 0.06;

/// The polygons where the field is above 0, in grid units (node (0, 0) at the origin): shells
/// counter-clockwise, holes clockwise, no part and no hole smaller than `min_area`. The outermost nodes
/// count as below 0, which closes every ring.
pub(super) fn high_ground(field: &Field, min_area: f64) -> MultiPolygon<f64> {
    let mut shells: Vec<(f64, Polygon<f64>)> = Vec::new();
    let mut holes: Vec<LineString<f64>> = Vec::new();
    for ring in rings(field) {
        let polygon = Polygon::new(ring, Vec::new());
        let area = polygon.signed_area();
        if area >= min_area {
            shells.push((area, polygon));
        } else if area <= -min_area {
            holes.push(polygon.into_inner().0);
        }
    }
    shells.sort_by(|a, b| a.0.total_cmp(&b.0));
    for hole in holes {
        let corner = hole.0[0];
        // The smallest shell round the hole owns it; a shell too small to keep takes its holes along.
        let owner = shells.iter_mut().find(|(_, shell)| {
            shell.bounding_rect().is_some_and(|b| b.contains(&corner))
                && Polygon::new(shell.exterior().clone(), Vec::new()).contains(&corner)
        });
        if let Some((_, shell)) = owner {
            shell.interiors_push(hole);
        }
    }
    MultiPolygon::new(shells.into_iter().rev().map(|(_, shell)| shell).collect())
}

const NONE: usize = usize::MAX;

/// Closed rings with the high ground on their left.
fn rings(field: &Field) -> Vec<LineString<f64>> {
    let grid = Grid { field };
    let n_edges = 2 * field.columns * field.rows;
    let mut next = vec![NONE; n_edges];
    for j in 0..field.rows - 1 {
        for i in 0..field.columns - 1 {
            for (from, to) in grid.segments(i, j).into_iter().flatten() {
                next[from] = to;
            }
        }
    }
    let mut rings = Vec::new();
    for start in 0..n_edges {
        let mut ring = Vec::new();
        let mut edge = start;
        while next[edge] != NONE {
            ring.push(grid.crossing(edge));
            edge = std::mem::replace(&mut next[edge], NONE);
        }
        if ring.len() >= 3 {
            ring.push(ring[0]);
            rings.push(LineString::new(ring));
        }
    }
    rings
}

struct Grid<'a> {
    field: &'a Field,
}

impl Grid<'_> {
    fn value(&self, i: usize, j: usize) -> f64 {
        let is_rim = i == 0 || j == 0 || i + 1 == self.field.columns || j + 1 == self.field.rows;
        if is_rim { -1.0 } else { self.field.values[j * self.field.columns + i] }
    }

    /// The edge that starts at a node and goes east (`northward` 0) or north (1).
    fn edge(&self, i: usize, j: usize, northward: usize) -> usize {
        2 * (j * self.field.columns + i) + northward
    }

    fn crossing(&self, edge: usize) -> Coord<f64> {
        let (node, northward) = (edge / 2, edge % 2);
        let (i, j) = (node % self.field.columns, node / self.field.columns);
        let here = self.value(i, j);
        let there = if northward == 1 { self.value(i, j + 1) } else { self.value(i + 1, j) };
        let share = (here / (here - there)).clamp(NODE_GAP, 1.0 - NODE_GAP);
        let (x, y) = (i as f64, j as f64);
        if northward == 1 { Coord { x, y: y + share } } else { Coord { x: x + share, y } }
    }

    /// The one or two pieces of ring in a cell; two opposite high corners stay apart.
    fn segments(&self, i: usize, j: usize) -> [Option<(usize, usize)>; 2] {
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
        let case = corners
            .iter()
            .enumerate()
            .map(|(bit, &(i, j))| usize::from(self.value(i, j) > 0.0) << bit)
            .sum::<usize>();
        let south = self.edge(i, j, 0);
        let east = self.edge(i + 1, j, 1);
        let north = self.edge(i, j + 1, 0);
        let west = self.edge(i, j, 1);
        match case {
            1 => [Some((south, west)), None],
            2 => [Some((east, south)), None],
            3 => [Some((east, west)), None],
            4 => [Some((north, east)), None],
            5 => [Some((south, west)), Some((north, east))],
            6 => [Some((north, south)), None],
            7 => [Some((north, west)), None],
            8 => [Some((west, north)), None],
            9 => [Some((south, north)), None],
            10 => [Some((east, south)), Some((west, north))],
            11 => [Some((east, north)), None],
            12 => [Some((west, east)), None],
            13 => [Some((south, east)), None],
            14 => [Some((west, south)), None],
            _ => [None, None],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Validation;

    fn field(rows: [&str; 7]) -> Field {
        let values = rows
            .iter()
            .rev()
            .flat_map(|row| row.chars().map(|c| if c == '#' { 1.0 } else { -1.0 }))
            .collect();
        Field { columns: 7, rows: 7, values }
    }

    #[test]
    fn a_ring_of_high_ground_has_a_hole() {
        let drawn = high_ground(
            &field([".......", ".#####.", ".#...#.", ".#...#.", ".#...#.", ".#####.", "......."]),
            0.1,
        );
        assert_eq!(drawn.0.len(), 1);
        assert_eq!(drawn.0[0].interiors().len(), 1);
        assert!(drawn.is_valid());
        assert!(drawn.0[0].exterior().0.len() > 4);
    }

    #[test]
    fn islands_that_meet_at_a_corner_stay_apart() {
        let drawn = high_ground(
            &field([".......", ".......", "..##...", "..##...", "....##.", "....##.", "......."]),
            0.1,
        );
        assert_eq!(drawn.0.len(), 2);
        assert!(drawn.is_valid());
    }

    #[test]
    fn an_island_in_a_lake_is_its_own_part() {
        let drawn = high_ground(
            &field([".......", ".#####.", ".#...#.", ".#.#.#.", ".#...#.", ".#####.", "......."]),
            0.1,
        );
        assert_eq!(drawn.0.len(), 2);
        assert!(drawn.is_valid());
    }
}
