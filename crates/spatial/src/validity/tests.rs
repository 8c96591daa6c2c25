use super::*;
use whitespot_testkit::scene::push_polygon;

fn kinds(rings: &[&[(f64, f64)]]) -> Vec<InvalidKind> {
    let mut shapes = Shapes::default();
    push_polygon(&mut shapes, rings);
    check(&shapes).iter().map(|i| i.kind).collect()
}

const SHELL: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)];

#[test]
fn valid_polygons_raise_nothing() {
    assert_eq!(kinds(&[SHELL]), []);
    assert_eq!(kinds(&[SHELL, &[(2.0, 2.0), (2.0, 4.0), (4.0, 4.0), (2.0, 2.0)]]), []);
    // A hole may touch the shell in a point, wind either way, and touch another hole.
    let touching: &[(f64, f64)] = &[(0.0, 5.0), (3.0, 4.0), (3.0, 6.0), (0.0, 5.0)];
    let next: &[(f64, f64)] = &[(3.0, 6.0), (5.0, 9.0), (6.0, 6.0), (3.0, 6.0)];
    assert_eq!(kinds(&[SHELL, touching, next]), []);
}

#[test]
fn a_bow_tie_crosses_itself() {
    let tie: &[(f64, f64)] = &[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 3.0), (0.0, 0.0)];
    assert_eq!(kinds(&[tie]), [InvalidKind::SelfCrossing]);
}

#[test]
fn rings_that_share_a_stretch_are_invalid() {
    let along: &[(f64, f64)] = &[(2.0, 0.0), (4.0, 0.0), (3.0, 2.0), (2.0, 0.0)];
    assert_eq!(kinds(&[SHELL, along]), [InvalidKind::SelfCrossing]);
}

#[test]
fn holes_outside_the_shell_and_in_holes_are_seen() {
    let outside: &[(f64, f64)] = &[(12.0, 2.0), (12.0, 4.0), (14.0, 4.0), (12.0, 2.0)];
    assert_eq!(kinds(&[SHELL, outside]), [InvalidKind::HoleOutsideShell]);
    let hole: &[(f64, f64)] = &[(2.0, 2.0), (2.0, 8.0), (8.0, 8.0), (8.0, 2.0), (2.0, 2.0)];
    let inner: &[(f64, f64)] = &[(4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (4.0, 4.0)];
    assert_eq!(kinds(&[SHELL, hole, inner]), [InvalidKind::HoleOutsideShell]);
}

#[test]
fn degenerate_rings_are_told_apart() {
    use InvalidKind::*;
    assert_eq!(kinds(&[&[(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)]]), [TooFewPoints]);
    assert_eq!(kinds(&[&[(0.0, 0.0), (0.0, 0.0)]]), [TooFewPoints]);
    assert!(kinds(&[&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 0.0)]]).contains(&ZeroArea));
    assert_eq!(kinds(&[&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]]), [Unclosed]);
    assert_eq!(kinds(&[&[(0.0, 0.0), (f64::NAN, 0.0), (1.0, 1.0), (0.0, 0.0)]]), [NotFinite]);
    let spike: &[(f64, f64)] = &[(0.0, 0.0), (4.0, 0.0), (6.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)];
    assert!(kinds(&[spike]).contains(&Spike));
    assert_eq!(kinds(&[&[(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]]), [DuplicatePoint]);
}
