//! Settlements, batch by batch: mapping, validation, row balance.

mod noted;
mod position;
mod rejected;
mod roles;
mod rounding;

use crate::{
    Failure,
    ids::IdWatch,
    placed::Placed,
    positions::{Expected, PositionWatch},
    source::{Columns, OpenSource, RowFilter, SourceRef, number_at, text_at},
};
use geo_types::Coord;
use noted::{RepeatedPoints, UnequalParts};
use position::centre;
use rejected::{Reason, Rejected, defects_by_row};
use roles::{Roles, resolve_roles};
use rounding::Rounding;
use std::path::Path;
use whitespot_model::{
    config::{DuplicateIds, SettlementsConfig},
    features::{As, Features, Format, SourceSchema, TextColumn},
    finding::Finding,
    measures::SettlementFacts,
    provenance::{Provenance, RowBalance},
    settlement::SettlementBatch,
    shapes::Shapes,
};
use whitespot_spatial::crs::Crs;

/// What a run needs of its settlements.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Whether ids are wanted in the batches (the per-settlement output, coverage keyed by id).
    pub ids: bool,
    /// Column with the area code, where areas are told by a column.
    pub area_column: Option<String>,
    /// Whether the polygons are wanted beside the points ([`SettlementReader::take_cells`]).
    pub cells: bool,
    /// Whether settlements that stand on the same position are looked for; holds 16 bytes a settlement.
    pub repeated_points: bool,
    /// The box their file says they lie in, where coverage was left unread for it: a settlement outside of it is an
    /// error.
    pub within: Option<[f64; 4]>,
}

/// A stream of settlements.
pub struct SettlementReader<'a> {
    config: &'a SettlementsConfig,
    source: SourceRef<'a>,
    format: Format,
    schema: SourceSchema,
    crs: Crs,
    open: OpenSource,
    filter: RowFilter,
    roles: Roles,
    keep_ids: bool,
    classes: Vec<String>,
    watch: PositionWatch,
    rows: RowBalance,
    rejected: Vec<Rejected>,
    ids: IdWatch,
    rounding: Option<Rounding>,
    n_fractional: u64,
    n_without: [u64; 2],
    n_accepted: u64,
    /// The polygons of the last batch, where wanted.
    cells: Option<Shapes>,
    repeated: Option<RepeatedPoints>,
    unequal: UnequalParts,
    within: Option<[f64; 4]>,
    n_outside: u64,
}

