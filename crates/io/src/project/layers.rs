//! Groups and layers of a project.

use super::{LayerGroup, Project, ProjectLayer, reference_system};
use crate::geopackage::{LayerGeometry, xml_escaped};
use std::fmt::Write;

/// The tree that QGIS shows beside the map.
pub(super) fn tree(project: &Project) -> String {
    let mut out = "  <layer-tree-group>\n    <customproperties><Option/></customproperties>\n".to_string();
    for LayerGroup { name, layers } in &project.groups {
        let is_visible = layers.iter().any(|l| l.is_visible);
        let _ = writeln!(
            out,
            "    <layer-tree-group name=\"{}\" checked=\"{}\" expanded=\"{}\">\n      \
             <customproperties><Option/></customproperties>",
            xml_escaped(name),
            // A group that is switched off hides its layers; here each layer speaks for itself.
            checked(true),
            u8::from(is_visible)
        );
        layers.iter().for_each(|layer| out.push_str(&leaf(layer)));
        out.push_str("    </layer-tree-group>\n");
    }
    out.push_str("  </layer-tree-group>\n");
    out
}

/// One layer in a tree.
pub(super) fn leaf(layer: &ProjectLayer) -> String {
    leaf_with(layer, "<Option/>")
}

/// One layer in a legend, its name on as many lines as it takes: a bar ends a line.
pub(super) fn legend_leaf(layer: &ProjectLayer) -> String {
    let title = xml_escaped(&wrapped(&layer.name, LEGEND_CHARACTERS));
    let option = format!(
        "<Option type=\"Map\"><Option name=\"legend/title-label\" type=\"QString\" value=\"{title}\"/></Option>"
    );
    leaf_with(layer, &option)
}

/// What the legend has room for, bold at 11 points.
const LEGEND_CHARACTERS: usize = 36;

/// A text with a bar in place of the space where a line would become too long.
fn wrapped(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.replace('|', "/").split(' ') {
        let n = word.chars().count();
        if length > 0 {
            let is_full = length + 1 + n > most;
            out.push(if is_full { '|' } else { ' ' });
            length = if is_full { 0 } else { length + 1 };
        }
        out.push_str(word);
        length += n;
    }
    out
}

fn leaf_with(layer: &ProjectLayer, properties: &str) -> String {
    format!(
        "      <layer-tree-layer providerKey=\"ogr\" id=\"{}\" name=\"{}\" source=\"{}\" checked=\"{}\" \
         expanded=\"{}\"><customproperties>{properties}</customproperties></layer-tree-layer>\n",
        xml_escaped(&layer.id),
        xml_escaped(&layer.name),
        xml_escaped(&source(layer)),
        checked(layer.is_visible),
        u8::from(layer.is_visible),
    )
}

/// The layers with their sources and styles.
pub(super) fn definitions(project: &Project) -> String {
    let crs = reference_system(&project.crs);
    let mut out = String::new();
    for layer in project.groups.iter().flat_map(|g| &g.layers) {
        let (geometry, wkb_type) = match layer.geometry {
            LayerGeometry::MultiPolygon => ("Polygon", "MultiPolygon"),
            LayerGeometry::MultiLineString => ("Line", "MultiLineString"),
            LayerGeometry::Point => ("Point", "Point"),
            LayerGeometry::None => ("No geometry", "NoGeometry"),
        };
        let _ = writeln!(
            out,
            "    <maplayer type=\"vector\" geometry=\"{geometry}\" wkbType=\"{wkb_type}\" labelsEnabled=\"{}\" \
             hasScaleBasedVisibilityFlag=\"0\" simplifyDrawingHints=\"1\" simplifyDrawingTol=\"1\" \
             simplifyMaxScale=\"1\" simplifyLocal=\"1\" styleCategories=\"AllStyleCategories\">\n\
             <id>{}</id>\n<datasource>{}</datasource>\n<layername>{}</layername>\n<srs>{crs}</srs>\n\
             <resourceMetadata><type>dataset</type><title>{}</title><abstract>{}</abstract></resourceMetadata>\n\
             <provider encoding=\"UTF-8\">ogr</provider>\n{}    </maplayer>",
            u8::from(layer.style.has_labels()),
            xml_escaped(&layer.id),
            xml_escaped(&source(layer)),
            xml_escaped(&layer.name),
            xml_escaped(&layer.name),
            xml_escaped(&layer.description),
            layer.style.elements(),
        );
    }
    out
}

fn source(layer: &ProjectLayer) -> String {
    format!("./{}|layername={}", layer.file, layer.layer)
}

fn checked(is_checked: bool) -> &'static str {
    if is_checked { "Qt::Checked" } else { "Qt::Unchecked" }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn a_long_name_goes_on_under_itself() {
        assert_eq!(
            wrapped("Andel personer utan fast bredband 100 Mbit/s", 36),
            "Andel personer utan fast bredband|100 Mbit/s"
        );
        assert_eq!(wrapped("a|b", 36), "a/b");
        assert_eq!(wrapped("Bredbandsanslutningsmöjligheter nu", 10), "Bredbandsanslutningsmöjligheter|nu");
    }
}
