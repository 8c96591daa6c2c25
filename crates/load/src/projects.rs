//! What can be funded, where a file tells it: project polygons, or a list of buildings with the project each
//! belongs to. And bids for candidates.

use crate::{
    Failure,
    areas::{Coded, read_coded},
    rows::{Wants, each_row},
    source::{Columns, RowFilter, SourceRef, number_at, text_at},
    validity::overlap_findings,
};
use indexmap::IndexMap;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};
use whitespot_model::{
    area::Areas,
    config::{
        AreaColumns,
        funding::{BidsConfig, CandidatesFile},
        source::Where,
    },
    features::{As, Format, SourceSchema},
    finding::Finding,
    funding::Bid,
    provenance::{Loaded, Provenance},
    shapes::Shapes,
};
use whitespot_spatial::crs::Crs;

/// Projects of a file, ordered by code.
pub struct Projects {
    /// Unique codes, ascending.
    pub codes: Vec<String>,
    /// Names for people; the code where the file has none.
    pub names: Vec<String>,
    /// Code or name of the parent area, where the file tells it.
    pub parents: Vec<Option<String>>,
    /// Numbers by their name in `columns`: `cost`, `support` and whatever else is named there.
    pub values: IndexMap<String, Vec<Option<f64>>>,
    /// Who belongs to which project.
    pub extent: Extent,
}

/// Who belongs to which project.
#[allow(clippy::large_enum_variant)] // one a file
pub enum Extent {
    /// Whoever lies in its polygon; shapes in the CRS of the file.
    Polygons {
        /// The projects as areas, in the order of [`Projects::codes`].
        areas: Areas,
        /// CRS of the shapes.
        crs: Crs,
    },
    /// The settlements named for it: index of the project by the settlement's id.
    Buildings(HashMap<String, u32>),
}

/// Roles of columns that hold text; every other one holds numbers.
const TEXT_ROLES: [&str; 4] = ["code", "name", "parent", "settlement"];
/// Roles that need no mapping where the file has a column of that name.
const USUAL_ROLES: [&str; 6] = ["code", "name", "parent", "settlement", "cost", "support"];

/// Reads the candidates of a scenario from a file.
///
/// A row is a project with a polygon, or, with a column `settlement`, one building of a project. Rows that share a
/// code are one project; a number must then stand alike on each of them. `section` names the scenario for
/// messages, `analysis` is the analysis CRS, in which overlaps are measured.
///
/// # Errors
/// Findings: file, columns, CRS, no code, negative amounts, numbers that differ within a project, polygons that
/// overlap, a settlement in two projects.
pub fn read_projects(
    config: &CandidatesFile,
    section: &str,
    base: &Path,
    analysis: &Crs,
) -> Result<Loaded<Projects>, Failure> {
    let role = format!("candidates {}", config.file);
    let source = SourceRef {
        role: &role,
        section,
        file: Path::new(&config.file),
        base,
        layer: config.layer.as_deref(),
        crs: config.crs.as_deref(),
        encoding: config.encoding.as_deref(),
        filter: &config.filter,
        info: config.source.as_ref(),
    };
    let (format, schema) = source.inspect()?;
    let is_list = config.columns.contains_key("settlement")
        || (!schema.has_geometry && schema.fields.iter().any(|f| f == "settlement"));
    if !is_list && !schema.has_geometry {
        return Err(vec![
            Finding::error(
                "table_as_layer",
                source.name(),
                format!("`{}` has neither polygons nor a column of settlement ids", source.name()),
            )
            .with_hint(format!(
                "for a list of buildings set `columns = {{ settlement = \"…\", code = \"…\" }}` in section `{section}`"
            )),
        ]);
    }
    let mut rows = Rows::read(&source, format, &schema, &config.columns, is_list)?;
    if !is_list {
        return polygons(&source, &config.columns, rows, analysis);
    }
    let provenance = rows.provenance.take().ok_or_else(Failure::new)?;
    let codes: Vec<String> = rows.projects.keys().cloned().collect();
    let mut project_of = HashMap::with_capacity(rows.buildings.len());
    let mut twice = BTreeSet::new();
    for (settlement, code) in rows.buildings {
        let Ok(p) = codes.binary_search(&code) else { continue };
        if project_of.insert(settlement.clone(), p as u32).is_some_and(|before| before != p as u32) {
            twice.insert(settlement);
        }
    }
    if !twice.is_empty() {
        return Err(vec![
            Finding::error(
                "settlement_in_two_projects",
                source.name(),
                format!("{} settlements of `{}` belong to more than one project", twice.len(), source.name()),
            )
            .with_count(twice.len() as u64)
            .with_examples(twice)
            .with_evidence("their persons would count twice")
            .with_hint(
                "keep one project a settlement; projects that compete for the same buildings are one candidate with \
                 several bids (`rule = \"auction\"`)",
            ),
        ]);
    }
    let value = Projects {
        names: rows.projects.iter().map(|(c, p)| p.name.clone().unwrap_or_else(|| c.clone())).collect(),
        parents: rows.projects.values().map(|p| p.parent.clone()).collect(),
        values: by_name(&rows.value_names, &rows.projects),
        extent: Extent::Buildings(project_of),
        codes,
    };
    Ok(Loaded { value, findings: rows.findings, provenance })
}

