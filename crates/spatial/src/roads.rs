//! Lines along roads: the shortest way that joins the places of a cluster with one another and with the network.
//!
//! Roads are pieces between the vertices of their lines; lines that share a vertex meet there, lines that merely cross
//! do not (bridges). A *stop* is a place to be connected or a place of the existing network; a straight stub joins it
//! to the nearest point of the nearest road.
//!
//! The tree over the stops of a cluster is the minimum spanning tree of their distances along the roads, found in one
//! search from all of them at once (Mehlhorn, "A faster approximation algorithm for the Steiner problem in graphs",
//! *Information Processing Letters* 27, 1988: at most twice the shortest possible network). A piece that several ways
//! share counts once.

use crate::cluster::{UnionFind, spanning_tree};
use crate::segment::Segment;
use geo_types::Coord;
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
};

/// A road: its corners in a metric CRS, and its class as a number of the caller's.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadLine {
    /// The corners in order.
    pub points: Vec<Coord<f64>>,
    /// The class.
    pub class: u32,
}

/// One straight piece of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoadPiece {
    /// One end.
    pub from: Coord<f64>,
    /// The other end.
    pub to: Coord<f64>,
    /// Planar length in metres.
    pub length_m: f64,
    /// The road's class; `None` off the roads (stubs, and straight lines where no road leads).
    pub class: Option<u32>,
}

/// How the stops of a cluster are connected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoadPlan {
    /// Pieces that join the stops with one another, each once.
    pub tree: Vec<RoadPiece>,
    /// Further pieces that join them with the nearest place of the network.
    pub link: Vec<RoadPiece>,
    /// Whether roads lead to the network at all.
    pub is_linked: bool,
    /// Stops that no road joins with the others, so that a straight line of `tree` does.
    pub n_straight: u32,
}

