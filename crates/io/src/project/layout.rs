//! The print layout: one A3 sheet with title, map, legend, scale bar and sources.
//!
//! Landscape with the legend beside the map, or portrait with the legend under it, whichever wastes less paper.
//! Lengths are millimetres on paper unless they say otherwise.

use super::{Project, layers};
use crate::geopackage::xml_escaped;
use geo_types::Coord;
use whitespot_model::config::Lang;

const MAP: &str = "{5b0c41f0-0000-4000-8000-000000000001}";

/// A place on the sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Where things stand on the sheet.
struct Sheet {
    width: f64,
    height: f64,
    map: Place,
    legend: Place,
    scale_bar: Place,
    notice: Place,
}

/// Margin on all sides.
const MARGIN: f64 = 12.0;

/// Height of the sources at the foot.
const FOOT: f64 = 14.0;

fn place(x: f64, y: f64, width: f64, height: f64) -> Place {
    Place { x, y, width, height }
}

impl Sheet {
    fn for_extent((lo, hi): (Coord<f64>, Coord<f64>)) -> Sheet {
        let is_tall = hi.y - lo.y > 1.1 * (hi.x - lo.x);
        if is_tall {
            Sheet {
                width: 297.0,
                height: 420.0,
                map: place(MARGIN, 38.0, 273.0, 296.0),
                legend: place(MARGIN, 338.0, 130.0, 52.0),
                scale_bar: place(170.0, 340.0, 100.0, 14.0),
                notice: place(170.0, 358.0, 115.0, 26.0),
            }
        } else {
            Sheet {
                width: 420.0,
                height: 297.0,
                map: place(MARGIN, 38.0, 296.0, 230.0),
                legend: place(314.0, 36.0, 94.0, 130.0),
                scale_bar: place(314.0, 252.0, 94.0, 14.0),
                notice: place(316.0, 206.0, 92.0, 40.0),
            }
        }
    }
}

/// The layout as an element of the project.
pub(super) fn sheet(project: &Project) -> String {
    let sheet = Sheet::for_extent(project.extent);
    let inner = sheet.width - 2.0 * MARGIN;
    let foot = place(MARGIN, sheet.height - MARGIN - FOOT, inner, FOOT);
    let mut items = vec![
        map(project, sheet.map),
        label("title", &project.title, place(MARGIN, 9.0, inner, 14.0), 24, true, INK),
        label("subtitle", &project.subtitle, place(MARGIN, 24.0, inner, 10.0), 14, false, SOFT),
        legend(project, sheet.legend),
        scale_bar(project, &sheet),
        label("source", &project.source_line, foot, 8, false, SOFT),
    ];
    if !project.notice.is_empty() {
        items.push(label("notice", &project.notice, sheet.notice, 10, true, WARNING));
    }
    let name = match project.lang {
        Lang::Sv => "Karta A3",
        Lang::En => "Map A3",
    };
    format!(
        "    <Layout name=\"{name}\" units=\"mm\" printResolution=\"300\" worldFileMap=\"{MAP}\">\n      \
         <Snapper snapToGrid=\"0\" snapToItems=\"1\" snapToGuides=\"1\" tolerance=\"5\"/>\n      <PageCollection>\n{page}        \
         <GuideCollection visible=\"1\"/>\n      </PageCollection>\n{items}    </Layout>\n",
        page = page(sheet.width, sheet.height),
        items = items.concat(),
    )
}

const INK: [u8; 3] = [27, 31, 36];
const SOFT: [u8; 3] = [87, 96, 106];
const WARNING: [u8; 3] = [107, 61, 0];

/// Attributes that every item has.
fn common(kind: u32, id: &str, uuid: &str, at: Place, z: u32) -> String {
    format!(
        "type=\"{kind}\" id=\"{id}\" uuid=\"{uuid}\" templateUuid=\"{uuid}\" position=\"{x},{y},mm\" \
         positionOnPage=\"{x},{y},mm\" size=\"{w},{h},mm\" zValue=\"{z}\" visibility=\"1\" opacity=\"1\" \
         referencePoint=\"0\" itemRotation=\"0\" excludeFromExports=\"0\" positionLock=\"false\" groupUuid=\"\" \
         outlineWidthM=\"0.2,mm\" frameJoinStyle=\"miter\" blendMode=\"0\"",
        x = at.x,
        y = at.y,
        w = at.width,
        h = at.height,
    )
}