/// Projects from polygons, with the numbers that were read before.
fn polygons(
    source: &SourceRef<'_>,
    names: &IndexMap<String, String>,
    rows: Rows,
    analysis: &Crs,
) -> Result<Loaded<Projects>, Failure> {
    let columns = AreaColumns {
        code: names.get("code").cloned(),
        name: names.get("name").cloned(),
        ..AreaColumns::default()
    };
    let Coded { crs, declaration, rows: shapes, mut findings, provenance } = read_coded(source, &columns)?;
    findings.extend(rows.findings);
    let mut areas = Areas {
        codes: Vec::new(),
        names: Vec::new(),
        parent_of: vec![None; shapes.len()],
        parents: Vec::new(),
        shapes: Shapes::default(),
        crs: declaration,
        km2: vec![None; shapes.len()],
    };
    let mut projects = BTreeMap::new();
    for (code, row) in shapes {
        areas.shapes.append(&row.shape);
        areas.names.push(row.name.unwrap_or_else(|| code.clone()));
        areas.codes.push(code.clone());
        let read = rows.projects.get(&code).cloned().unwrap_or_default();
        projects.insert(code, read);
    }
    if let Some(overlap) = overlap_findings(&areas, &crs, analysis, &source.name()) {
        let hint = "mend the polygons, or keep one project an area; projects that compete for the same place are one \
                    candidate with several bids (`rule = \"auction\"`)";
        findings.push(overlap.with_hint(hint));
    }
    let value = Projects {
        codes: areas.codes.clone(),
        names: areas.names.clone(),
        parents: projects.values().map(|p| p.parent.clone()).collect(),
        values: by_name(&rows.value_names, &projects),
        extent: Extent::Polygons { areas, crs },
    };
    Ok(Loaded { value, findings, provenance })
}

fn by_name(names: &[String], projects: &BTreeMap<String, Project>) -> IndexMap<String, Vec<Option<f64>>> {
    let column = |i: usize| projects.values().map(|p| p.values.get(i).copied().flatten()).collect();
    names.iter().enumerate().map(|(i, name)| (name.clone(), column(i))).collect()
}

/// What the rows say of one project.
#[derive(Clone, Debug, Default)]
struct Project {
    name: Option<String>,
    parent: Option<String>,
    values: Vec<Option<f64>>,
}

/// The rows of a file of projects.
struct Rows {
    value_names: Vec<String>,
    projects: BTreeMap<String, Project>,
    /// Settlement and project of each row of a list.
    buildings: Vec<(String, String)>,
    findings: Vec<Finding>,
    /// Of a list; polygons have theirs from the shapes.
    provenance: Option<Provenance>,
}

