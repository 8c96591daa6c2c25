//! QGIS styles (QML): the report's colours, classes and words, so that all outputs look alike.
//!
//! Every shape has a 1 px #333333 outline, as pale fills stand out too little alone; what is missing is grey and
//! hatched, never left out.

use crate::geopackage::xml_escaped;
use std::fmt::Write;
use whitespot_model::table::Table;

/// Limits of the classes of a share, 0–1.
pub const SHARE_LIMITS: [f64; 6] = [0.0, 0.10, 0.25, 0.50, 0.75, 1.0];

/// Fills of those classes; darker is more need.
pub const SHARE_COLOURS: [&str; 5] = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"];

const OUTLINE: &str = "#333333";
const NO_DATA: &str = "#6e7581";
const REACHED: &str = "#0072b2";
const WITHOUT: &str = "#d55e00";

/// One class of a graduated style.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Lowest value, in the class.
    pub lower: f64,
    /// Highest value; on a limit the lower class counts.
    pub upper: f64,
    /// Fill as `#rrggbb`.
    pub colour: String,
    /// Words in the legend.
    pub label: String,
}

/// Style of a share (0–1) of areas in the fixed classes 0, 10, 25, 50, 75, 100 %.
///
/// `table` gives the Swedish names of all columns, and the label of each area where it has `area_name`.
pub fn share_style(column: &str, table: &Table) -> String {
    let classes: Vec<Class> = SHARE_COLOURS
        .iter()
        .zip(SHARE_LIMITS.windows(2))
        .map(|(colour, limits)| Class {
            lower: limits[0],
            upper: limits[1],
            colour: (*colour).to_string(),
            label: format!("{:.0}–{:.0} %", limits[0] * 100.0, limits[1] * 100.0),
        })
        .collect();
    graduated(column, &classes, table)
}

/// Style of areas by the classes of a numeric column.
///
/// Values outside all classes are not drawn; missing ones are hatched. Labels and field names as in
/// [`share_style`].
pub fn graduated(column: &str, classes: &[Class], table: &Table) -> String {
    // A value below all others stands for a missing one: QGIS draws no NULL in a graduated style.
    let missing = classes.iter().map(|c| c.lower).fold(0.0, f64::min).floor() - 1.0;
    let field = format!("coalesce({}, {missing})", field_expression(column));
    let mut ranges = String::new();
    let mut symbols = String::new();
    for (i, class) in classes.iter().enumerate() {
        push_range(&mut ranges, i, class.lower, class.upper, &class.label);
        push_symbol(&mut symbols, i, "fill", &[simple_fill(&class.colour, "solid")]);
    }
    let i = classes.len();
    push_range(&mut ranges, i, missing, missing, "uppgift saknas");
    push_symbol(&mut symbols, i, "fill", &[simple_fill(NO_DATA, "b_diagonal")]);
    let renderer = format!(
        "  <renderer-v2 type=\"graduatedSymbol\" attr=\"{}\" graduatedMethod=\"GraduatedColor\" symbollevels=\"0\" \
         enableorderby=\"0\" forceraster=\"0\">\n    <ranges>\n{ranges}    </ranges>\n    <symbols>\n{symbols}    \
         </symbols>\n  </renderer-v2>\n",
        xml_escaped(&field)
    );
    document(&renderer, table)
}

/// Style of settlements by a yes-or-no column: a blue dot where reached, a vermilion ring where not.
pub fn points(column: &str, table: &Table) -> String {
    let categories = [("true", "har tjänsten"), ("false", "saknar tjänsten"), ("NULL", "uppgift saknas")];
    let mut listed = String::new();
    for (i, (value, label)) in categories.iter().enumerate() {
        let value = if *value == "NULL" { "" } else { value };
        let kind = if value.is_empty() { "string" } else { "bool" };
        let _ = writeln!(
            listed,
            "      <category symbol=\"{i}\" value=\"{value}\" type=\"{kind}\" label=\"{label}\" render=\"true\"/>"
        );
    }
    let mut symbols = String::new();
    push_symbol(&mut symbols, 0, "marker", &[simple_marker(REACHED, OUTLINE, 1.6)]);
    push_symbol(&mut symbols, 1, "marker", &[simple_marker("#ffffff", WITHOUT, 2.2)]);
    push_symbol(&mut symbols, 2, "marker", &[simple_marker(NO_DATA, OUTLINE, 1.2)]);
    let renderer = format!(
        "  <renderer-v2 type=\"categorizedSymbol\" attr=\"{}\" symbollevels=\"0\" enableorderby=\"0\" \
         forceraster=\"0\">\n    <categories>\n{listed}    </categories>\n    <symbols>\n{symbols}    </symbols>\n  \
         </renderer-v2>\n",
        xml_escaped(column)
    );
    document(&renderer, table)
}

