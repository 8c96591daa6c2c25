//! Which column of a settlements' file means what.

use super::Wanted;
use crate::{
    Failure,
    source::{Columns, SourceRef},
};
use whitespot_model::{
    config::SettlementsConfig,
    features::{As, Format, SourceSchema},
};

/// Columns by role, as indices into the batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    pub(super) id: Option<usize>,
    pub(super) x: Option<usize>,
    pub(super) y: Option<usize>,
    pub(super) persons: usize,
    pub(super) households: Option<usize>,
    pub(super) workplaces: Option<usize>,
    pub(super) class: Option<usize>,
    pub(super) area: Option<usize>,
    pub(super) extra: Vec<usize>,
    pub(super) parts: Vec<usize>,
    pub(super) names: Vec<String>,
}

pub(super) fn resolve_roles(
    config: &SettlementsConfig,
    wanted: &Wanted,
    source: &SourceRef<'_>,
    schema: &SourceSchema,
    columns: &mut Columns,
    failure: &mut Failure,
) -> Roles {
    let has = |name: &str| schema.fields.iter().any(|f| f == name);
    let mut roles = Roles::default();
    // A role that is not mapped takes the column of its own name, where there is one.
    let find = |role: &str, mapped: Option<&String>, failure: &mut Failure| -> Option<String> {
        match mapped {
            Some(name) if has(name) => Some(name.clone()),
            Some(name) => {
                failure.push(source.no_column(role, name, &schema.fields));
                None
            }
            None => has(role).then(|| role.to_string()),
        }
    };
    let c = &config.columns;
    let persons = find("persons", c.persons.as_ref(), failure);
    // A population grid has one number a cell.
    let is_raster = schema.format == Format::GeoTiff.name() && c.persons.is_none();
    let persons = persons.or_else(|| is_raster.then(|| whitespot_io::RASTER_VALUE.to_string()));
    match &persons {
        Some(name) => roles.persons = columns.want(name, As::Number),
        None if c.persons.is_none() => failure.push(
            source
                .no_column("persons", "persons", &schema.fields)
                .with_evidence("every settlement needs a number of persons"),
        ),
        None => {}
    }
    let uses_columns = c.cell.is_none() && (!schema.has_geometry || c.x.is_some() || c.y.is_some());
    let (x, y) = if uses_columns {
        (find("x", c.x.as_ref(), failure), find("y", c.y.as_ref(), failure))
    } else {
        (None, None)
    };
    if uses_columns {
        for (role, found, mapped) in [("x", &x, &c.x), ("y", &y, &c.y)] {
            if found.is_none() && mapped.is_none() {
                failure.push(
                    source
                        .no_column(role, role, &schema.fields)
                        .with_evidence("the file has no geometry, so its coordinates must be named"),
                );
            }
        }
    }
    roles.x = x.as_ref().map(|n| columns.want(n, As::Number));
    roles.y = y.as_ref().map(|n| columns.want(n, As::Number));
    let households = find("households", c.households.as_ref(), failure);
    roles.households = households.map(|n| columns.want(&n, As::Number));
    let workplaces = find("workplaces", c.workplaces.as_ref(), failure);
    roles.workplaces = workplaces.map(|n| columns.want(&n, As::Number));
    let id = find("id", c.id.as_ref(), failure);
    roles.id = id.map(|n| columns.want(&n, As::Text));
    let class = find("class", c.class.as_ref(), failure);
    roles.class = class.map(|n| columns.want(&n, As::Text));
    let area = wanted.area_column.as_ref().and_then(|n| find("areas.column", Some(n), failure));
    roles.area = area.map(|n| columns.want(&n, As::Text));
    for name in &config.extra {
        if let Some(name) = find("extra", Some(name), failure) {
            roles.extra.push(columns.want(&name, As::Number));
        }
    }
    for name in &config.parts {
        if let Some(name) = find("parts", Some(name), failure) {
            roles.parts.push(columns.want(&name, As::Number));
        }
    }
    roles.names = [persons, x, y].into_iter().map(Option::unwrap_or_default).collect();
    roles
}