impl Rows {
    fn read(
        source: &SourceRef<'_>,
        format: Format,
        schema: &SourceSchema,
        mapped: &IndexMap<String, String>,
        is_list: bool,
    ) -> Result<Rows, Failure> {
        let mut failure = Failure::new();
        let mut columns = Columns::default();
        let mut column_of: IndexMap<String, usize> = IndexMap::new();
        let usual = USUAL_ROLES.iter().filter(|r| !mapped.contains_key(**r)).map(|r| (*r, *r));
        let usual = usual.filter(|(_, name)| schema.fields.iter().any(|f| f == name));
        for (role, name) in mapped.iter().map(|(r, n)| (r.as_str(), n.as_str())).chain(usual) {
            if !schema.fields.iter().any(|f| f == name) {
                failure.push(source.no_column(role, name, &schema.fields));
                continue;
            }
            let kind = if TEXT_ROLES.contains(&role) { As::Text } else { As::Number };
            column_of.insert(role.to_string(), columns.want(name, kind));
        }
        if !column_of.contains_key("code") && failure.is_empty() {
            failure.push(
                source
                    .no_column("code", "code", &schema.fields)
                    .with_evidence("every project needs a unique code"),
            );
        }
        let filter = RowFilter::resolve(source, schema, &mut columns).map_err(|f| failure.extend(f)).ok();
        let (Some(filter), true) = (filter, failure.is_empty()) else { return Err(failure) };
        let is_value = |role: &&String| !TEXT_ROLES.contains(&role.as_str());
        let value_names: Vec<String> = column_of.keys().filter(is_value).cloned().collect();
        let mut rows = Rows {
            value_names,
            projects: BTreeMap::new(),
            buildings: Vec::new(),
            findings: Vec::new(),
            provenance: None,
        };
        let mut troubles = Troubles::default();
        let mut open = source.open(format, &columns, false)?;
        let balance = each_row(source, &mut open, &filter, |batch, i| {
            let text = |role: &str| {
                let column = column_of.get(role).map(|&c| &batch.columns[c]);
                column.and_then(|c| text_at(c, i)).map(str::to_string)
            };
            let settlement = text("settlement").filter(|_| is_list);
            let Some(code) = text("code").filter(|_| !is_list || settlement.is_some()) else {
                troubles.incomplete.push(format!("row {}", batch.place(i)));
                return false;
            };
            let project = rows.projects.entry(code.clone()).or_default();
            project.name = project.name.take().or_else(|| text("name"));
            project.parent = project.parent.take().or_else(|| text("parent"));
            project.values.resize(rows.value_names.len(), None);
            for (slot, role) in project.values.iter_mut().zip(&rows.value_names) {
                let number = column_of.get(role).and_then(|&c| number_at(&batch.columns[c], i));
                troubles.take(slot, number, role, &code);
            }
            rows.buildings.extend(settlement.map(|s| (s, code)));
            true
        })?;
        rows.findings = troubles.findings(source, is_list)?;
        if rows.projects.is_empty() {
            return Err(vec![
                Finding::error("no_rows", source.name(), format!("`{}` gives no projects", source.name()))
                    .with_evidence(format!("{} rows were left out by `where`", balance.left_out))
                    .with_hint("check `where`, `layer` and `columns`"),
            ]);
        }
        if is_list {
            rows.provenance = Some(source.provenance(schema, "", open.checksum, balance)?);
        }
        Ok(rows)
    }
}

/// What is wrong with the rows of a file of projects.
#[derive(Default)]
struct Troubles {
    incomplete: Vec<String>,
    differing: BTreeSet<String>,
    negative: BTreeSet<String>,
}

impl Troubles {
    fn take(&mut self, slot: &mut Option<f64>, number: Option<f64>, role: &str, code: &str) {
        let Some(number) = number.filter(|n| n.is_finite()) else { return };
        if number < 0.0 && ["cost", "support"].contains(&role) {
            self.negative.insert(format!("{code}: {role} {number}"));
        }
        match slot {
            Some(before) if *before != number => {
                self.differing.insert(format!("{code}: {role} {before} and {number}"));
            }
            _ => *slot = Some(number),
        }
    }

    /// Warnings where the rest can be used.
    ///
    /// # Errors
    /// Numbers that cannot be meant.
    fn findings(self, source: &SourceRef<'_>, is_list: bool) -> Result<Vec<Finding>, Failure> {
        let name = source.name();
        let mut failure = Failure::new();
        if !self.differing.is_empty() {
            failure.push(
                Finding::error(
                    "project_values_differ",
                    &name,
                    format!(
                        "{} numbers of `{name}` differ between rows of one project",
                        self.differing.len()
                    ),
                )
                .with_count(self.differing.len() as u64)
                .with_examples(self.differing)
                .with_hint("write the project's whole number on each of its rows"),
            );
        }
        if !self.negative.is_empty() {
            failure.push(
                Finding::error(
                    "negative_amount",
                    &name,
                    format!("{} amounts of `{name}` are negative", self.negative.len()),
                )
                .with_count(self.negative.len() as u64)
                .with_examples(self.negative)
                .with_hint("leave a cost that is not known empty"),
            );
        }
        if !failure.is_empty() {
            return Err(failure);
        }
        let what = if is_list { "settlement or no code" } else { "code" };
        let n = self.incomplete.len();
        Ok((n > 0 && is_list)
            .then(|| {
                Finding::warning(
                    "rejected_rows",
                    &name,
                    format!("{n} rows of `{name}` have no {what} and are rejected"),
                )
                .with_count(n as u64)
                .with_examples(self.incomplete)
            })
            .into_iter()
            .collect())
    }
}

