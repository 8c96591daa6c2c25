//! Areas without gaps: a net of ragged borders, each shared by its two neighbours point by point.

use super::noise::random;
use super::{Frame, SIDE_M};
use whitespot_model::shapes::{Part, Shapes};

/// `nx` × `ny` areas of about 4 × `n_side` vertices each.
pub(super) fn partition((nx, ny): (u32, u32), n_side: u32, frame: Frame, seed: u64) -> Shapes {
    let net = Net { nx, ny, n_side, seed };
    let mut shapes = Shapes::default();
    for j in 0..ny {
        for i in 0..nx {
            shapes.begin_part(Part::Polygon);
            let mut push = |line: &mut dyn Iterator<Item = (f64, f64)>| {
                for (x, y) in line {
                    let c = frame.place(x, y);
                    shapes.push_coord(c.x, c.y);
                }
            };
            let n = n_side as usize;
            push(&mut net.border((i, j), (i + 1, j)).into_iter().take(n));
            push(&mut net.border((i + 1, j), (i + 1, j + 1)).into_iter().take(n));
            push(&mut net.border((i, j + 1), (i + 1, j + 1)).into_iter().rev().take(n));
            push(&mut net.border((i, j), (i, j + 1)).into_iter().rev());
            shapes.end_ring();
            shapes.end_part();
            shapes.end_feature();
        }
    }
    shapes
}

struct Net {
    nx: u32,
    ny: u32,
    n_side: u32,
    seed: u64,
}

impl Net {
    /// A knot of the net; those on the rim of the region stay there.
    fn knot(&self, (i, j): (u32, u32)) -> (f64, f64) {
        let shift = |k: u64, at: u32, n: u32| {
            if at == 0 || at == n {
                0.0
            } else {
                0.5 * (random(self.seed + k, u64::from(i) << 20 | u64::from(j)) - 0.5)
            }
        };
        let (x, y) = (f64::from(i) + shift(1, i, self.nx), f64::from(j) + shift(2, j, self.ny));
        (SIDE_M * x / f64::from(self.nx), SIDE_M * y / f64::from(self.ny))
    }

    /// The border from one knot to the next to the right or above: `n_side` + 1 points.
    fn border(&self, from: (u32, u32), to: (u32, u32)) -> Vec<(f64, f64)> {
        let (a, b) = (self.knot(from), self.knot(to));
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let goes_up = from.0 == to.0;
        let is_rim =
            if goes_up { from.0 == 0 || from.0 == self.nx } else { from.1 == 0 || from.1 == self.ny };
        let key = (u64::from(from.0) << 34 | u64::from(from.1) << 4 | u64::from(goes_up)) << 16;
        let n = self.n_side;
        (0..=n)
            .map(|k| {
                let t = f64::from(k) / f64::from(n);
                // Sideways by a few per cent of the length, nothing at the knots: borders never meet.
                let sway = 0.06 * (t * std::f64::consts::PI).sin() * (3.0 * t * std::f64::consts::TAU).sin();
                let rough = 0.03 * (t * (1.0 - t)) * (random(self.seed + 3, key + u64::from(k)) - 0.5);
                let side = if is_rim || k == 0 || k == n { 0.0 } else { sway + rough };
                (a.0 + t * dx - side * dy, a.1 + t * dy + side * dx)
            })
            .collect()
    }
}
