//! Coordinates that cannot be what they claim to be: swapped axes, degrees as metres, metres as degrees.

use crate::source::SourceRef;
use geo_types::Coord;
use whitespot_model::finding::Finding;
use whitespot_spatial::crs::{Crs, Misfit, Transform};

/// Where positions are expected: the box of the areas (smallest and largest corner) and its CRS.
pub type Expected<'a> = (&'a Crs, (Coord<f64>, Coord<f64>));

/// Watches the coordinates of one source while they are read.
pub struct PositionWatch {
    crs: Crs,
    /// Box in the CRS of the source in which positions are expected (that of the areas).
    expected: Option<(Coord<f64>, Coord<f64>)>,
    sample: Vec<Coord<f64>>,
    stride: u64,
    seen: u64,
    n_expected: u64,
    n_expected_if_swapped: u64,
    null_island: u64,
}

/// Most positions kept to judge by.
const SAMPLE: usize = 4096;

impl PositionWatch {
    /// Watches positions in `crs`, expected in the box of the areas (`lo`, `hi`, in the CRS `areas`).
    pub fn new(crs: &Crs, areas: Option<Expected<'_>>) -> PositionWatch {
        let expected = areas.and_then(|(areas_crs, (lo, hi))| {
            let to_source = Transform::new(areas_crs, crs);
            box_of(
                (0..=8)
                    .flat_map(|i| (0..=8).map(move |j| (f64::from(i) / 8.0, f64::from(j) / 8.0)))
                    .filter_map(|(u, v)| {
                        to_source.apply(Coord { x: lo.x + (hi.x - lo.x) * u, y: lo.y + (hi.y - lo.y) * v })
                    }),
            )
        });
        PositionWatch {
            crs: crs.clone(),
            expected,
            sample: Vec::new(),
            stride: 1,
            seen: 0,
            n_expected: 0,
            n_expected_if_swapped: 0,
            null_island: 0,
        }
    }

    /// Notes positions; every `stride`-th, a power of two, is kept; the stride doubles when the sample is full.
    pub fn see(&mut self, positions: &[Coord<f64>]) {
        for c in positions {
            if self.seen & (self.stride - 1) == 0 {
                if self.sample.len() == SAMPLE {
                    self.stride *= 2;
                    let mut k = 0;
                    self.sample.retain(|_| {
                        k += 1;
                        k % 2 == 1
                    });
                }
                self.sample.push(*c);
            }
            self.seen += 1;
            if c.x == 0.0 && c.y == 0.0 {
                self.null_island += 1;
            }
            if let Some((lo, hi)) = self.expected {
                let inside = |x: f64, y: f64| x >= lo.x && x <= hi.x && y >= lo.y && y <= hi.y;
                self.n_expected += u64::from(inside(c.x, c.y));
                self.n_expected_if_swapped += u64::from(inside(c.y, c.x));
            }
        }
    }

