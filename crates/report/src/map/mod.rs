//! The map as SVG values: outlines, names and a scale bar in the units of one drawing.
//!
//! North is up and the analysis CRS is drawn as it is. Everything is placed here; the template only writes it.

mod classes;
mod labels;
mod outlines;
mod scale_bar;

pub(crate) use classes::{CLASS_LIMITS, class_of};
pub(crate) use labels::Label;
pub(crate) use scale_bar::ScaleBar;

use serde::Serialize;
use whitespot_model::result::MapShapes;

/// Size the map is designed for, in CSS pixels; it is drawn smaller where there is less room.
const DESIGN_WIDTH_PX: f64 = 620.0;
const DESIGN_HEIGHT_PX: f64 = 720.0;
const MARGIN_PX: f64 = 6.0;
const SCALE_BAR_HEIGHT_PX: f64 = 34.0;

/// A ring in drawing units, y downwards, closed without repeating its first point.
pub(crate) type Ring = Vec<[i32; 2]>;

/// A map ready to be written.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MapDrawing {
    /// Left, top, width and height of the drawing.
    pub(crate) view_box: [i32; 4],
    /// The same without the scale bar, for small maps.
    pub(crate) small_view_box: [i32; 4],
    /// Drawing units in one CSS pixel at the designed size.
    pub(crate) units_in_px: f64,
    /// One path (`d`) an area, in the order of the areas; never empty.
    pub(crate) paths: Vec<String>,
    /// Names where they fit.
    pub(crate) labels: Vec<Label>,
    /// A bar of a round length.
    pub(crate) scale_bar: Option<ScaleBar>,
    /// Easting and northing of the drawing's lower left corner, metres.
    #[serde(skip)]
    origin_m: [f64; 2],
    /// Drawing units in a metre.
    #[serde(skip)]
    units_in_m: f64,
    /// Height of what is drawn, without margins.
    #[serde(skip)]
    height: i32,
}

impl MapDrawing {
    /// Draws the outlines of areas with these names (missing ones get no label).
    pub(crate) fn new(shapes: &MapShapes, names: &[&str]) -> MapDrawing {
        let longest = shapes.size[0].max(shapes.size[1]).max(1);
        let n_points: usize = shapes.areas.iter().flatten().map(Vec::len).sum();
        let units = outlines::units_for(n_points).min(longest).max(1);
        let to_unit = f64::from(units) / f64::from(longest);
        let scale = |v: i32| (f64::from(v) * to_unit).round() as i32;
        let (width, height) = (scale(shapes.size[0]).max(1), scale(shapes.size[1]).max(1));
        let px = (DESIGN_WIDTH_PX / f64::from(width)).min(DESIGN_HEIGHT_PX / f64::from(height));
        let in_units = |pixels: f64| (pixels / px).round() as i32;

        let areas: Vec<Vec<Ring>> = shapes
            .areas
            .iter()
            .map(|rings| outlines::drawn(rings, |p| [scale(p[0]), height - scale(p[1])]))
            .collect();
        let smallest = in_units(2.0).max(1);
        let margin = in_units(MARGIN_PX).max(1);
        let bar_height = in_units(SCALE_BAR_HEIGHT_PX);
        MapDrawing {
            view_box: [-margin, -margin, width + 2 * margin, height + 2 * margin + bar_height],
            small_view_box: [-margin, -margin, width + 2 * margin, height + 2 * margin],
            units_in_px: (100.0 / px).round() / 100.0,
            paths: areas.iter().map(|rings| outlines::path(rings, smallest)).collect(),
            labels: labels::placed(&areas, names, 1.0 / px),
            scale_bar: scale_bar::ScaleBar::new(
                shapes.step_m / to_unit,
                width,
                [0, height + margin + in_units(16.0)],
            ),
            origin_m: shapes.origin_m,
            units_in_m: to_unit / shapes.step_m,
            height,
        }
    }

    /// The middle of rings of another lattice.
    pub(crate) fn middle(&self, of: &MapShapes, rings: &[Vec<[i32; 2]>]) -> Option<[i32; 2]> {
        let places = || rings.iter().flatten().map(|p| self.place(of, *p));
        let middle = |axis: usize| {
            let (low, high) = (places().map(|p| p[axis]).min()?, places().map(|p| p[axis]).max()?);
            Some(low + (high - low) / 2)
        };
        Some([middle(0)?, middle(1)?])
    }

    fn place(&self, of: &MapShapes, p: [i32; 2]) -> [i32; 2] {
        let units = |axis: usize| {
            let metres = of.origin_m[axis] + f64::from(p[axis]) * of.step_m - self.origin_m[axis];
            (metres * self.units_in_m).round() as i32
        };
        [units(0), self.height - units(1)]
    }
}