/// Roads with stops on them, as a graph.
#[derive(Debug)]
pub struct Roads {
    nodes: Vec<Coord<f64>>,
    /// Node of each stop; `None` for stops that are not finite, and for all where there are no roads.
    stop_nodes: Vec<Option<u32>>,
    is_goal: Vec<bool>,
    edges: Vec<Edge>,
    /// First entry of each node in `arcs`, then the end.
    starts: Vec<u32>,
    /// (other node, edge) by node.
    arcs: Vec<(u32, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Edge {
    a: u32,
    b: u32,
    length_m: f64,
    class: Option<u32>,
}

/// A straight piece of road in the index.
struct Piece {
    segment: Segment,
    number: u32,
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

/// A float as a sortable key; the numbers here are finite.
fn key(c: Coord<f64>) -> (u64, u64) {
    let bits = |v: f64| {
        let bits = (v + 0.0).to_bits();
        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
    };
    (bits(c.x), bits(c.y))
}

fn length(a: Coord<f64>, b: Coord<f64>) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

impl Roads {
    /// The graph of roads with these stops; `is_network` tells which stops are places of the existing network.
    ///
    /// The result depends neither on the order of the lines nor on that of the stops. Corners that are not finite
    /// break a line in two.
    ///
    /// # Panics
    /// When `is_network` has another length than `stops`.
    pub fn new(lines: &[RoadLine], stops: &[Coord<f64>], is_network: &[bool]) -> Roads {
        assert_eq!(stops.len(), is_network.len(), "every stop is of the network or is not");
        let is_finite = |c: &Coord<f64>| c.x.is_finite() && c.y.is_finite();
        let mut pieces: Vec<(Segment, u32)> = lines
            .iter()
            .flat_map(|line| line.points.windows(2).map(|w| (Segment { a: w[0], b: w[1] }, line.class)))
            .filter(|(s, _)| s.is_finite() && s.a != s.b)
            .map(
                |(s, class)| {
                    if key(s.a) <= key(s.b) { (s, class) } else { (Segment { a: s.b, b: s.a }, class) }
                },
            )
            .collect();
        pieces.sort_by_key(|(s, class)| (key(s.a), key(s.b), *class));
        pieces.dedup();
        let tree = RTree::bulk_load(
            (0u32..).zip(&pieces).map(|(number, (segment, _))| Piece { segment: *segment, number }).collect(),
        );
        // Where each stop meets the roads.
        let feet: Vec<Option<(u32, Coord<f64>)>> =
            stops.iter().map(|stop| is_finite(stop).then(|| foot(&tree, *stop)).flatten()).collect();
        let mut on_piece: BTreeMap<u32, Vec<Coord<f64>>> = BTreeMap::new();
        for (piece, at) in feet.iter().flatten() {
            on_piece.entry(*piece).or_default().push(*at);
        }
        let mut raw: Vec<(Coord<f64>, Coord<f64>, Option<u32>)> =
            Vec::with_capacity(pieces.len() + stops.len());
        for (number, (segment, class)) in (0u32..).zip(&pieces) {
            let mut corners = on_piece.remove(&number).unwrap_or_default();
            corners.sort_by(|p, q| {
                length(segment.a, *p).total_cmp(&length(segment.a, *q)).then(key(*p).cmp(&key(*q)))
            });
            corners.insert(0, segment.a);
            corners.push(segment.b);
            corners.dedup();
            raw.extend(corners.windows(2).map(|w| (w[0], w[1], Some(*class))));
        }
        raw.extend(stops.iter().zip(&feet).filter_map(|(stop, foot)| foot.map(|(_, at)| (*stop, at, None))));
        Roads::of_edges(&raw, stops, &feet, is_network)
    }

    fn of_edges(
        raw: &[(Coord<f64>, Coord<f64>, Option<u32>)],
        stops: &[Coord<f64>],
        feet: &[Option<(u32, Coord<f64>)>],
        is_network: &[bool],
    ) -> Roads {
        // Nodes are numbered by their position, so that nothing depends on the order of the input.
        let mut keyed: Vec<((u64, u64), Coord<f64>)> =
            raw.iter().flat_map(|(a, b, _)| [*a, *b]).map(|c| (key(c), c)).collect();
        keyed.sort_unstable_by_key(|(key, _)| *key);
        keyed.dedup_by_key(|(key, _)| *key);
        let node_at = |c: Coord<f64>| keyed.binary_search_by_key(&key(c), |(k, _)| *k).ok().map(|i| i as u32);
        let mut edges: Vec<Edge> = raw
            .iter()
            .filter_map(|(a, b, class)| {
                let (from, to) = (node_at(*a)?, node_at(*b)?);
                let edge = Edge { a: from.min(to), b: from.max(to), length_m: length(*a, *b), class: *class };
                (from != to).then_some(edge)
            })
            .collect();
        edges.sort_by(|x, y| {
            (x.a, x.b, x.class).cmp(&(y.a, y.b, y.class)).then(x.length_m.total_cmp(&y.length_m))
        });
        edges.dedup();
        let mut starts = vec![0u32; keyed.len() + 1];
        for edge in &edges {
            starts[edge.a as usize + 1] += 1;
            starts[edge.b as usize + 1] += 1;
        }
        (1..starts.len()).for_each(|i| starts[i] += starts[i - 1]);
        let mut at = starts.clone();
        let mut arcs = vec![(0, 0); edges.len() * 2];
        for (number, edge) in (0u32..).zip(&edges) {
            for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
                arcs[at[from as usize] as usize] = (to, number);
                at[from as usize] += 1;
            }
        }
        let stop_nodes: Vec<Option<u32>> =
            stops.iter().zip(feet).map(|(stop, foot)| foot.and_then(|_| node_at(*stop))).collect();
        let mut is_goal = vec![false; keyed.len()];
        for (node, _) in stop_nodes.iter().zip(is_network).filter(|(_, is)| **is) {
            if let Some(node) = node {
                is_goal[*node as usize] = true;
            }
        }
        Roads { nodes: keyed.into_iter().map(|(_, c)| c).collect(), stop_nodes, is_goal, edges, starts, arcs }
    }

    /// Connects some stops (by index) with one another and with the nearest place of the network.
    ///
    /// Stops that no road joins are joined by straight lines; without a road to the network `is_linked` is false and
    /// `link` is empty. Stops without a node (not finite, no roads at all) are left out.
    pub fn connect(&self, stops: &[u32]) -> RoadPlan {
        let nodes: BTreeSet<u32> = stops.iter().filter_map(|&s| self.stop_nodes[s as usize]).collect();
        let terminals: Vec<u32> = nodes.into_iter().collect();
        let mut search = Search::new(self, &terminals);
        search.run();
        let mut sets = UnionFind::new(terminals.len());
        let mut tree: BTreeSet<u32> = BTreeSet::new();
        for meeting in search.shortest_meetings() {
            if sets.unite(meeting.sources.0, meeting.sources.1) {
                let edge = self.edges[meeting.edge as usize];
                tree.insert(meeting.edge);
                search.trace(edge.a, &mut tree);
                search.trace(edge.b, &mut tree);
            }
        }
        let mut link = BTreeSet::new();
        if let Some(goal) = search.goal {
            search.trace(goal, &mut link);
        }
        let piece = |number: &u32| {
            let edge = self.edges[*number as usize];
            RoadPiece {
                from: self.nodes[edge.a as usize],
                to: self.nodes[edge.b as usize],
                length_m: edge.length_m,
                class: edge.class,
            }
        };
        let mut plan = RoadPlan {
            tree: tree.iter().map(piece).collect(),
            link: link.difference(&tree).map(piece).collect(),
            is_linked: search.goal.is_some(),
            n_straight: 0,
        };
        // The straight lines between what roads leave apart are among those of the straight tree.
        let places: Vec<Coord<f64>> = terminals.iter().map(|&n| self.nodes[n as usize]).collect();
        for edge in spanning_tree(&places) {
            if sets.unite(edge.a, edge.b) {
                let (from, to) = (places[edge.a as usize], places[edge.b as usize]);
                plan.tree.push(RoadPiece { from, to, length_m: edge.length_m, class: None });
                plan.n_straight += 1;
            }
        }
        plan
    }
}

/// The nearest piece of road and the nearest point on it; of equally near ones the first.
fn foot(tree: &RTree<Piece>, stop: Coord<f64>) -> Option<(u32, Coord<f64>)> {
    let mut pieces = tree.nearest_neighbor_iter_with_distance_2(&[stop.x, stop.y]);
    let (first, distance2) = pieces.next()?;
    let equally_near = pieces.take_while(|p| p.1 == distance2).map(|p| p.0);
    let piece = std::iter::once(first).chain(equally_near).min_by_key(|p| p.number)?;
    Some((piece.number, piece.segment.nearest_to(stop)))
}

/// A search from all terminals at once.
struct Search<'a> {
    roads: &'a Roads,
    n_terminals: usize,
    /// Distance, terminal (its number) and edge to it, of every node that is settled.
    settled: HashMap<u32, (f64, u32, Option<u32>)>,
    heap: BinaryHeap<Reverse<Waiting>>,
    meetings: Vec<Meeting>,
    /// The nearest place of the network.
    goal: Option<u32>,
}

/// A node about to be settled: by distance, then node, then terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    distance_m: f64,
    node: u32,
    source: u32,
    by: Option<u32>,
}

