//! Clusters and trees of many settlements: the time, and what a slow hand finds in a corner of the same world.
//!
//! `cargo test --release -p whitespot-spatial --test cluster_speed -- --nocapture` prints the times at full size; with
//! `WHITESPOT_SPEED=1` they must be below five seconds.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use geo_types::Coord;
use std::time::Instant;
use whitespot_spatial::cluster::{single_linkage, spanning_tree, tree_length_m};

/// Villages of a few hundred metres in a county, some points alone; the same on every machine.
fn county(n: usize) -> Vec<Coord<f64>> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut points = Vec::with_capacity(n);
    while points.len() < n {
        let centre = Coord { x: 500_000.0 + next() * 300_000.0, y: 7_000_000.0 + next() * 300_000.0 };
        let spread = 50.0 + next() * 1_500.0;
        for _ in 0..1 + (next() * 60.0) as usize {
            points
                .push(Coord { x: centre.x + (next() - 0.5) * spread, y: centre.y + (next() - 0.5) * spread });
        }
    }
    points.truncate(n);
    points
}

fn seconds<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let elapsed = start.elapsed().as_secs_f64();
    println!("{what}: {elapsed:.2} s");
    if std::env::var_os("WHITESPOT_SPEED").is_some() {
        assert!(elapsed < 5.0, "{what} took {elapsed:.2} s");
    }
    result
}

/// Groups by looking at every pair.
fn groups_by_every_pair(points: &[Coord<f64>], link_m: f64) -> usize {
    let mut group: Vec<usize> = (0..points.len()).collect();
    fn root(group: &mut [usize], mut i: usize) -> usize {
        while group[i] != i {
            group[i] = group[group[i]];
            i = group[i];
        }
        i
    }
    for i in 0..points.len() {
        for j in 0..i {
            let (dx, dy) = (points[i].x - points[j].x, points[i].y - points[j].y);
            if dx * dx + dy * dy <= link_m * link_m {
                let (a, b) = (root(&mut group, i), root(&mut group, j));
                group[a] = b;
            }
        }
    }
    (0..points.len()).filter(|&i| group[i] == i).count()
}

#[test]
fn a_million_settlements_are_clustered_and_a_hundred_thousand_joined() {
    let full = !cfg!(debug_assertions);
    let (n_link, n_tree) = if full { (1_000_000, 100_000) } else { (100_000, 20_000) };
    let points = county(n_link);
    let groups = seconds(&format!("single linkage of {n_link} at 500 m"), || {
        single_linkage(&points, &vec![0; n_link], 500.0)
    });
    let n_groups = groups.iter().max().unwrap() + 1;
    println!("{n_groups} clusters");
    let few = &points[..3_000];
    assert_eq!(
        *single_linkage(few, &[0; 3_000], 500.0).iter().max().unwrap() as usize + 1,
        groups_by_every_pair(few, 500.0)
    );
    let tree = seconds(&format!("spanning tree of {n_tree}"), || spanning_tree(&points[..n_tree]));
    assert_eq!(tree.len(), n_tree - 1);
    // Clusters at a link distance are what is left of the tree without its longer edges: two ways to one number.
    let n_long = tree.iter().filter(|e| e.length_m > 500.0).count();
    let clusters = single_linkage(&points[..n_tree], &vec![0; n_tree], 500.0);
    assert_eq!(n_long + 1, *clusters.iter().max().unwrap() as usize + 1);
    println!("{:.0} km", tree_length_m(&tree) / 1000.0);
}
