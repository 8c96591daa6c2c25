//! QGIS styles (QML): the report's colours, classes and words, so that all outputs look alike.
//!
//! Every shape has a 1 px #333333 outline, as pale fills stand out too little alone; what is missing is grey and
//! hatched, never left out. A [`Style`] becomes a QML document for a GeoPackage's `layer_styles` or a `.qml` file,
//! or a part of a layer in a [project](crate::project).

mod classes;
mod parts;

pub use classes::{COUNT_LIMITS, SHARE_COLOURS, SHARE_LIMITS, WITHOUT_COLOURS};

use crate::geopackage::xml_escaped;
use classes::{Class, classes_of_counts, classes_of_shares};
use parts::{
    push_category, push_range, push_symbol, simple_fill, simple_line, simple_marker, transparent_fill,
};
use std::fmt::Write;
use whitespot_model::config::Lang;
use whitespot_model::table::{Table, Unit};

const OUTLINE: &str = "#333333";
const NO_DATA: &str = "#6e7581";
const REACHED: &str = "#0072b2";
const WITHOUT: &str = "#d55e00";
const FUNDED: &str = "#009e73";

/// A cluster is labelled where it is drawn at least this large.
const LEAST_CLUSTER_MM: u32 = 6;

/// How a layer looks and reads in QGIS: symbols, labels, names of its columns, what shows on hovering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    renderer: String,
    /// An expression that gives the label of a feature.
    label: Option<String>,
    /// Features drawn smaller than this many millimetres get no label; 0 labels all that have room.
    least_label_mm: u32,
    /// What shows on hovering, as HTML with expressions.
    map_tip: String,
    /// Names of the columns for people, in the order of the table.
    aliases: Vec<(String, String)>,
}

impl Style {
    /// A share (0–1) of areas in the report's classes: 0, 10, 25, 50, 75, 100 %; a value on a limit belongs to the
    /// class above it. What is missing is hatched.
    ///
    /// `table` gives the names of all columns in `lang`, and the label of each area where it has `area_name`.
    pub fn shares(column: &str, table: &Table, lang: Lang) -> Style {
        Style::of_table(graduated(column, &classes_of_shares(), lang), table, lang)
            .labelled_with_share(column, table, lang)
    }

    /// A count (persons, households) of areas in 1-2-5 steps with an open top; a count on a limit belongs to the class
    /// above it, and 0 is left white.
    pub fn counts(column: &str, table: &Table, lang: Lang) -> Style {
        Style::of_table(graduated(column, &classes_of_counts(SHARE_COLOURS, lang), lang), table, lang)
    }

    /// Who receives money, by the column `status`: funded green, in part hatched green, rejected white, not eligible
    /// grey.
    pub fn funding(table: &Table, lang: Lang) -> Style {
        let words = match lang {
            Lang::Sv => {
                ["får bidrag", "får en del", "blir utan: pengarna räcker inte", "ej bidragsberättigat"]
            }
            Lang::En => {
                ["receives a grant", "receives a part", "without: the money does not suffice", "not eligible"]
            }
        };
        let (mut listed, mut symbols) = (String::new(), String::new());
        let fills = [
            vec![simple_fill(FUNDED, "solid")],
            vec![simple_fill("#ffffff", "solid"), simple_fill(FUNDED, "b_diagonal")],
            vec![simple_fill("#f7f7f7", "solid")],
            vec![simple_fill("#c9ced6", "solid")],
        ];
        let values = ["funded", "partial", "rejected", "ineligible"];
        for (i, fill) in fills.iter().enumerate() {
            push_category(&mut listed, i, values[i], "string", words[i]);
            push_symbol(&mut symbols, i, "fill", fill);
        }
        push_category(&mut listed, values.len(), "", "string", missing(lang));
        push_symbol(&mut symbols, values.len(), "fill", &[simple_fill(NO_DATA, "b_diagonal")]);
        let style = Style::of_table(categorized("status", &listed, &symbols), table, lang);
        match table.column("area_name") {
            Some(_) => style.labelled("\"area_name\""),
            None => style,
        }
    }

    /// Settlements by a yes-or-no column: a blue dot where reached, a vermilion ring where not.
    pub fn points(column: &str, table: &Table, lang: Lang) -> Style {
        let words = match lang {
            Lang::Sv => ["har tjänsten", "saknar tjänsten"],
            Lang::En => ["has the service", "lacks the service"],
        };
        let (mut listed, mut symbols) = (String::new(), String::new());
        push_category(&mut listed, 0, "true", "bool", words[0]);
        push_category(&mut listed, 1, "false", "bool", words[1]);
        push_category(&mut listed, 2, "", "string", missing(lang));
        push_symbol(&mut symbols, 0, "marker", &[simple_marker(REACHED, OUTLINE, 1.6)]);
        push_symbol(&mut symbols, 1, "marker", &[simple_marker("#ffffff", WITHOUT, 2.2)]);
        push_symbol(&mut symbols, 2, "marker", &[simple_marker(NO_DATA, OUTLINE, 1.2)]);
        Style::of_table(categorized(column, &listed, &symbols), table, lang)
    }

