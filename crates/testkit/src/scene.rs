//! Tiny worlds for tests, told in metres.

use std::fmt::Write;
use std::ops::Range;
use whitespot_model::area::Areas;
use whitespot_model::coverage::{Basis, CoverageLayer, NO_OFFER, Offer, Status, Technology};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::settlement::SettlementBatch;
use whitespot_model::shapes::{Part, Shapes};

/// The CRS of every scene: SWEREF 99 TM, metric.
pub const SCENE_CRS: &str = "EPSG:3006";

/// Settlements, coverage layers and areas of a tiny world.
///
/// Give settlements persons that are powers of two: every sum then names who was counted.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The settlements, with ids `p0`, `p1`, …
    pub settlements: SettlementBatch,
    /// The coverage layers; each has one offer.
    pub layers: Vec<CoverageLayer>,
    /// The areas, ordered by code.
    pub areas: Areas,
}

impl Default for Scene {
    fn default() -> Self {
        Scene::new()
    }
}

impl Scene {
    /// An empty world.
    pub fn new() -> Scene {
        let areas = Areas {
            codes: Vec::new(),
            names: Vec::new(),
            parent_of: Vec::new(),
            parents: Vec::new(),
            shapes: Shapes::default(),
            crs: CrsDeclaration::Code(SCENE_CRS.into()),
            km2: Vec::new(),
        };
        let settlements =
            SettlementBatch { ids: Some([].into_iter().collect()), ..SettlementBatch::default() };
        Scene { settlements, layers: Vec::new(), areas }
    }

    /// Adds a settlement with as many persons.
    #[must_use]
    pub fn settlement(mut self, x: impl Into<f64>, y: impl Into<f64>, persons: u32) -> Scene {
        let id = format!("p{}", self.settlements.len());
        self.settlements.points.push(geo::Coord { x: x.into(), y: y.into() });
        self.settlements.persons.push(persons);
        if let Some(ids) = &mut self.settlements.ids {
            ids.push(Some(&id));
        }
        self
    }

    /// Adds a layer of one square that spans `range` in both directions.
    #[must_use]
    pub fn square_layer(self, id: &str, range: Range<i32>) -> Scene {
        let (lo, hi) = (f64::from(range.start), f64::from(range.end));
        self.polygon_layer(id, &[&[(lo, lo), (hi, lo), (hi, hi), (lo, hi), (lo, lo)]])
    }

    /// Adds a layer of one polygon: its shell, then its holes, closed.
    #[must_use]
    pub fn polygon_layer(self, id: &str, rings: &[&[(f64, f64)]]) -> Scene {
        let mut shapes = Shapes::default();
        push_polygon(&mut shapes, rings);
        self.layer(id, shapes, 0.0)
    }

