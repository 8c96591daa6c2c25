//! Layer metadata in the form QGIS reads from `gpkg_metadata`.

use whitespot_model::table::Table;

/// A QGIS metadata document: title, abstract (what, sources, dates, run id), and what each column means.
pub(super) fn qgis_metadata(
    name: &str,
    title: &str,
    description: &str,
    crs_name: &str,
    table: &Table,
) -> String {
    let columns: Vec<String> =
        table.columns.iter().map(|c| format!("{}: {} / {}", c.name, c.label_en, c.label_sv)).collect();
    let text = if columns.is_empty() {
        description.to_string()
    } else {
        format!("{description}\n\n{}", columns.join("\n"))
    };
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\">\n  \
         <identifier>{}</identifier>\n  <parentidentifier></parentidentifier>\n  <language></language>\n  \
         <type>dataset</type>\n  <title>{}</title>\n  <abstract>{}</abstract>\n  <links/>\n  <fees></fees>\n  \
         <encoding></encoding>\n  <history>CRS: {}</history>\n</qgis>\n",
        xml_escaped(name),
        xml_escaped(title),
        xml_escaped(&text),
        xml_escaped(crs_name),
    )
}

/// The text as XML content or attribute value; characters XML cannot hold are left out.
pub(crate) fn xml_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