    /// Settlements that have the service: blue dots.
    pub fn reached_points(table: &Table, lang: Lang) -> Style {
        let mut symbol = String::new();
        push_symbol(&mut symbol, 0, "marker", &[simple_marker(REACHED, OUTLINE, 1.6)]);
        Style::of_table(single(&symbol), table, lang)
    }

    /// Outlines alone, to lie over other layers: parent areas.
    pub fn outlines(table: &Table, lang: Lang) -> Style {
        let mut symbol = String::new();
        push_symbol(&mut symbol, 0, "fill", &[transparent_fill("#1b1f24", 0.7)]);
        Style::of_table(single(&symbol), table, lang)
    }

    /// Clusters by how many people live in them, in the steps of [`Self::counts`] and the colour of what lacks the
    /// service; the number stands on those that are drawn large enough for it.
    pub fn clusters(column: &str, table: &Table, lang: Lang) -> Style {
        let classes = classes_of_counts(WITHOUT_COLOURS, lang);
        let style = Style::of_table(graduated(column, &classes, lang), table, lang);
        match table.column(column) {
            Some(_) => {
                let label = format!("format_number({}, 0, '{}')", quoted(column), lang.code());
                Style { least_label_mm: LEAST_CLUSTER_MM, ..style.labelled(&label) }
            }
            None => style,
        }
    }

    /// Lines to be built: vermilion on a white casing.
    pub fn lines(table: &Table, lang: Lang) -> Style {
        let mut symbol = String::new();
        push_symbol(&mut symbol, 0, "line", &[simple_line("#ffffff", 0.6), simple_line(WITHOUT, 0.25)]);
        Style::of_table(single(&symbol), table, lang)
    }

    /// The style as a QML document.
    pub fn qml(&self) -> String {
        format!(
            "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" \
             styleCategories=\"Symbology|Labeling|Fields|MapTips\" labelsEnabled=\"{}\">\n{}</qgis>\n",
            u8::from(self.has_labels()),
            self.elements(),
        )
    }

    /// Whether features are labelled.
    pub(crate) fn has_labels(&self) -> bool {
        self.label.is_some()
    }

    /// The elements that stand in a QML document and in a project's layer alike.
    pub(crate) fn elements(&self) -> String {
        let mut aliases = String::new();
        // Field 0 is the feature id.
        for (i, (name, alias)) in self.aliases.iter().enumerate() {
            let _ = writeln!(
                aliases,
                "    <alias index=\"{}\" field=\"{}\" name=\"{}\"/>",
                i + 1,
                xml_escaped(name),
                xml_escaped(alias)
            );
        }
        format!(
            "{}{}  <aliases>\n{aliases}  </aliases>\n  <mapTip>{}</mapTip>\n",
            self.renderer,
            self.label.as_deref().map(|l| parts::labelling(l, self.least_label_mm)).unwrap_or_default(),
            xml_escaped(&self.map_tip),
        )
    }

    fn of_table(renderer: String, table: &Table, lang: Lang) -> Style {
        let alias = |c: &whitespot_model::table::TableColumn| match lang {
            Lang::Sv => c.label_sv.clone(),
            Lang::En => c.label_en.clone(),
        };
        let aliases = table.columns.iter().map(|c| (c.name.clone(), alias(c))).collect();
        Style { renderer, label: None, least_label_mm: 0, map_tip: map_tip(table, lang), aliases }
    }

    fn labelled(mut self, expression: &str) -> Style {
        self.label = Some(expression.to_string());
        self
    }

    fn labelled_with_share(self, column: &str, table: &Table, lang: Lang) -> Style {
        match table.column("area_name") {
            Some(_) => self.labelled(&format!(
                "\"area_name\" || coalesce('\\n' || format_number(100 * {}, 1, '{}') || ' %', '')",
                quoted(column),
                lang.code()
            )),
            None => self,
        }
    }
}

fn missing(lang: Lang) -> &'static str {
    match lang {
        Lang::Sv => "uppgift saknas",
        Lang::En => "no data",
    }
}

/// Classes of a number; the highest first, because QGIS gives a value on a limit to the first class that holds it.
fn graduated(column: &str, classes: &[Class], lang: Lang) -> String {
    // A value below all others stands for a missing one: QGIS draws no NULL in a graduated style.
    let none = classes.iter().map(|c| c.lower).fold(0.0, f64::min).floor() - 1.0;
    let field = format!("coalesce({}, {none})", quoted(column));
    let (mut ranges, mut symbols) = (String::new(), String::new());
    for (i, class) in classes.iter().rev().enumerate() {
        push_range(&mut ranges, i, class.lower, class.upper, &class.label);
        push_symbol(&mut symbols, i, "fill", &[simple_fill(class.colour, "solid")]);
    }
    let i = classes.len();
    push_range(&mut ranges, i, none, none, missing(lang));
    push_symbol(&mut symbols, i, "fill", &[simple_fill(NO_DATA, "b_diagonal")]);
    format!(
        "  <renderer-v2 type=\"graduatedSymbol\" attr=\"{}\" graduatedMethod=\"GraduatedColor\" symbollevels=\"0\" \
         enableorderby=\"0\" forceraster=\"0\">\n    <ranges>\n{ranges}    </ranges>\n    <symbols>\n{symbols}    \
         </symbols>\n  </renderer-v2>\n",
        xml_escaped(&field)
    )
}

