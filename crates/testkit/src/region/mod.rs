//! Synthetic regions of the sizes S, M, L and XL: clustered settlements, small fibre polygons of three operators,
//! large ragged mobile polygons with holes, and 315 areas that share their ragged borders.
//!
//! Everything follows from a size and a seed; nothing depends on threads or time. The land is made up.

mod borders;
mod coverage;
mod files;
mod noise;
mod points;

pub use files::{analysis, persons_65_plus};

use crate::scene::offer;
use geo::Coord;
use whitespot_model::area::{Areas, Parent};
use whitespot_model::coverage::{CoverageLayer, Offer, Technology};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::settlement::SettlementBatch;
use whitespot_model::shapes::Shapes;

/// How large a region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Settlements.
    pub n_settlements: u64,
    /// Fibre polygons of all three operators together, about 50 vertices each.
    pub n_fibre_polygons: usize,
    /// Vertices of each of the eight mobile layers, about.
    pub n_mobile_vertices: usize,
    /// Areas along x and y.
    pub n_areas: (u32, u32),
    /// Vertices of each side of an area.
    pub n_side_vertices: u32,
}

impl Size {
    /// For tests: built in a moment.
    pub const TINY: Size = Size {
        n_settlements: 5_000,
        n_fibre_polygons: 200,
        n_mobile_vertices: 4_000,
        n_areas: (5, 4),
        n_side_vertices: 16,
    };
    /// 100 thousand settlements.
    pub const S: Size = Size {
        n_settlements: 100_000,
        n_fibre_polygons: 5_000,
        n_mobile_vertices: 50_000,
        n_areas: (21, 15),
        n_side_vertices: 250,
    };
    /// A million settlements.
    pub const M: Size =
        Size { n_settlements: 1_000_000, n_fibre_polygons: 20_000, n_mobile_vertices: 200_000, ..Size::S };
    /// Ten million settlements.
    pub const L: Size =
        Size { n_settlements: 10_000_000, n_fibre_polygons: 40_000, n_mobile_vertices: 500_000, ..Size::S };
    /// A hundred million settlements.
    pub const XL: Size = Size { n_settlements: 100_000_000, ..Size::L };

    /// The same with so many areas along x and y; their borders together keep about as many vertices.
    #[must_use]
    pub fn divided(self, columns: u32, rows: u32) -> Size {
        let sides = |(x, y): (u32, u32)| u64::from(x) * u64::from(y + 1) + u64::from(y) * u64::from(x + 1);
        let (old, new) = (sides(self.n_areas), sides((columns, rows)).max(1));
        let n_side_vertices = (u64::from(self.n_side_vertices) * old / new).clamp(4, 1_000) as u32;
        Size { n_areas: (columns, rows), n_side_vertices, ..self }
    }

    /// The size of that name.
    pub fn named(name: &str) -> Option<Size> {
        Some(match name {
            "TINY" => Size::TINY,
            "S" => Size::S,
            "M" => Size::M,
            "L" => Size::L,
            "XL" => Size::XL,
            _ => return None,
        })
    }
}

/// The coordinates a region is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Metres, EPSG:3006: a square of 240 km.
    Metres,
    /// Degrees, EPSG:4326: about the same square on the ground.
    Degrees,
}

/// Side of the square region in metres.
const SIDE_M: f64 = 240_000.0;
/// Names of the mobile operators, and of the fixed ones.
const MOBILE_OPERATORS: [&str; 4] = ["alfa", "beta", "gamma", "delta"];
const FIXED_OPERATORS: [&str; 3] = ["stadsnat", "rikslina", "byanat"];

impl Frame {
    /// Where a place of the square (metres from its lower left corner) lies.
    pub(crate) fn place(self, x_m: f64, y_m: f64) -> Coord<f64> {
        match self {
            Frame::Metres => Coord { x: 560_000.0 + x_m, y: 7_020_000.0 + y_m },
            // Rounded to 7 decimals, as files hold them.
            Frame::Degrees => Coord {
                x: ((16.2 + x_m / 48_000.0) * 1e7).round() / 1e7,
                y: ((63.3 + y_m / 111_500.0) * 1e7).round() / 1e7,
            },
        }
    }