impl Eq for Waiting {}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.distance_m.total_cmp(&other.distance_m).then((self.node, self.source, self.by).cmp(&(
            other.node,
            other.source,
            other.by,
        )))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// An edge where the neighbourhoods of two terminals meet: a way between them of this length.
#[derive(Clone, Copy, Debug)]
struct Meeting {
    length_m: f64,
    sources: (u32, u32),
    edge: u32,
}

impl<'a> Search<'a> {
    fn new(roads: &'a Roads, terminals: &[u32]) -> Search<'a> {
        let start =
            |(source, node): (u32, &u32)| Reverse(Waiting { distance_m: 0.0, node: *node, source, by: None });
        Search {
            roads,
            n_terminals: terminals.len(),
            settled: HashMap::new(),
            heap: (0u32..).zip(terminals).map(start).collect(),
            meetings: Vec::new(),
            goal: None,
        }
    }

    /// Settles nodes in the order of their distance until the network is found and no way between terminals that is
    /// not yet known can be shorter than those the tree would use: a way that is not known is at least twice as long
    /// as the distance settled so far.
    fn run(&mut self) {
        let mut sets = UnionFind::new(self.n_terminals);
        let mut n_apart = self.n_terminals.saturating_sub(1);
        let mut longest = f64::INFINITY;
        while let Some(Reverse(next)) = self.heap.pop() {
            if self.goal.is_some() && n_apart == 0 && 2.0 * next.distance_m >= longest {
                break;
            }
            if self.settled.contains_key(&next.node) {
                continue;
            }
            self.settled.insert(next.node, (next.distance_m, next.source, next.by));
            if self.goal.is_none() && self.roads.is_goal[next.node as usize] {
                self.goal = Some(next.node);
            }
            for meeting in self.spread(next) {
                self.meetings.push(meeting);
                if sets.unite(meeting.sources.0, meeting.sources.1) {
                    n_apart -= 1;
                }
            }
            if n_apart == 0 && longest.is_infinite() {
                longest = self.longest_used();
            }
        }
    }

    /// Offers a settled node's neighbours to the heap; gives the meetings with other terminals' nodes.
    fn spread(&mut self, from: Waiting) -> Vec<Meeting> {
        let roads = self.roads;
        let arcs = roads.starts[from.node as usize] as usize..roads.starts[from.node as usize + 1] as usize;
        let mut meetings = Vec::new();
        for &(to, edge) in &roads.arcs[arcs] {
            let length_m = from.distance_m + roads.edges[edge as usize].length_m;
            match self.settled.get(&to) {
                Some(&(distance_m, source, _)) if source != from.source => meetings.push(Meeting {
                    length_m: length_m + distance_m,
                    sources: (source.min(from.source), source.max(from.source)),
                    edge,
                }),
                Some(_) => {}
                None => self.heap.push(Reverse(Waiting {
                    distance_m: length_m,
                    node: to,
                    source: from.source,
                    by: Some(edge),
                })),
            }
        }
        meetings
    }

    /// Meetings, shortest way first.
    fn shortest_meetings(&self) -> Vec<Meeting> {
        let mut sorted = self.meetings.clone();
        sorted.sort_by(|x, y| {
            x.length_m.total_cmp(&y.length_m).then((x.sources, x.edge).cmp(&(y.sources, y.edge)))
        });
        sorted
    }

    /// The longest way the tree over the meetings known so far would use.
    fn longest_used(&self) -> f64 {
        let mut sets = UnionFind::new(self.n_terminals);
        let used = self.shortest_meetings().into_iter().filter(|m| sets.unite(m.sources.0, m.sources.1));
        used.map(|m| m.length_m).fold(0.0, f64::max)
    }

    /// Adds the edges from a settled node back to its terminal.
    fn trace(&self, mut node: u32, edges: &mut BTreeSet<u32>) {
        while let Some(&(_, _, Some(edge))) = self.settled.get(&node) {
            edges.insert(edge);
            let Edge { a, b, .. } = self.roads.edges[edge as usize];
            node = if a == node { b } else { a };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(x: f64, y: f64) -> Coord<f64> {
        Coord { x, y }
    }

    fn road(points: &[(f64, f64)], class: u32) -> RoadLine {
        RoadLine { points: points.iter().map(|&(x, y)| at(x, y)).collect(), class }
    }

    fn total(pieces: &[RoadPiece]) -> f64 {
        pieces.iter().map(|p| p.length_m).sum()
    }

    #[test]
    fn a_trunk_that_several_houses_share_counts_once() {
        // A trunk of 1,000 m from the network; three houses 10 m off its last 200 m.
        let trunk = road(&[(0.0, 0.0), (1000.0, 0.0)], 7);
        let stops = [at(0.0, 0.0), at(800.0, 10.0), at(900.0, 10.0), at(1000.0, 10.0)];
        let roads = Roads::new(&[trunk], &stops, &[true, false, false, false]);
        let plan = roads.connect(&[1, 2, 3]);
        assert_eq!((total(&plan.tree), total(&plan.link)), (230.0, 800.0));
        assert!(plan.is_linked && plan.n_straight == 0);
        assert!(plan.link.iter().all(|p| p.class == Some(7)));
        assert_eq!(plan.tree.iter().filter(|p| p.class.is_none()).count(), 3);
    }

    #[test]
    fn lines_go_round_by_road_and_not_across_the_field() {
        let bend = road(&[(0.0, 0.0), (0.0, 300.0), (400.0, 300.0), (400.0, 0.0)], 1);
        let stops = [at(0.0, 0.0), at(400.0, 0.0)];
        let plan = Roads::new(&[bend], &stops, &[false, true]).connect(&[0]);
        assert_eq!((plan.tree.len(), total(&plan.link)), (0, 1000.0));
    }

    #[test]
    fn roads_that_merely_cross_do_not_meet_and_roads_that_share_a_corner_do() {
        let crossing = [road(&[(-10.0, 0.0), (10.0, 0.0)], 1), road(&[(0.0, -10.0), (0.0, 10.0)], 1)];
        let stops = [at(-10.0, 0.0), at(0.0, 10.0)];
        let plan = Roads::new(&crossing, &stops, &[false, true]).connect(&[0]);
        assert!(!plan.is_linked && plan.link.is_empty());
        let meeting = [
            road(&[(-10.0, 0.0), (0.0, 0.0), (10.0, 0.0)], 1),
            road(&[(0.0, -10.0), (0.0, 0.0), (0.0, 10.0)], 1),
        ];
        let plan = Roads::new(&meeting, &stops, &[false, true]).connect(&[0]);
        assert_eq!(total(&plan.link), 20.0);
    }

    #[test]
    fn houses_no_road_joins_are_joined_straight() {
        let islands = [road(&[(0.0, 0.0), (10.0, 0.0)], 1), road(&[(0.0, 100.0), (10.0, 100.0)], 1)];
        let stops = [at(5.0, 0.0), at(5.0, 100.0), at(10.0, 0.0)];
        let plan = Roads::new(&islands, &stops, &[false, false, true]).connect(&[0, 1]);
        assert_eq!((total(&plan.tree), plan.n_straight, total(&plan.link)), (100.0, 1, 5.0));
    }

    #[test]
    fn no_roads_and_nobody_to_connect_give_an_empty_plan() {
        assert_eq!(Roads::new(&[], &[at(0.0, 0.0)], &[false]).connect(&[0]), RoadPlan::default());
        let roads = Roads::new(&[road(&[(0.0, 0.0), (1.0, 0.0)], 1)], &[at(f64::NAN, 0.0)], &[true]);
        assert_eq!(roads.connect(&[]), RoadPlan::default());
        assert_eq!(roads.connect(&[0]), RoadPlan::default());
    }

    /// A lattice of roads with some pieces missing.
    fn lattice(missing: &BTreeSet<(u8, u8, bool)>) -> Vec<RoadLine> {
        let mut lines = Vec::new();
        for x in 0..6u8 {
            for y in 0..6u8 {
                for across in [false, true] {
                    let to = if across { (x + 1, y) } else { (x, y + 1) };
                    if to.0 < 6 && to.1 < 6 && !missing.contains(&(x, y, across)) {
                        let c = |v: u8| f64::from(v) * 100.0;
                        lines.push(road(&[(c(x), c(y)), (c(to.0), c(to.1))], u32::from(across)));
                    }
                }
            }
        }
        lines
    }

    /// Distances between the stops by Floyd and Warshall over the same pieces.
    fn distances(roads: &Roads) -> Vec<Vec<f64>> {
        let n = roads.nodes.len();
        let mut d = vec![vec![f64::INFINITY; n]; n];
        (0..n).for_each(|i| d[i][i] = 0.0);
        for e in &roads.edges {
            let (a, b) = (e.a as usize, e.b as usize);
            d[a][b] = d[a][b].min(e.length_m);
            d[b][a] = d[a][b];
        }
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    d[i][j] = d[i][j].min(d[i][k] + d[k][j]);
                }
            }
        }
        d
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn ways_are_no_longer_than_the_tree_of_all_distances_and_the_link_is_the_shortest(
            missing in prop::collection::btree_set((0u8..6, 0u8..6, any::<bool>()), 0..15),
            raw in prop::collection::vec((0u16..520, 0u16..520), 3..9),
            turn in 0usize..8,
        ) {
            let lines = lattice(&missing);
            let stops: Vec<Coord<f64>> = raw.iter().map(|p| at(f64::from(p.0), f64::from(p.1))).collect();
            let is_network: Vec<bool> = (0..stops.len()).map(|i| i == 0).collect();
            let roads = Roads::new(&lines, &stops, &is_network);
            let members: Vec<u32> = (1..stops.len() as u32).collect();
            let plan = roads.connect(&members);
            let d = distances(&roads);
            let node = |s: usize| roads.stop_nodes[s].unwrap() as usize;
            let link = members.iter().map(|&s| d[node(s as usize)][node(0)]).fold(f64::INFINITY, f64::min);
            prop_assert_eq!(plan.is_linked, link.is_finite());
            // Prim over the distances by road.
            let mut inside: BTreeSet<usize> = [node(1)].into();
            let all: BTreeSet<usize> = members.iter().map(|&s| node(s as usize)).collect();
            let (mut tree, mut is_joined) = (0.0, true);
            while inside.len() < all.len() {
                let outside = all.difference(&inside).copied();
                let (next, far) = outside
                    .map(|j| (j, inside.iter().map(|&i| d[i][j]).fold(f64::INFINITY, f64::min)))
                    .min_by(|x, y| x.1.total_cmp(&y.1))
                    .unwrap();
                is_joined &= far.is_finite();
                tree += far;
                inside.insert(next);
            }
            prop_assert_eq!(plan.n_straight == 0, is_joined);
            if is_joined {
                prop_assert!(total(&plan.tree) <= tree + 1e-6, "{} {}", total(&plan.tree), tree);
                prop_assert!(total(&plan.link) <= link + 1e-6 || !link.is_finite());
            }
            // Another order of lines and stops: the same pieces.
            let mut lines = lines;
            let by = turn % lines.len().max(1);
            lines.rotate_left(by);
            let reversed: Vec<Coord<f64>> = stops.iter().rev().copied().collect();
            let network: Vec<bool> = is_network.iter().rev().copied().collect();
            let others: Vec<u32> = (0..stops.len() as u32 - 1).collect();
            prop_assert_eq!(Roads::new(&lines, &reversed, &network).connect(&others), plan);
        }
    }
}