fn categorized(column: &str, categories: &str, symbols: &str) -> String {
    format!(
        "  <renderer-v2 type=\"categorizedSymbol\" attr=\"{}\" symbollevels=\"0\" enableorderby=\"0\" \
         forceraster=\"0\">\n    <categories>\n{categories}    </categories>\n    <symbols>\n{symbols}    \
         </symbols>\n  </renderer-v2>\n",
        xml_escaped(column)
    )
}

fn single(symbol: &str) -> String {
    format!(
        "  <renderer-v2 type=\"singleSymbol\" symbollevels=\"0\" enableorderby=\"0\" forceraster=\"0\">\n    \
         <symbols>\n{symbol}    </symbols>\n  </renderer-v2>\n"
    )
}

/// A column name as a QGIS expression.
fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// Columns on hovering beside the name: enough to answer a question, few enough to read.
const MAP_TIP_COLUMNS: usize = 8;

/// The name and the first numbers of a feature. Names of columns are ours; values are escaped by QGIS' expression.
fn map_tip(table: &Table, lang: Lang) -> String {
    let Some(title) =
        ["area_name", "cluster_name", "settlement_id", "area_code"].iter().find_map(|n| table.column(n))
    else {
        return String::new();
    };
    let mut tip = format!("<b>[% {} %]</b>", escaped_value(&quoted(&title.name)));
    let shown = table.columns.iter().filter(|c| c.unit != Unit::Text && c.unit != Unit::Metres);
    for column in shown.take(MAP_TIP_COLUMNS) {
        let label = match lang {
            Lang::Sv => &column.label_sv,
            Lang::En => &column.label_en,
        };
        let (field, code) = (quoted(&column.name), lang.code());
        let value = match column.unit {
            Unit::Share => format!("format_number(100 * {field}, 1, '{code}') || ' %'"),
            Unit::YesNo => format!("to_string({field})"),
            Unit::Number => format!("format_number({field}, 2, '{code}')"),
            _ => format!("format_number({field}, 0, '{code}')"),
        };
        let _ = write!(
            tip,
            "<br>{}: [% coalesce({value}, '{}') %]",
            xml_escaped(label).replace("[%", "[ %"),
            missing(lang)
        );
    }
    tip
}

/// Text of data that goes into HTML.
fn escaped_value(field: &str) -> String {
    format!("replace(replace({field}, '&', '&amp;'), '<', '&lt;')")
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::table::Values;

    fn table() -> Table {
        let mut table = Table::default();
        table.push("area_name", Unit::Text, "Område", "Area", Values::Text(vec![]));
        table.push("fixed_gap_share", Unit::Share, "Andel <utan> \"fast\"", "Share", Values::Real(vec![]));
        table
    }

    #[test]
    fn a_share_is_drawn_in_the_five_classes_and_a_hatched_one_for_what_is_missing() {
        let qml = Style::shares("fixed_gap_share", &table(), Lang::Sv).qml();
        assert_eq!(qml.matches("<range ").count(), 6);
        assert_eq!(qml.matches("<symbol ").count(), 6);
        assert!(qml.contains("attr=\"coalesce(&quot;fixed_gap_share&quot;, -1)\""));
        assert!(qml.contains("label=\"10–25 %\""));
        assert!(qml.contains("value=\"37,52,148,255\""));
        assert!(qml.contains("value=\"b_diagonal\""));
    }

    #[test]
    fn the_highest_class_comes_first_so_that_a_limit_belongs_to_the_class_above_it() {
        let qml = Style::shares("fixed_gap_share", &table(), Lang::Sv).qml();
        let at = |label: &str| qml.find(label).unwrap();
        assert!(at("75–100 %") < at("50–75 %") && at("50–75 %") < at("0–10 %"));
        assert!(at("0–10 %") < at("uppgift saknas"));
    }

    #[test]
    fn fields_and_words_are_in_the_language_asked_for() {
        let qml = Style::shares("fixed_gap_share", &table(), Lang::Sv).qml();
        assert!(qml.contains("field=\"fixed_gap_share\" name=\"Andel &lt;utan&gt; &quot;fast&quot;\""));
        let qml = Style::shares("fixed_gap_share", &table(), Lang::En).qml();
        assert!(qml.contains("field=\"fixed_gap_share\" name=\"Share\"") && qml.contains("no data"));
    }

    #[test]
    fn areas_are_labelled_by_name_where_they_have_one() {
        assert!(Style::shares("x", &table(), Lang::Sv).qml().contains("labelsEnabled=\"1\""));
        assert!(!Style::points("x", &Table::default(), Lang::Sv).qml().contains("<labeling"));
    }

    #[test]
    fn counts_have_an_open_top() {
        let qml = Style::counts("gap_households", &table(), Lang::Sv).qml();
        assert!(qml.contains("label=\"200 eller fler\"") && qml.contains("label=\"0\""));
    }
}