impl<'a> SettlementReader<'a> {
    /// Opens the settlements' file.
    ///
    /// `areas` is the box of the areas with their CRS, against which swapped axes show.
    ///
    /// # Errors
    /// Findings: file, format, columns, CRS.
    pub fn open(
        config: &'a SettlementsConfig,
        base: &'a Path,
        areas: Option<Expected<'_>>,
        wanted: &Wanted,
    ) -> Result<SettlementReader<'a>, Failure> {
        let source = SourceRef::of_settlements(config, base);
        let (format, mut schema) = source.inspect()?;
        let mut failure = Failure::new();
        let placed = config.columns.cell.as_ref().and_then(|name| {
            let placed = Placed::by_cells(&source, format, &schema, name, config.cell_m);
            placed.map_err(|f| failure.extend(f)).ok()
        });
        if let Some(placed) = &placed {
            schema.has_geometry = true;
            schema.crs = placed.crs();
        }
        let mut columns = Columns::default();
        let roles = resolve_roles(config, wanted, &source, &schema, &mut columns, &mut failure);
        let filter = RowFilter::resolve(&source, &schema, &mut columns).map_err(|f| failure.extend(f)).ok();
        let crs = source.crs(schema.crs.as_ref()).map_err(|f| failure.extend(f)).ok();
        let (Some(filter), Some((crs, _)), true) = (filter, crs, failure.is_empty()) else {
            return Err(failure);
        };
        let by_columns = roles.x.is_some();
        if wanted.cells && by_columns {
            return Err(vec![no_cells(&source)]);
        }
        let open = match &placed {
            Some(placed) => placed.open(&source, format, &columns)?,
            None => source.open(format, &columns, !by_columns)?,
        };
        Ok(SettlementReader {
            config,
            watch: PositionWatch::new(&crs, areas),
            source,
            format,
            schema,
            crs,
            open,
            filter,
            keep_ids: wanted.ids && roles.id.is_some(),
            ids: IdWatch::default(),
            roles,
            classes: Vec::new(),
            rows: RowBalance::default(),
            rejected: Vec::new(),
            rounding: None,
            n_fractional: 0,
            n_without: [0, 0],
            n_accepted: 0,
            cells: wanted.cells.then(Shapes::default),
            repeated: wanted.repeated_points.then(RepeatedPoints::default),
            unequal: UnequalParts::default(),
            within: wanted.within,
            n_outside: 0,
        })
    }

    /// The CRS of the positions.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// Takes the polygons of the last batch, one a settlement; `None` unless wanted.
    pub fn take_cells(&mut self) -> Option<Shapes> {
        self.cells.as_mut().map(std::mem::take)
    }

    /// Number of rows, where the file tells without being read.
    pub fn n_rows(&self) -> Option<u64> {
        self.schema.n_rows
    }

    /// Whether the source has households, and workplaces, known before any row is read; the classes so far.
    pub fn facts(&self) -> SettlementFacts {
        SettlementFacts {
            has_households: self.roles.households.is_some(),
            has_workplaces: self.roles.workplaces.is_some(),
            classes: self.classes.clone(),
            extra: self.config.extra.clone(),
        }
    }

    /// The next settlements; `None` at the end. A batch may be empty where all its rows were left out.
    ///
    /// # Errors
    /// One finding where the file cannot be read on.
    pub fn next_batch(&mut self, max_rows: usize) -> Result<Option<SettlementBatch>, Failure> {
        let rows = match self.open.reader.next_batch(max_rows) {
            Ok(Some(rows)) => rows,
            Ok(None) => return Ok(None),
            Err(e) => return Err(vec![self.source.finding_of(&e)]),
        };
        let mut batch = SettlementBatch {
            first: self.n_accepted,
            ids: self.keep_ids.then(TextColumn::default),
            households: self.roles.households.map(|_| Vec::with_capacity(rows.n_rows)),
            workplaces: self.roles.workplaces.map(|_| Vec::with_capacity(rows.n_rows)),
            classes: self.roles.class.map(|_| Vec::with_capacity(rows.n_rows)),
            area_codes: self.roles.area.map(|_| TextColumn::default()),
            extra: vec![Vec::with_capacity(rows.n_rows); self.roles.extra.len()],
            points: Vec::with_capacity(rows.n_rows),
            persons: Vec::with_capacity(rows.n_rows),
        };
        let unreadable = defects_by_row(&rows, self.roles.persons);
        if let Some(cells) = &mut self.cells {
            *cells = Shapes::default();
        }
        for i in 0..rows.n_rows {
            if !self.filter.is_empty() && !self.filter.keeps(&rows, i) {
                self.rows.left_out += 1;
                continue;
            }
            self.rows.read += 1;
            let position = self.position(&rows, i);
            match self.accept(&rows, i, position, unreadable.get(&i).copied())? {
                Ok((point, persons)) => {
                    if let Some(repeated) = &mut self.repeated {
                        repeated
                            .see(point, persons, || format!("{} {}", place_word(self.format), rows.place(i)));
                    }
                    self.push(&mut batch, &rows, i, point, persons);
                    if let (Some(cells), Some(shapes)) = (&mut self.cells, &rows.shapes) {
                        cells.push_feature_of(shapes, i);
                    }
                }
                Err(reason) => self.reject(&rows, i, reason),
            }
        }
        self.watch.see(&batch.points);
        if let Some([x0, y0, x1, y1]) = self.within {
            let is_outside = |p: &&Coord<f64>| !(p.x >= x0 && p.x <= x1 && p.y >= y0 && p.y <= y1);
            self.n_outside += batch.points.iter().filter(is_outside).count() as u64;
        }
        self.n_accepted += batch.len() as u64;
        Ok(Some(batch))
    }

    /// Checks one row; `Err` inside is the reason to reject it.
    fn accept(
        &mut self,
        rows: &Features,
        i: usize,
        position: Result<Coord<f64>, Reason>,
        defect: Option<Reason>,
    ) -> Result<Result<(Coord<f64>, u32), Reason>, Failure> {
        if let Some(reason) = defect {
            return Ok(Err(reason));
        }
        let point = match position {
            Ok(p) => p,
            Err(reason) => return Ok(Err(reason)),
        };
        if self.crs.is_geographic() && !(point.y.abs() <= 90.0 && point.x.abs() <= 540.0) {
            // Metres in a column of degrees are one finding for the whole file; only stray rows are rejected.
            self.watch.see(std::slice::from_ref(&point));
            return Ok(Err(Reason::NotOnEarth));
        }
        let Some(value) = number_at(&rows.columns[self.roles.persons], i) else {
            return Ok(Err(Reason::NoPersons));
        };
        if value < 0.0 {
            return Ok(Err(Reason::NegativePersons));
        }
        let negative = |role: Option<usize>| {
            role.and_then(|c| number_at(&rows.columns[c], i)).is_some_and(|v| v < 0.0 || !v.is_finite())
        };
        if negative(self.roles.households) || negative(self.roles.workplaces) {
            return Ok(Err(Reason::NegativeCount));
        }
        if let Some(column) = self.roles.id {
            let id = text_at(&rows.columns[column], i);
            if id.is_some_and(|id| !self.ids.is_new(id, rows.place(i)))
                && self.config.duplicate_ids == DuplicateIds::First
            {
                return Ok(Err(Reason::DuplicateId));
            }
        }
        let whole = value.floor();
        let persons = if whole == value { whole } else { whole + self.round_up(value - whole)? };
        if !(0.0..=f64::from(u32::MAX)).contains(&persons) {
            return Ok(Err(Reason::TooManyPersons));
        }
        Ok(Ok((point, persons as u32)))
    }

    fn push(
        &mut self,
        batch: &mut SettlementBatch,
        rows: &Features,
        i: usize,
        point: Coord<f64>,
        persons: u32,
    ) {
        if !self.roles.parts.is_empty() {
            let value = number_at(&rows.columns[self.roles.persons], i).unwrap_or(0.0);
            let parts = self.roles.parts.iter().map(|c| number_at(&rows.columns[*c], i));
            self.unequal.see(value, parts, || format!("{} {}", place_word(self.format), rows.place(i)));
        }
        let is_repaired = number_at(&rows.columns[self.roles.persons], i).is_some_and(|v| v.fract() != 0.0);
        if is_repaired {
            self.rows.repaired += 1;
        } else {
            self.rows.accepted += 1;
        }
        batch.points.push(point);
        batch.persons.push(persons);
        for (k, (column, role)) in
            [(&mut batch.households, self.roles.households), (&mut batch.workplaces, self.roles.workplaces)]
                .into_iter()
                .enumerate()
        {
            if let (Some(column), Some(role)) = (column, role) {
                let value = number_at(&rows.columns[role], i);
                self.n_without[k] += u64::from(value.is_none());
                // Households come as whole numbers; fractions of a model are rounded to the nearest.
                column.push(value.unwrap_or(0.0).round().min(f64::from(u32::MAX)) as u32);
            }
        }
        if let (Some(classes), Some(role)) = (&mut batch.classes, self.roles.class) {
            let name = text_at(&rows.columns[role], i).unwrap_or("");
            classes.push(intern_class(&mut self.classes, name));
        }
        if let (Some(codes), Some(role)) = (&mut batch.area_codes, self.roles.area) {
            codes.push(text_at(&rows.columns[role], i));
        }
        if let (Some(ids), Some(role)) = (&mut batch.ids, self.roles.id) {
            ids.push(text_at(&rows.columns[role], i));
        }
        for (column, role) in batch.extra.iter_mut().zip(&self.roles.extra) {
            column.push(number_at(&rows.columns[*role], i).unwrap_or(f64::NAN));
        }
    }

    fn position(&self, rows: &Features, i: usize) -> Result<Coord<f64>, Reason> {
        let point = match (self.roles.x, self.roles.y, &rows.shapes) {
            (Some(x), Some(y), _) => number_at(&rows.columns[x], i)
                .zip(number_at(&rows.columns[y], i))
                .map(|(x, y)| Coord { x, y })
                .ok_or(Reason::NoPosition)?,
            (_, _, Some(shapes)) => centre(shapes, i)?,
            _ => return Err(Reason::NoPosition),
        };
        if point.x.is_finite() && point.y.is_finite() { Ok(point) } else { Err(Reason::NoPosition) }
    }

    fn reject(&mut self, rows: &Features, i: usize, reason: Reason) {
        self.rows.rejected += 1;
        let slot = match self.rejected.iter().position(|r| r.reason == reason) {
            Some(k) => k,
            None => {
                self.rejected.push(Rejected::new(reason));
                self.rejected.len() - 1
            }
        };
        let persons = number_at(&rows.columns[self.roles.persons], i);
        self.rejected[slot].add(persons, || {
            let place = place_word(self.format);
            match self.roles.id.and_then(|c| text_at(&rows.columns[c], i)) {
                Some(id) => format!("{place} {} (id {id})", rows.place(i)),
                None => format!("{place} {}", rows.place(i)),
            }
        });
    }

    /// 1 where largest-remainder rounding rounds this remainder up, else 0.
    fn round_up(&mut self, remainder: f64) -> Result<f64, Failure> {
        if self.rounding.is_none() {
            self.rounding = Some(self.plan_rounding()?);
        }
        self.n_fractional += 1;
        let rounding = self.rounding.as_mut().expect("planned above");
        Ok(if rounding.rounds_up(remainder) { 1.0 } else { 0.0 })
    }

    /// Reads the persons once more, alone, to find which remainders round up so that the file's total is kept.
    ///
    /// Holds 8 bytes a fractional settlement while it runs.
    fn plan_rounding(&self) -> Result<Rounding, Failure> {
        let mut columns = Columns::default();
        let filter = RowFilter::resolve(&self.source, &self.schema, &mut columns)?;
        let persons = columns.want(&self.roles.names[0], As::Number);
        let mut open = self.source.open(self.format, &columns, false)?;
        let mut remainders = Vec::new();
        loop {
            let rows = match open.reader.next_batch(1 << 16) {
                Ok(Some(rows)) => rows,
                Ok(None) => break,
                Err(e) => return Err(vec![self.source.finding_of(&e)]),
            };
            for i in 0..rows.n_rows {
                let kept = filter.is_empty() || filter.keeps(&rows, i);
                if let Some(v) = number_at(&rows.columns[persons], i).filter(|v| kept && *v >= 0.0) {
                    let remainder = v - v.floor();
                    if remainder > 0.0 {
                        remainders.push(remainder);
                    }
                }
            }
        }
        Ok(Rounding::plan(remainders))
    }

    /// What was noticed, once every batch has been read; with the source's provenance and facts.
    ///
    /// # Errors
    /// Where the file's checksum cannot be computed.
    pub fn finish(self) -> Result<(Vec<Finding>, Provenance, SettlementFacts), Failure> {
        let facts = self.facts();
        let name = self.source.name();
        let names = &self.roles.names;
        let mut findings =
            self.watch.findings(&self.source, self.roles.x.map(|_| (names[1].as_str(), names[2].as_str())));
        let mut rejected = self.rejected;
        rejected.sort_by_key(|r| r.reason);
        findings.extend(rejected.into_iter().map(|r| r.finding(&name)));
        if self.n_outside > 0 {
            let message = format!(
                "{} settlements of `{name}` lie outside of the bounds its own metadata tell, by which coverage was left unread",
                self.n_outside
            );
            findings.push(
                Finding::error("untrue_bounds", &name, message).with_count(self.n_outside).with_hint(
                    "write the file anew, for example with `ogr2ogr`, so that its bounds are right",
                ),
            );
        }
        if self.rows.read == 0 {
            let left_out = self.rows.left_out;
            findings.push(
                Finding::error("no_rows", &name, format!("`{name}` gives no settlements"))
                    .with_evidence(format!("{left_out} rows were left out by `where`"))
                    .with_hint("check `where` and `layer`"),
            );
        }
        if self.n_fractional > 0 {
            findings.push(
                Finding::note(
                    "fractional_persons",
                    &name,
                    format!(
                        "{} rows of `{name}` have fractions of persons, rounded by largest remainder so that the total is kept",
                        self.n_fractional
                    ),
                )
                .with_count(self.n_fractional),
            );
        }
        for (n, what) in self.n_without.into_iter().zip(["households", "workplaces"]) {
            if n > 0 {
                findings.push(
                    Finding::warning(
                        &format!("no_{what}"),
                        &name,
                        format!(
                            "{n} settlements of `{name}` have no value for {what} and add none to the sums"
                        ),
                    )
                    .with_count(n)
                    .with_hint("write 0 where there are none"),
                );
            }
        }
        findings.extend(self.unequal.finding(&name));
        findings.extend(self.repeated.and_then(|r| r.finding(&name)));
        findings.extend(self.ids.finding(&name, self.config.duplicate_ids, place_word(self.format)));
        if let Some(note) = self.crs.accuracy_note() {
            findings.push(Finding::note("crs_accuracy", &name, format!("{}: {note}", self.crs.code())));
        }
        let provenance =
            self.source.provenance(&self.schema, self.crs.code(), self.open.checksum, self.rows)?;
        Ok((findings, provenance, facts))
    }
}

/// Area shares of points.
fn no_cells(source: &SourceRef<'_>) -> Finding {
    Finding::error(
        "no_cells",
        source.name(),
        format!("`{}` gives points, and `representation = \"area_share\"` needs the cells' polygons", source.name()),
    )
    .with_hint("name the column of cell codes as `columns = { cell = \"…\" }`, or give a file with polygons or a GeoTIFF")
}

fn place_word(format: Format) -> &'static str {
    match format {
        Format::Csv => "line",
        Format::Parquet | Format::Xlsx => "row",
        _ => "feature",
    }
}

fn intern_class(classes: &mut Vec<String>, name: &str) -> u8 {
    let name = if name.is_empty() { "unclassified" } else { name };
    let place = classes.iter().position(|c| c == name).unwrap_or_else(|| {
        if classes.len() < 250 {
            classes.push(name.to_string());
        }
        classes.len() - 1
    });
    place as u8
}
