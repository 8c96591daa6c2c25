//! The index of a FlatGeobuf file: a packed R-tree over features in the order of a Hilbert curve.

use geo_types::Coord;

/// Children of a node, as the format's header states.
pub(super) const NODE_SIZE: u16 = 16;

/// A box with where its feature, or its node's first child, stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) lo: Coord<f64>,
    pub(super) hi: Coord<f64>,
    pub(super) offset: u64,
}

/// Rows in the order of a Hilbert curve through the middles of their boxes; equal places keep their order.
pub(super) fn hilbert_order(boxes: &[(Coord<f64>, Coord<f64>)]) -> Vec<usize> {
    let inf = f64::INFINITY;
    let (lo, hi) =
        boxes.iter().fold((Coord { x: inf, y: inf }, Coord { x: -inf, y: -inf }), |(lo, hi), b| {
            (
                Coord { x: lo.x.min(b.0.x), y: lo.y.min(b.0.y) },
                Coord { x: hi.x.max(b.1.x), y: hi.y.max(b.1.y) },
            )
        });
    let cell = |middle: f64, lo: f64, hi: f64| {
        if hi > lo { ((middle - lo) / (hi - lo) * f64::from(u16::MAX)) as u32 } else { 0 }
    };
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by_cached_key(|&i| {
        let (a, b) = boxes[i];
        (hilbert(cell((a.x + b.x) / 2.0, lo.x, hi.x), cell((a.y + b.y) / 2.0, lo.y, hi.y)), i)
    });
    order
}

/// Distance along a Hilbert curve of order 16.
fn hilbert(mut x: u32, mut y: u32) -> u64 {
    let mut distance = 0;
    for bit in (0..16).rev() {
        let side = 1_u32 << bit;
        let (right, up) = (u32::from(x & side != 0), u32::from(y & side != 0));
        distance += u64::from(side) * u64::from(side) * u64::from((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                x = 0xffff - x;
                y = 0xffff - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    distance
}

/// All nodes as the file holds them: the root first, the leaves last. Empty without leaves.
pub(super) fn pack(leaves: &[Node]) -> Vec<Node> {
    if leaves.is_empty() {
        return Vec::new();
    }
    let fan_out = usize::from(NODE_SIZE);
    // Sizes of the levels, leaves first; one leaf still has a root above it.
    let mut sizes = vec![leaves.len()];
    loop {
        let above = sizes[sizes.len() - 1].div_ceil(fan_out);
        sizes.push(above);
        if above == 1 {
            break;
        }
    }
    let n_nodes: usize = sizes.iter().sum();
    let mut levels: Vec<Vec<Node>> = vec![leaves.to_vec()];
    let mut first = n_nodes;
    for level in 0..sizes.len() - 1 {
        first -= sizes[level];
        let above = levels[level].chunks(fan_out).enumerate().map(|(i, children)| {
            let mut node = Node { offset: (first + i * fan_out) as u64, ..children[0] };
            for child in children {
                node.lo = Coord { x: node.lo.x.min(child.lo.x), y: node.lo.y.min(child.lo.y) };
                node.hi = Coord { x: node.hi.x.max(child.hi.x), y: node.hi.y.max(child.hi.y) };
            }
            node
        });
        let above = above.collect();
        levels.push(above);
    }
    levels.into_iter().rev().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_on_the_curve_are_neighbours_in_the_plane() {
        let mut cells: Vec<(u64, u32, u32)> =
            (0..64).flat_map(|x| (0..64).map(move |y| (hilbert(x, y), x, y))).collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1, "{pair:?}");
        }
    }

    #[test]
    fn every_node_holds_its_children() {
        for n in [1, 2, 16, 17, 300] {
            let leaves: Vec<Node> = (0..n)
                .map(|i| {
                    let at = Coord { x: f64::from(i), y: f64::from(i % 7) };
                    Node { lo: at, hi: at, offset: i as u64 * 100 }
                })
                .collect();
            let nodes = pack(&leaves);
            assert_eq!(nodes[nodes.len() - leaves.len()..], leaves);
            assert_eq!((nodes[0].lo.x, nodes[0].hi.x), (0.0, f64::from(n - 1)));
            let first_leaf = nodes.len() - leaves.len();
            for node in &nodes[..first_leaf] {
                let from = node.offset as usize;
                let level_end = if from >= first_leaf { nodes.len() } else { first_leaf };
                for child in &nodes[from..(from + 16).min(level_end)] {
                    assert!(child.lo.x >= node.lo.x || n > 256, "{n}");
                }
            }
        }
    }
}