    /// Adds a layer of one line that reaches `reach_m`.
    #[must_use]
    pub fn line_layer(self, id: &str, line: &[(f64, f64)], reach_m: f64) -> Scene {
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Line);
        shapes.push_ring(line.iter().copied());
        shapes.end_part();
        shapes.end_feature();
        self.layer(id, shapes, reach_m)
    }

    /// Adds a layer of any shapes, all of one offer: existing fibre of an operator named like the layer.
    #[must_use]
    pub fn layer(mut self, id: &str, shapes: Shapes, reach_m: f64) -> Scene {
        let n = shapes.n_features();
        self.layers.push(CoverageLayer {
            id: id.to_string(),
            crs: CrsDeclaration::Code(SCENE_CRS.into()),
            shapes,
            feature_offers: vec![0; n],
            offers: vec![offer(id, id, Technology::Fibre)],
            reach_m,
            keyed: Vec::new(),
            places: (1..=n as u64).collect(),
        });
        self
    }

    /// Makes the last feature of the last layer offer nothing.
    #[must_use]
    pub fn without_offer(mut self) -> Scene {
        if let Some(offer) = self.layers.last_mut().and_then(|l| l.feature_offers.last_mut()) {
            *offer = NO_OFFER;
        }
        self
    }

    /// Adds a rectangular area; add areas in the order of their codes.
    #[must_use]
    pub fn area(self, code: &str, x: Range<f64>, y: Range<f64>) -> Scene {
        let (w, e, s, n) = (x.start, x.end, y.start, y.end);
        self.polygon_area(code, &[&[(w, s), (e, s), (e, n), (w, n), (w, s)]])
    }

    /// Adds an area of one polygon; add areas in the order of their codes.
    #[must_use]
    pub fn polygon_area(mut self, code: &str, rings: &[&[(f64, f64)]]) -> Scene {
        push_polygon(&mut self.areas.shapes, rings);
        self.areas.codes.push(code.to_string());
        self.areas.names.push(code.to_string());
        self.areas.parent_of.push(None);
        self.areas.km2.push(None);
        self
    }

    /// The bits of the layers' offers: layer `i` has bit `i`.
    pub fn offer_bits(&self) -> Vec<Vec<Option<u32>>> {
        (0..self.layers.len() as u32).map(|i| vec![Some(i)]).collect()
    }

    /// A picture of the world, to look at when a test fails.
    pub fn to_svg(&self) -> String {
        let mut all = self.areas.shapes.clone();
        for layer in &self.layers {
            all.append(&layer.shapes);
        }
        for p in &self.settlements.points {
            all.push_point(p.x, p.y);
        }
        let Some((lo, hi)) = all.bounds() else {
            return "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".into();
        };
        let (width, height) = ((hi.x - lo.x).max(1.0), (hi.y - lo.y).max(1.0));
        let unit = width.max(height) / 200.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {} {}\" stroke-width=\"{unit}\">\n",
            lo.x - 5.0 * unit,
            -hi.y - 5.0 * unit,
            width + 10.0 * unit,
            height + 10.0 * unit,
        );
        draw(&mut svg, &self.areas.shapes, "fill=\"none\" stroke=\"#333\"");
        for layer in &self.layers {
            let style = "fill=\"#0072B2\" fill-opacity=\"0.3\" fill-rule=\"evenodd\" stroke=\"#0072B2\"";
            draw(&mut svg, &layer.shapes, style);
        }
        for (i, p) in self.settlements.points.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"><title>p{i}: {} persons</title></circle>",
                p.x,
                -p.y,
                2.0 * unit,
                self.settlements.persons[i],
            );
        }
        svg + "</svg>\n"
    }
}

/// An existing, passed offer of one operator.
pub fn offer(layer: &str, operator: &str, technology: Technology) -> Offer {
    Offer {
        layer: layer.to_string(),
        kind: technology.kind(),
        technology,
        operator: operator.to_string(),
        download_mbps: Some(1000.0),
        upload_mbps: None,
        basis: Some(Basis::Passed),
        status: Status::Existing,
        ready: None,
        level: None,
    }
}

/// Appends a feature of one polygon: its shell, then its holes, closed.
pub fn push_polygon(shapes: &mut Shapes, rings: &[&[(f64, f64)]]) {
    shapes.begin_part(Part::Polygon);
    for ring in rings {
        shapes.push_ring(ring.iter().copied());
    }
    shapes.end_part();
    shapes.end_feature();
}

fn draw(svg: &mut String, shapes: &Shapes, style: &str) {
    for f in 0..shapes.n_features() {
        let mut path = String::new();
        for r in shapes.parts_of(f).flat_map(|p| shapes.rings_of(p)) {
            for (i, c) in shapes.ring(r).iter().enumerate() {
                let _ = write!(path, "{}{} {} ", if i == 0 { 'M' } else { 'L' }, c.x, -c.y);
            }
        }
        let _ = writeln!(svg, "<path {style} d=\"{}\"/>", path.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_draws_what_it_holds() {
        let scene =
            Scene::new().square_layer("fibre", 0..10).area("01", 0.0..20.0, 0.0..20.0).settlement(5, 5, 1);
        let svg = scene.to_svg();
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(svg.contains("p0: 1 persons"));
    }
}