fn page(width: f64, height: f64) -> String {
    let uuid = "{5b0c41f0-0000-4000-8000-000000000000}";
    format!(
        "        <LayoutItem {} background=\"true\" frame=\"false\">\n          \
         <symbol type=\"fill\" name=\"\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\n            \
         <layer class=\"SimpleFill\" enabled=\"1\" pass=\"0\" locked=\"0\"><Option type=\"Map\">\
         <Option type=\"QString\" name=\"color\" value=\"255,255,255,255\"/>\
         <Option type=\"QString\" name=\"outline_style\" value=\"no\"/>\
         <Option type=\"QString\" name=\"style\" value=\"solid\"/></Option></layer>\n          </symbol>\n        \
         </LayoutItem>\n",
        common(65638, "", uuid, place(0.0, 0.0, width, height), 0)
    )
}

fn map(project: &Project, at: Place) -> String {
    let (lo, hi) = map_extent(project.extent, at);
    format!(
        "      <LayoutItem {} frame=\"true\" background=\"true\" mapRotation=\"0\" drawCanvasItems=\"true\" \
         keepLayerSet=\"false\" followPreset=\"false\" followPresetName=\"\" mapFlags=\"0\" labelMargin=\"0,mm\">\n        \
         <FrameColor red=\"51\" green=\"51\" blue=\"51\" alpha=\"255\"/>\n        \
         <BackgroundColor red=\"238\" green=\"242\" blue=\"245\" alpha=\"255\"/>\n        \
         <Extent xmin=\"{}\" ymin=\"{}\" xmax=\"{}\" ymax=\"{}\"/>\n        <LayerSet/>\n      </LayoutItem>\n",
        common(65639, "map", MAP, at, 1),
        lo.x,
        lo.y,
        hi.x,
        hi.y
    )
}

/// The map's extent with some air around, in the proportions of its place.
fn map_extent((lo, hi): (Coord<f64>, Coord<f64>), at: Place) -> (Coord<f64>, Coord<f64>) {
    let middle = Coord { x: (lo.x + hi.x) / 2.0, y: (lo.y + hi.y) / 2.0 };
    let metres_per_mm = 1.06 * ((hi.x - lo.x) / at.width).max((hi.y - lo.y) / at.height);
    let half = Coord { x: metres_per_mm * at.width / 2.0, y: metres_per_mm * at.height / 2.0 };
    (
        Coord { x: middle.x - half.x, y: middle.y - half.y },
        Coord { x: middle.x + half.x, y: middle.y + half.y },
    )
}

fn label(id: &str, text: &str, at: Place, size: u32, is_bold: bool, colour: [u8; 3]) -> String {
    let n = match id {
        "title" => 2,
        "subtitle" => 3,
        "source" => 4,
        _ => 5,
    };
    let uuid = format!("{{5b0c41f0-0000-4000-8000-00000000000{n}}}");
    let [red, green, blue] = colour;
    format!(
        "      <LayoutItem {} frame=\"false\" background=\"false\" labelText=\"{}\" htmlState=\"0\" halign=\"1\" \
         valign=\"32\" marginX=\"0\" marginY=\"0\">\n        <LabelFont description=\"{}\" style=\"\"/>\n        \
         <FontColor red=\"{red}\" green=\"{green}\" blue=\"{blue}\" alpha=\"255\"/>\n      </LayoutItem>\n",
        common(65641, id, &uuid, at, n),
        xml_escaped(text),
        font(size, is_bold),
    )
}

/// A font as Qt describes it: family, points, …, weight.
fn font(size: u32, is_bold: bool) -> String {
    format!("Arial,{size},-1,5,{},0,0,0,0,0", if is_bold { 75 } else { 50 })
}