    /// The CRS of the coordinates.
    pub fn crs(self) -> CrsDeclaration {
        let code = match self {
            Frame::Metres => "EPSG:3006",
            Frame::Degrees => "EPSG:4326",
        };
        CrsDeclaration::Code(code.to_string())
    }
}

/// A made-up region; settlements are generated batch by batch.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its size.
    pub size: Size,
    /// The coordinates it is told in.
    pub frame: Frame,
    /// One fixed layer of three offers, then eight mobile layers of one each.
    pub layers: Vec<CoverageLayer>,
    /// The areas, each with a parent.
    pub areas: Areas,
    seed: u64,
    towns: Vec<points::Town>,
}

impl Region {
    /// The region of this size and seed.
    pub fn new(size: Size, frame: Frame, seed: u64) -> Region {
        let towns = points::towns(seed);
        let mut layers = vec![fixed_layer(size, frame, seed, &towns)];
        for (i, technology) in [Technology::G4, Technology::G5].into_iter().enumerate() {
            for (j, operator) in MOBILE_OPERATORS.into_iter().enumerate() {
                let threshold = if technology == Technology::G4 { 0.42 } else { 0.55 };
                let layer_seed = seed.wrapping_add(100 + 10 * i as u64 + j as u64);
                let shapes = coverage::mobile(size.n_mobile_vertices, threshold, frame, layer_seed);
                let id = format!("mobile_{}_{operator}", technology.name());
                layers.push(layer(&id, frame, shapes, vec![offer(&id, operator, technology)], |_| 0));
            }
        }
        Region { size, frame, layers, areas: areas(size, frame, seed), seed, towns }
    }

    /// The settlements `first..first + n`, in an order that has nothing to do with where they lie. Any split into
    /// batches gives the same settlements.
    pub fn settlements(&self, first: u64, n: usize) -> SettlementBatch {
        points::batch(
            &self.towns,
            self.frame,
            self.seed,
            first,
            n.min((self.size.n_settlements - first) as usize),
        )
    }

    /// Bits for all offers, in the order of the layers; and their number.
    pub fn offer_bits(&self) -> (Vec<Vec<Option<u32>>>, usize) {
        let mut next = 0..;
        let bits: Vec<Vec<Option<u32>>> =
            self.layers.iter().map(|l| l.offers.iter().map(|_| next.next()).collect()).collect();
        let n = bits.iter().map(Vec::len).sum();
        (bits, n)
    }

    /// Number of vertices of all layers and areas.
    pub fn n_vertices(&self) -> usize {
        self.layers.iter().map(|l| l.shapes.n_coords()).sum::<usize>() + self.areas.shapes.n_coords()
    }
}

fn fixed_layer(size: Size, frame: Frame, seed: u64, towns: &[points::Town]) -> CoverageLayer {
    let shapes = coverage::fibre(size.n_fibre_polygons, towns, frame, seed);
    let offers = FIXED_OPERATORS.iter().map(|o| offer("fixed", o, Technology::Fibre)).collect();
    layer("fixed", frame, shapes, offers, |f| f as u32 % 3)
}

fn layer(
    id: &str,
    frame: Frame,
    shapes: Shapes,
    offers: Vec<Offer>,
    offer_of: impl Fn(usize) -> u32,
) -> CoverageLayer {
    let n = shapes.n_features();
    CoverageLayer {
        id: id.to_string(),
        crs: frame.crs(),
        feature_offers: (0..n).map(offer_of).collect(),
        places: (1..=n as u64).collect(),
        shapes,
        offers,
        reach_m: 0.0,
        keyed: Vec::new(),
    }
}

fn areas(size: Size, frame: Frame, seed: u64) -> Areas {
    let shapes = borders::partition(size.n_areas, size.n_side_vertices, frame, seed);
    let n = shapes.n_features();
    let parents: Vec<Parent> = (0..n.div_ceil(21))
        .map(|p| Parent { code: format!("{:02}", p + 1), name: format!("Kommun {}", p + 1) })
        .collect();
    Areas {
        codes: (0..n).map(|a| format!("{:02}{:04}", a / 21 + 1, a % 21 + 1)).collect(),
        names: (0..n).map(|a| format!("Område {}", a + 1)).collect(),
        parent_of: (0..n).map(|a| Some((a / 21) as u32)).collect(),
        parents,
        shapes,
        crs: frame.crs(),
        km2: vec![None; n],
    }
}

#[cfg(test)]
mod tests;