/// Reads the bids of an auction: candidate, bidder, and the least grant they would build for.
///
/// # Errors
/// Findings: file, columns, rows without a candidate, bidder or whole amount of at least 0 (a bid that is left out
/// would change who wins).
pub fn read_bids(config: &BidsConfig, section: &str, base: &Path) -> Result<Loaded<Vec<Bid>>, Failure> {
    let role = format!("bids {}", config.file);
    let no_filter = Where::default();
    let source = SourceRef {
        role: &role,
        section,
        file: Path::new(&config.file),
        base,
        layer: None,
        crs: None,
        encoding: None,
        filter: &no_filter,
        info: None,
    };
    let (format, schema) = source.inspect()?;
    let mut wants = Wants::new(&source, &schema);
    let mut want = |role: &str, kind: As| {
        wants.required(role, config.columns.get(role).map_or(role, String::as_str), kind)
    };
    let candidate = want("candidate", As::Text);
    let bidder = want("bidder", As::Text);
    let bid = want("bid", As::Number);
    let Wants { columns, failure, .. } = wants;
    if !failure.is_empty() {
        return Err(failure);
    }
    let mut open = source.open(format, &columns, false)?;
    let mut bids = Vec::new();
    let mut broken = Vec::new();
    let balance = each_row(&source, &mut open, &RowFilter::default(), |rows, i| {
        let amount = number_at(&rows.columns[bid], i).filter(|n| (0.0..9e15).contains(n));
        match (text_at(&rows.columns[candidate], i), text_at(&rows.columns[bidder], i), amount) {
            (Some(candidate), Some(bidder), Some(amount)) => {
                bids.push(Bid {
                    candidate: candidate.to_string(),
                    bidder: bidder.to_string(),
                    bid_sek: amount.round() as i64,
                });
                true
            }
            _ => {
                broken.push(format!("row {}", rows.place(i)));
                false
            }
        }
    })?;
    if !broken.is_empty() {
        return Err(vec![
            Finding::error(
                "bad_bid",
                source.name(),
                format!(
                    "{} rows of `{}` lack a candidate, a bidder or an amount of at least 0",
                    broken.len(),
                    source.name()
                ),
            )
            .with_count(broken.len() as u64)
            .with_examples(broken)
            .with_hint("mend or take away those rows: a bid that is passed over would change who wins"),
        ]);
    }
    let provenance = source.provenance(&schema, "", open.checksum, balance)?;
    Ok(Loaded { value: bids, findings: Vec::new(), provenance })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, config: &str) -> Result<Loaded<Projects>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("projects.csv"), text).unwrap();
        let config: CandidatesFile = toml::from_str(config).unwrap();
        let crs = Crs::from_code("EPSG:3006").unwrap();
        read_projects(&config, "scenario a", folder.path(), &crs)
    }

    #[test]
    fn a_list_of_buildings_gives_each_settlement_its_project_and_the_project_its_numbers() {
        let text = "id;project;support;prio\n1;B;100;2\n2;A;70;\n3;B;100;2\n";
        let config = r#"
            file = "projects.csv"
            columns = { settlement = "id", code = "project", prioritised_buildings = "prio" }"#;
        let got = read(text, config).unwrap();
        assert_eq!(got.value.codes, ["A", "B"]);
        assert_eq!(got.value.values["support"], [Some(70.0), Some(100.0)], "a usual name needs no mapping");
        assert_eq!(got.value.values["prioritised_buildings"], [None, Some(2.0)]);
        let Extent::Buildings(of) = got.value.extent else { panic!("a list") };
        assert_eq!((of["1"], of["2"], of["3"]), (1, 0, 1));
        assert_eq!((got.provenance.rows.read, got.provenance.rows.accepted), (3, 3));
    }

    #[test]
    fn a_settlement_in_two_projects_and_numbers_that_differ_are_errors() {
        let config = "file = \"projects.csv\"\ncolumns = { code = \"code\" }";
        let code_of = |text| read(text, config).err().map(|f| f[0].code.clone());
        assert_eq!(code_of("settlement,code\n1,A\n1,B\n").as_deref(), Some("settlement_in_two_projects"));
        assert_eq!(code_of("settlement,code,cost\n1,A,5\n2,A,6\n").as_deref(), Some("project_values_differ"));
        assert_eq!(code_of("settlement,code,cost\n1,A,-5\n").as_deref(), Some("negative_amount"));
        assert_eq!(code_of("code,cost\nA,5\n").as_deref(), Some("table_as_layer"));
        assert_eq!(code_of("settlement,koda\n1,A\n").as_deref(), Some("wrong_column"));
    }

    #[test]
    fn a_row_without_a_code_is_rejected_and_said() {
        let got = read("settlement,code\n1,A\n2,\n", "file = \"projects.csv\"").unwrap();
        assert_eq!((got.provenance.rows.rejected, got.findings[0].count), (1, 1));
    }

    #[test]
    fn a_bid_that_cannot_be_read_stops() {
        let folder = tempfile::tempdir().unwrap();
        let bids = |text: &str| {
            std::fs::write(folder.path().join("bids.csv"), text).unwrap();
            let config: BidsConfig = toml::from_str("file = \"bids.csv\"").unwrap();
            read_bids(&config, "scenario a", folder.path())
        };
        let got = bids("candidate,bidder,bid\nA,north,100\nA,south,90\n").unwrap().value;
        assert_eq!((got.len(), got[1].bid_sek), (2, 90));
        assert_eq!(
            bids("candidate,bidder,bid\nA,north,\n").err().map(|f| f[0].code.clone()).as_deref(),
            Some("bad_bid")
        );
    }
}