    /// What speaks against the positions; `x` and `y` are the names of their columns, where they have any.
    pub fn findings(&self, source: &SourceRef<'_>, columns: Option<(&str, &str)>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let name = source.name();
        let Some((lo, hi)) = self.trimmed_box() else { return findings };
        let (x_range, y_range) = (range(lo.x, hi.x), range(lo.y, hi.y));
        let code = self.crs.code();
        let evidence = format!("x lies in {x_range} and y in {y_range}; {} positions", self.seen);
        let swapped_by_place = self.n_expected == 0 && self.n_expected_if_swapped * 2 > self.seen;
        match self.crs.misfit(lo, hi) {
            _ if swapped_by_place => findings.push(swapped(source, columns, &evidence, code)),
            Some(Misfit::SwappedAxes) => findings.push(swapped(source, columns, &evidence, code)),
            Some(Misfit::DegreesAsMetres) => findings.push(
                Finding::error("degrees_as_metres", &name, format!("the coordinates of `{name}` look like degrees, but {code} has metres"))
                    .with_evidence(evidence.clone())
                    .with_count(self.seen)
                    .with_hint(format!("in section `{}` set `crs = \"EPSG:4326\"`", source.section)),
            ),
            Some(Misfit::MetresAsDegrees) => findings.push(
                Finding::error("metres_as_degrees", &name, format!("the coordinates of `{name}` look like metres, but {code} has degrees"))
                    .with_evidence(evidence.clone())
                    .with_count(self.seen)
                    .with_hint(format!(
                        "in section `{}` set `crs` to the code of the coordinates, such as \"EPSG:3006\" for SWEREF 99 TM",
                        source.section
                    )),
            ),
            Some(Misfit::Elsewhere) => findings.push(
                Finding::warning("outside_crs_area", &name, format!("the coordinates of `{name}` lie outside the area that {code} is used for"))
                    .with_evidence(evidence.clone())
                    .with_count(self.seen)
                    .with_hint(format!("check `crs` in section `{}`; open the file in QGIS over a map", source.section)),
            ),
            None => {}
        }
        if self.null_island > 0 && !self.expects_null_island() {
            findings.push(
                Finding::warning("null_island", &name, format!("{} positions of `{name}` are exactly 0, 0", self.null_island))
                    .with_count(self.null_island)
                    .with_hint("a missing position is often written as 0; leave such cells empty, or filter them with `where`"),
            );
        }
        if findings.is_empty() && self.expected.is_some() && self.n_expected == 0 && self.seen > 0 {
            findings.push(
                Finding::warning(
                    "far_from_areas",
                    &name,
                    format!("nothing of `{name}` lies where the areas are"),
                )
                .with_evidence(evidence.clone())
                .with_count(self.seen)
                .with_hint(format!(
                    "check `crs` in section `{}` and that both files are of the same region",
                    source.section
                )),
            );
        }
        findings
    }

    fn expects_null_island(&self) -> bool {
        self.expected.is_none_or(|(lo, hi)| lo.x <= 0.0 && hi.x >= 0.0 && lo.y <= 0.0 && hi.y >= 0.0)
    }

    /// The box of the sample without its outermost twentieth on each side, so that one wild position does not
    /// hide what most are.
    fn trimmed_box(&self) -> Option<(Coord<f64>, Coord<f64>)> {
        let mut xs: Vec<f64> = self.sample.iter().map(|c| c.x).collect();
        let mut ys: Vec<f64> = self.sample.iter().map(|c| c.y).collect();
        xs.sort_unstable_by(f64::total_cmp);
        ys.sort_unstable_by(f64::total_cmp);
        let cut = xs.len() / 20;
        let last = xs.len().checked_sub(1 + cut)?;
        Some((Coord { x: xs[cut], y: ys[cut] }, Coord { x: xs[last], y: ys[last] }))
    }
}

fn swapped(source: &SourceRef<'_>, columns: Option<(&str, &str)>, evidence: &str, code: &str) -> Finding {
    let name = source.name();
    let (message, hint) = match columns {
        Some((x, y)) => (
            format!("`x` and `y` look swapped in `{name}`"),
            format!("in section `{}` set `x = \"{y}\"`, `y = \"{x}\"`", source.section),
        ),
        None => (
            format!("x and y look swapped in `{name}`"),
            "store easting (longitude) first; `ogr2ogr -s_srs … -t_srs …` or Swap X and Y in QGIS mends it"
                .to_string(),
        ),
    };
    Finding::error("swapped_axes", &name, message)
        .with_evidence(format!("{evidence}, which fits {code} only the other way round"))
        .with_hint(hint)
}

/// The smallest box around positions; `None` without any.
pub fn box_of(positions: impl Iterator<Item = Coord<f64>>) -> Option<(Coord<f64>, Coord<f64>)> {
    positions.fold(None, |found, c| {
        let (lo, hi) = found.unwrap_or((c, c));
        Some((Coord { x: lo.x.min(c.x), y: lo.y.min(c.y) }, Coord { x: hi.x.max(c.x), y: hi.y.max(c.y) }))
    })
}

fn range(lo: f64, hi: f64) -> String {
    if hi.abs().max(lo.abs()) < 1000.0 {
        format!("{lo:.3} – {hi:.3}")
    } else {
        format!("{lo:.0} – {hi:.0}")
    }
}