fn legend(project: &Project, at: Place) -> String {
    let styles: String =
        [("title", 13, true), ("group", 12, true), ("subgroup", 11, true), ("symbolLabel", 11, false)]
            .iter()
            .map(|(name, size, is_bold)| {
                let margins = match *name {
                    "title" => "marginBottom=\"3\"",
                    "symbolLabel" => "marginLeft=\"2\" marginTop=\"2\"",
                    _ => "marginTop=\"3\"",
                };
                format!(
                    "          <style name=\"{name}\" alignment=\"1\" indent=\"0\" {margins}>\
                 <styleFont description=\"{}\" style=\"\"/></style>\n",
                    font(*size, *is_bold)
                )
            })
            .collect();
    // The classes first: what lies under the borders is what the map is about.
    let shown = project.groups.iter().rev().flat_map(|g| &g.layers).filter(|l| l.is_visible);
    let leaves: String = shown.map(layers::legend_leaf).collect();
    let title = match project.lang {
        Lang::Sv => "Teckenförklaring",
        Lang::En => "Legend",
    };
    format!(
        "      <LayoutItem {} frame=\"false\" background=\"false\" title=\"{title}\" titleAlignment=\"1\" \
         columnCount=\"1\" splitLayer=\"0\" equalColumnWidth=\"0\" resizeToContents=\"1\" symbolWidth=\"9\" \
         symbolHeight=\"5\" symbolAlignment=\"1\" lineSpacing=\"1\" boxSpace=\"2\" columnSpace=\"2\" \
         wrapChar=\"|\" fontColor=\"#1b1f24\" map_uuid=\"{MAP}\" legendFilterByAtlas=\"0\">\n        <styles>\n{styles}        \
         </styles>\n        <layer-tree-group>\n        <customproperties><Option/></customproperties>\n{leaves}        \
         </layer-tree-group>\n      </LayoutItem>\n",
        common(65642, "legend", "{5b0c41f0-0000-4000-8000-000000000006}", at, 6),
    )
}

fn scale_bar(project: &Project, sheet: &Sheet) -> String {
    let (lo, hi) = map_extent(project.extent, sheet.map);
    let metres_per_mm = (hi.x - lo.x) / sheet.map.width;
    let segment_m = round_length(30.0 * metres_per_mm);
    let (unit, label, per_unit) =
        if segment_m >= 1000.0 { ("km", "km", 1000.0) } else { ("meters", "m", 1.0) };
    format!(
        "      <LayoutItem {} frame=\"false\" background=\"false\" style=\"Single Box\" mapUuid=\"{MAP}\" \
         unitType=\"{unit}\" unitLabel=\"{label}\" numUnitsPerSegment=\"{}\" numMapUnitsPerScaleBarUnit=\"1\" \
         numSegments=\"2\" numSegmentsLeft=\"0\" segmentSizeMode=\"0\" segmentMillimeters=\"{}\" height=\"2.5\" \
         labelBarSpace=\"2\" boxContentSpace=\"1\" alignment=\"0\" outlineWidth=\"0.2\" minBarWidth=\"50\" \
         maxBarWidth=\"150\" labelVerticalPlacement=\"0\" labelHorizontalPlacement=\"0\" lineJoinStyle=\"miter\" \
         lineCapStyle=\"square\">\n        <text-style fontFamily=\"Arial\" fontSize=\"10\" fontSizeUnit=\"Point\" \
         textColor=\"27,31,36,255\" textOpacity=\"1\"/>\n        \
         <fillColor red=\"51\" green=\"51\" blue=\"51\" alpha=\"255\"/>\n        \
         <fillColor2 red=\"255\" green=\"255\" blue=\"255\" alpha=\"255\"/>\n        \
         <strokeColor red=\"51\" green=\"51\" blue=\"51\" alpha=\"255\"/>\n      </LayoutItem>\n",
        common(65646, "scale_bar", "{5b0c41f0-0000-4000-8000-000000000007}", sheet.scale_bar, 7),
        segment_m / per_unit,
        segment_m / metres_per_mm,
    )
}

/// The largest of 1, 2, 5 × 10ⁿ that is not above `metres`.
fn round_length(metres: f64) -> f64 {
    if !(metres.is_finite() && metres > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(metres.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * power).find(|length| *length <= metres).unwrap_or(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_the_scale_bar_are_round() {
        for (metres, round) in
            [(37_000.0, 20_000.0), (5000.0, 5000.0), (99.0, 50.0), (1.2, 1.0), (f64::NAN, 1.0)]
        {
            assert_eq!(round_length(metres), round);
        }
    }

    #[test]
    fn the_map_keeps_its_proportions_and_holds_everything() {
        let extent = (Coord { x: 0.0, y: 0.0 }, Coord { x: 300_000.0, y: 100_000.0 });
        let at = place(0.0, 0.0, 300.0, 200.0);
        let (lo, hi) = map_extent(extent, at);
        assert!((hi.x - lo.x) / (hi.y - lo.y) - 1.5 < 1e-9);
        assert!(lo.x < 0.0 && hi.x > 300_000.0 && lo.y < 0.0 && hi.y > 100_000.0);
    }

    #[test]
    fn a_tall_region_is_printed_upright() {
        let tall = Sheet::for_extent((Coord { x: 0.0, y: 0.0 }, Coord { x: 1.0, y: 2.0 }));
        assert!(tall.height > tall.width);
    }
}
