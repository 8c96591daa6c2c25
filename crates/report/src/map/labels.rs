//! Names on the map, only where they fit and never over one another.

use super::Ring;
use serde::Serialize;

/// Height of a name on a wide page and on a narrow one, CSS pixels at the designed size of the map.
const WIDE_PX: f64 = 12.0;
const NARROW_PX: f64 = 20.0;
/// How many heights are tried in an area.
const N_HEIGHTS: i32 = 28;

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Label {
    /// Middle of the name, drawing units.
    pub(crate) x: i32,
    /// Middle of the name, drawing units.
    pub(crate) y: i32,
    /// The name.
    pub(crate) text: String,
    /// Whether it also fits with the larger letters of a narrow page.
    pub(crate) is_narrow_too: bool,
}

/// Places names: first those that fit inside their area, then those that stick out a little where nothing else
/// stands.
pub(crate) fn placed(areas: &[Vec<Ring>], names: &[&str], units_in_px: f64) -> Vec<Label> {
    let mut spots: Vec<(usize, Spot)> = Vec::new();
    for (i, rings) in areas.iter().enumerate() {
        let Some(&name) = names.get(i) else { continue };
        let size = text_size(name, WIDE_PX * units_in_px);
        if let Some(spot) = widest_spot(rings, size) {
            spots.push((i, spot));
        }
    }
    // The roomiest first; the order of the areas decides between equals.
    spots.sort_by(|a, b| b.1.room.total_cmp(&a.1.room).then(a.0.cmp(&b.0)));
    let mut labels: Vec<(usize, Label)> = Vec::new();
    let mut taken_wide: Vec<Extent> = Vec::new();
    let mut taken_narrow: Vec<Extent> = Vec::new();
    for (i, spot) in spots {
        let wide = Extent::around(&spot, text_size(names[i], WIDE_PX * units_in_px));
        if spot.room < 0.8 || taken_wide.iter().any(|other| other.overlaps(&wide)) {
            continue;
        }
        let narrow = Extent::around(&spot, text_size(names[i], NARROW_PX * units_in_px));
        let is_narrow_too =
            spot.room >= 0.9 * NARROW_PX / WIDE_PX && !taken_narrow.iter().any(|o| o.overlaps(&narrow));
        taken_wide.push(wide);
        if is_narrow_too {
            taken_narrow.push(narrow);
        }
        let label = Label {
            x: spot.x.round() as i32,
            y: spot.y.round() as i32,
            text: names[i].to_string(),
            is_narrow_too,
        };
        labels.push((i, label));
    }
    labels.sort_by_key(|l| l.0);
    labels.into_iter().map(|l| l.1).collect()
}

/// A place for a name.
struct Spot {
    x: f64,
    y: f64,
    /// Free width over the width of the name.
    room: f64,
}

struct Extent {
    x: [f64; 2],
    y: [f64; 2],
}

impl Extent {
    fn around(spot: &Spot, [w, h]: [f64; 2]) -> Extent {
        Extent { x: [spot.x - w / 2.0, spot.x + w / 2.0], y: [spot.y - h / 2.0, spot.y + h / 2.0] }
    }

    fn overlaps(&self, other: &Extent) -> bool {
        self.x[0] < other.x[1] && other.x[0] < self.x[1] && self.y[0] < other.y[1] && other.y[0] < self.y[1]
    }
}

/// Width and height of a name, its halo included; letters are taken a little wider than common fonts have them.
fn text_size(text: &str, size: f64) -> [f64; 2] {
    let width: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | '-' | '\'' => 0.36,
            'm' | 'w' | 'M' | 'W' => 0.88,
            c if c.is_uppercase() || c.is_ascii_digit() => 0.68,
            _ => 0.57,
        })
        .sum();
    [(width + 0.4) * size, 1.2 * size]
}

/// The place in an area where a name of this size has most room across, near the area's middle.
fn widest_spot(rings: &[Ring], [width, height]: [f64; 2]) -> Option<Spot> {
    let points = || rings.iter().flatten();
    let (left, right) = (points().map(|p| p[0]).min()?, points().map(|p| p[0]).max()?);
    let (top, bottom) = (points().map(|p| p[1]).min()?, points().map(|p| p[1]).max()?);
    if f64::from(right - left) < 0.8 * width || f64::from(bottom - top) < 0.8 * height {
        return None;
    }
    let middle = f64::from(top + bottom) / 2.0;
    let reach = f64::from(bottom - top) / 2.0;
    let mut best: Option<(f64, Spot)> = None;
    for step in 0..=N_HEIGHTS {
        let y = f64::from(top) + f64::from(bottom - top) * f64::from(step) / f64::from(N_HEIGHTS) + 0.123;
        let mut free = inside(rings, y);
        for offset in [-0.45, 0.45] {
            free = common(&free, &inside(rings, y + offset * height));
        }
        for [from, to] in free {
            let room = (to - from) / width;
            // Beyond twice the width more room is worth less than standing in the middle.
            let worth = room.min(2.0) - 0.5 * ((y - middle) / reach).abs();
            if best.as_ref().is_none_or(|b| worth > b.0) {
                best = Some((worth, Spot { x: (from + to) / 2.0, y, room }));
            }
        }
    }
    best.map(|b| b.1)
}

/// Stretches of the line at height `y` inside the rings (even-odd).
fn inside(rings: &[Ring], y: f64) -> Vec<[f64; 2]> {
    let mut crossings: Vec<f64> = Vec::new();
    for ring in rings {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let ([ax, ay], [bx, by]) = (a.map(f64::from), b.map(f64::from));
            if (ay <= y) != (by <= y) {
                crossings.push(ax + (y - ay) / (by - ay) * (bx - ax));
            }
        }
    }
    crossings.sort_by(f64::total_cmp);
    crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// What two lists of stretches have in common.
fn common(a: &[[f64; 2]], b: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut both = Vec::new();
    for p in a {
        for q in b {
            let (from, to) = (p[0].max(q[0]), p[1].min(q[1]));
            if from < to {
                both.push([from, to]);
            }
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: i32, y: i32, side: i32) -> Vec<Ring> {
        vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]]
    }

    #[test]
    fn a_name_stands_in_its_area_where_it_fits_and_nowhere_else() {
        let areas = [square(0, 0, 200), square(200, 0, 20)];
        let labels = placed(&areas, &["Storuman", "Bjurholm"], 1.0);
        assert_eq!(labels.len(), 1);
        assert_eq!(labels[0].text, "Storuman");
        assert!((labels[0].x - 100).abs() <= 1 && (labels[0].y - 100).abs() <= 8);
        assert!(labels[0].is_narrow_too);
    }

    #[test]
    fn a_name_avoids_a_hole() {
        let mut area = square(0, 0, 300);
        area.extend(square(100, 100, 100));
        let labels = placed(&[area], &["Umeå"], 1.0);
        assert!(labels[0].x < 90 || labels[0].x > 210 || labels[0].y < 95 || labels[0].y > 205);
    }

    #[test]
    fn names_do_not_lie_over_one_another() {
        let areas = [square(0, 0, 100), square(0, 0, 100)];
        assert_eq!(placed(&areas, &["Vännäs", "Malå"], 1.0).len(), 1);
    }
}