fn document(renderer: &str, table: &Table) -> String {
    let label_column = table.column("area_name").map(|c| c.name.as_str());
    let labels = label_column.map(labelling).unwrap_or_default();
    let mut aliases = String::new();
    // Field 0 is the feature id.
    for (i, column) in table.columns.iter().enumerate() {
        let _ = writeln!(
            aliases,
            "    <alias index=\"{}\" field=\"{}\" name=\"{}\"/>",
            i + 1,
            xml_escaped(&column.name),
            xml_escaped(&column.label_sv)
        );
    }
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" \
         styleCategories=\"Symbology|Labeling|Fields\" labelsEnabled=\"{}\">\n{renderer}{labels}  \
         <aliases>\n{aliases}  </aliases>\n</qgis>\n",
        u8::from(label_column.is_some()),
    )
}

fn labelling(column: &str) -> String {
    format!(
        "  <labeling type=\"simple\">\n    <settings calloutType=\"simple\">\n      <text-style fieldName=\"{}\" \
         isExpression=\"0\" fontSize=\"8\" fontSizeUnit=\"Point\" textColor=\"34,34,34,255\" textOpacity=\"1\">\n        \
         <text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" bufferSizeUnits=\"MM\" bufferColor=\"255,255,255,255\" \
         bufferOpacity=\"1\"/>\n      </text-style>\n      <placement placement=\"1\" priority=\"5\"/>\n      \
         <rendering drawLabels=\"1\" obstacle=\"1\"/>\n    </settings>\n  </labeling>\n",
        xml_escaped(column)
    )
}

fn push_range(out: &mut String, symbol: usize, lower: f64, upper: f64, label: &str) {
    let _ = writeln!(
        out,
        "      <range symbol=\"{symbol}\" lower=\"{lower:.15}\" upper=\"{upper:.15}\" label=\"{}\" render=\"true\"/>",
        xml_escaped(label)
    );
}

fn push_symbol(out: &mut String, name: usize, kind: &str, layers: &[String]) {
    let _ = writeln!(
        out,
        "      <symbol type=\"{kind}\" name=\"{name}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\n{}      </symbol>",
        layers.concat()
    );
}

fn simple_fill(colour: &str, style: &str) -> String {
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

fn simple_marker(colour: &str, outline: &str, size_mm: f64) -> String {
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

/// A column name as a QGIS expression.
fn field_expression(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// `#rrggbb` as QGIS writes colours; black for anything else.
fn rgba(colour: &str) -> String {
    let part = |at: usize| colour.get(at..at + 2).and_then(|h| u8::from_str_radix(h, 16).ok()).unwrap_or(0);
    format!("{},{},{},255", part(1), part(3), part(5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::table::{Unit, Values};

    fn table() -> Table {
        let mut table = Table::default();
        table.push("area_name", Unit::Text, "Område", "Area", Values::Text(vec![]));
        table.push("fixed_gap_share", Unit::Share, "Andel <utan> \"fast\"", "Share", Values::Real(vec![]));
        table
    }

    #[test]
    fn a_share_is_drawn_in_the_five_classes_and_a_hatched_one_for_what_is_missing() {
        let qml = share_style("fixed_gap_share", &table());
        assert_eq!(qml.matches("<range ").count(), 6);
        assert_eq!(qml.matches("<symbol ").count(), 6);
        assert!(qml.contains("attr=\"coalesce(&quot;fixed_gap_share&quot;, -1)\""));
        assert!(qml.contains("label=\"10–25 %\""));
        assert!(qml.contains("value=\"37,52,148,255\""));
        assert!(qml.contains("value=\"b_diagonal\""));
    }

    #[test]
    fn fields_carry_their_swedish_names_and_areas_their_own() {
        let qml = share_style("fixed_gap_share", &table());
        assert!(qml.contains("field=\"fixed_gap_share\" name=\"Andel &lt;utan&gt; &quot;fast&quot;\""));
        assert!(qml.contains("fieldName=\"area_name\""));
        assert!(!points("x", &Table::default()).contains("<labeling"));
    }
}
