//! The smallest elements of a style: symbols and their layers, ranges and categories, labels.

use super::OUTLINE;
use crate::geopackage::xml_escaped;
use std::fmt::Write;

pub(super) fn push_range(out: &mut String, symbol: usize, lower: f64, upper: f64, label: &str) {
    let _ = writeln!(
        out,
        "      <range symbol=\"{symbol}\" lower=\"{lower:.15}\" upper=\"{upper:.15}\" label=\"{}\" render=\"true\"/>",
        xml_escaped(label)
    );
}

/// A value of a categorized style; the empty one stands for all that no other category holds, and for NULL.
pub(super) fn push_category(out: &mut String, symbol: usize, value: &str, kind: &str, label: &str) {
    let _ = writeln!(
        out,
        "      <category symbol=\"{symbol}\" value=\"{value}\" type=\"{kind}\" label=\"{}\" render=\"true\"/>",
        xml_escaped(label)
    );
}

pub(super) fn push_symbol(out: &mut String, name: usize, kind: &str, layers: &[String]) {
    let _ = writeln!(
        out,
        "      <symbol type=\"{kind}\" name=\"{name}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\n{}      </symbol>",
        layers.concat()
    );
}

pub(super) fn simple_fill(colour: &str, style: &str) -> String {
    symbol_layer(
        "SimpleFill",
        &[
            ("color", &rgba(colour)),
            ("style", style),
            ("outline_color", &rgba(OUTLINE)),
            ("outline_style", "solid"),
            ("outline_width", "1"),
            ("outline_width_unit", "Pixel"),
            ("joinstyle", "round"),
        ],
    )
}

pub(super) fn transparent_fill(outline: &str, width_mm: f64) -> String {
    symbol_layer(
        "SimpleFill",
        &[
            ("style", "no"),
            ("outline_color", &rgba(outline)),
            ("outline_style", "solid"),
            ("outline_width", &width_mm.to_string()),
            ("outline_width_unit", "MM"),
            ("joinstyle", "round"),
        ],
    )
}

pub(super) fn simple_line(colour: &str, width_mm: f64) -> String {
    symbol_layer(
        "SimpleLine",
        &[
            ("line_color", &rgba(colour)),
            ("line_style", "solid"),
            ("line_width", &width_mm.to_string()),
            ("line_width_unit", "MM"),
            ("capstyle", "round"),
            ("joinstyle", "round"),
        ],
    )
}

pub(super) fn simple_marker(colour: &str, outline: &str, size_mm: f64) -> String {
    symbol_layer(
        "SimpleMarker",
        &[
            ("name", "circle"),
            ("color", &rgba(colour)),
            ("outline_color", &rgba(outline)),
            ("outline_style", "solid"),
            ("outline_width", "1"),
            ("outline_width_unit", "Pixel"),
            ("size", &size_mm.to_string()),
            ("size_unit", "MM"),
        ],
    )
}

/// Labels in the middle of a polygon, dark on a white halo; those that would collide are left out, and those of features
/// drawn smaller than so many millimetres.
pub(super) fn labelling(expression: &str, least_mm: u32) -> String {
    format!(
        "  <labeling type=\"simple\">\n    <settings calloutType=\"simple\">\n      <text-style fieldName=\"{}\" \
         isExpression=\"1\" fontSize=\"9\" fontWeight=\"63\" fontSizeUnit=\"Point\" textColor=\"17,20,24,255\" textOpacity=\"1\" \
         multilineHeight=\"0.95\">\n        <text-buffer bufferDraw=\"1\" bufferSize=\"0.9\" bufferSizeUnits=\"MM\" \
         bufferColor=\"255,255,255,255\" bufferOpacity=\"0.92\" bufferJoinStyle=\"128\"/>\n      </text-style>\n      \
         <text-format multilineAlign=\"1\"/>\n      <placement placement=\"4\" polygonPlacementFlags=\"2\" \
         centroidInside=\"1\" priority=\"5\"/>\n      <rendering drawLabels=\"1\" minFeatureSize=\"{least_mm}\" obstacle=\"0\" upsidedownLabels=\"0\"/>\n    \
         </settings>\n  </labeling>\n",
        xml_escaped(expression)
    )
}

fn symbol_layer(class: &str, properties: &[(&str, &str)]) -> String {
    let mut out = format!(
        "        <layer class=\"{class}\" enabled=\"1\" pass=\"0\" locked=\"0\">\n          <Option type=\"Map\">\n"
    );
    for (name, value) in properties {
        let _ = writeln!(
            out,
            "            <Option name=\"{name}\" type=\"QString\" value=\"{}\"/>",
            xml_escaped(value)
        );
    }
    out.push_str("          </Option>\n        </layer>\n");
    out
}

/// `#rrggbb` as QGIS writes colours; black for anything else.
fn rgba(colour: &str) -> String {
    let part = |at: usize| colour.get(at..at + 2).and_then(|h| u8::from_str_radix(h, 16).ok()).unwrap_or(0);
    format!("{},{},{},255", part(1), part(3), part(5))
}
