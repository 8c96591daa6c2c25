//! The published tables of areas and parents: which measure stands in which column.
//!
//! This is the only place that names the columns of `areas.csv` and `parents.csv`.

use crate::{
    area::Areas,
    config::need::Direction,
    coverage::Basis,
    gap::{GapRow, GapTable, ServiceGap},
    need::Ranking,
    service::{Service, ServiceSet},
    table::{Table, Unit, Values},
};

/// What the tables need to know of the settlements' source.
#[derive(Clone, Debug, Default)]
pub struct SettlementFacts {
    /// Whether the source has households; without, their columns have no values.
    pub has_households: bool,
    /// Whether the source has workplaces; without, their columns have no values.
    pub has_workplaces: bool,
    /// Names of the settlement classes, in the loader's order.
    pub classes: Vec<String>,
    /// Names of the extra columns.
    pub extra: Vec<String>,
}

/// Builds the table of areas: one row an area in code order, the last one `""` for what lies outside all.
///
/// Starts with the columns of SPEC §12; then further measures, indicators, `score` and `rank`.
pub fn area_table(
    areas: &Areas,
    gaps: &GapTable,
    services: &ServiceSet,
    facts: &SettlementFacts,
    ranking: Option<&Ranking>,
) -> Table {
    let rows: Vec<&GapRow> = gaps.areas.iter().chain([&gaps.outside]).collect();
    let with_outside = |texts: &[String], outside: &str| {
        Values::Text(texts.iter().cloned().chain([outside.to_string()]).map(Some).collect())
    };
    let mut table = Table::default();
    table.push("area_code", Unit::Text, "Områdeskod", "Area code", with_outside(&areas.codes, ""));
    table.push("area_name", Unit::Text, "Område", "Area", with_outside(&areas.names, "outside all areas"));
    let parents = areas.parent_of.iter().map(|p| p.map(|p| areas.parents[p as usize].code.clone()));
    table.push(
        "parent_code",
        Unit::Text,
        "Överordnat område",
        "Parent area",
        Values::Text(parents.chain([None]).collect()),
    );
    let km2: Vec<Option<f64>> = areas.km2.iter().copied().chain([None]).collect();
    push_measures(&mut table, &rows, &km2, services, facts);
    if let Some(ranking) = ranking {
        push_ranking(&mut table, ranking);
    }
    table
}

/// Builds the table of parents with the same measures; empty of rows where areas have no parents.
pub fn parent_table(areas: &Areas, gaps: &GapTable, services: &ServiceSet, facts: &SettlementFacts) -> Table {
    let rows: Vec<&GapRow> = gaps.parents.iter().collect();
    let text = |values: Vec<String>| Values::Text(values.into_iter().map(Some).collect());
    let mut table = Table::default();
    let codes = areas.parents.iter().map(|p| p.code.clone()).collect();
    table.push("area_code", Unit::Text, "Områdeskod", "Area code", text(codes));
    let names = areas.parents.iter().map(|p| p.name.clone()).collect();
    table.push("area_name", Unit::Text, "Område", "Area", text(names));
    let none = vec![None; rows.len()];
    table.push("parent_code", Unit::Text, "Överordnat område", "Parent area", Values::Text(none));
    let mut km2 = vec![Some(0.0); rows.len()];
    for (parent, area_km2) in areas.parent_of.iter().zip(&areas.km2) {
        if let Some(p) = parent {
            let sum = &mut km2[*p as usize];
            *sum = sum.zip(*area_km2).map(|(a, b)| a + b);
        }
    }
    push_measures(&mut table, &rows, &km2, services, facts);
    table
}

/// Builds the table of one row that holds everything: areas and outside.
pub fn total_table(gaps: &GapTable, services: &ServiceSet, facts: &SettlementFacts) -> Table {
    let mut table = Table::default();
    push_measures(&mut table, &[&gaps.total], &[None], services, facts);
    table
}

fn push_measures(
    table: &mut Table,
    rows: &[&GapRow],
    km2: &[Option<f64>],
    services: &ServiceSet,
    facts: &SettlementFacts,
) {
    let int = |f: &dyn Fn(&GapRow) -> u64, known: bool| {
        Values::Int(rows.iter().map(|r| known.then(|| f(r) as i64)).collect())
    };
    let (households, workplaces) = (facts.has_households, facts.has_workplaces);
    table.push("persons", Unit::Persons, "Personer", "Persons", int(&|r| r.total.persons, true));
    table.push(
        "households",
        Unit::Households,
        "Hushåll",
        "Households",
        int(&|r| r.total.households, households),
    );
    table.push(
        "workplaces",
        Unit::Workplaces,
        "Arbetsställen",
        "Workplaces",
        int(&|r| r.total.workplaces, workplaces),
    );

    let published = || services.services.iter().enumerate().filter(|(_, s)| !s.is_hidden);
    for (i, service) in published() {
        let of = |f: fn(&ServiceGap) -> u64| move |r: &GapRow| f(&r.services[i]);
        let n = &service.name;
        table.push(
            &format!("{n}_reached_persons"),
            Unit::Persons,
            &format!("Personer som {n} når"),
            &format!("Persons reached by {n}"),
            int(&of(|s| s.reached.persons), true),
        );
        table.push(
            &format!("{n}_gap_persons"),
            Unit::Persons,
            &format!("Personer som {n} inte når"),
            &format!("Persons not reached by {n}"),
            int(&of(|s| s.gap.persons), true),
        );
        table.push(
            &format!("{n}_gap_households"),
            Unit::Households,
            &format!("Hushåll som {n} inte når"),
            &format!("Households not reached by {n}"),
            int(&of(|s| s.gap.households), households),
        );
        table.push(
            &format!("{n}_gap_share"),
            Unit::Share,
            &format!("Andel personer som {n} inte når, av områdets personer"),
            &format!("Share of the area's persons not reached by {n}"),
            Values::Real(rows.iter().map(|r| r.services[i].gap_share()).collect()),
        );
    }
    for (i, service) in published() {
        push_operator_counts(table, rows, i, service);
    }
    for (i, service) in published() {
        push_further(table, rows, i, service, facts);
    }
    table.push(
        "settlements",
        Unit::Settlements,
        "Bebyggelsepunkter",
        "Settlements",
        int(&|r| r.total.settlements, true),
    );
    table.push("area_km2", Unit::Km2, "Yta, km²", "Area, km²", Values::Real(km2.to_vec()));
    let density = rows.iter().zip(km2).map(|(r, a)| density(r, *a)).collect();
    table.push(
        "density_persons_per_km2",
        Unit::PersonsPerKm2,
        "Personer per km²",
        "Persons per km²",
        Values::Real(density),
    );
    for (k, name) in facts.extra.iter().enumerate() {
        table.push(
            &format!("{name}_sum"),
            Unit::Number,
            &format!("Summa av {name}"),
            &format!("Sum of {name}"),
            Values::Real(rows.iter().map(|r| r.extra[k].sum()).collect()),
        );
    }
}

/// Persons per km²; `None` without an area.
pub fn density(row: &GapRow, km2: Option<f64>) -> Option<f64> {
    km2.filter(|a| *a > 0.0).map(|a| row.total.persons as f64 / a)
}

fn push_operator_counts(table: &mut Table, rows: &[&GapRow], i: usize, service: &Service) {
    let n = &service.name;
    let mut push = |suffix: String, sv: String, en: String, f: &dyn Fn(&ServiceGap) -> u64| {
        let values = rows.iter().map(|r| Some(f(&r.services[i]) as i64)).collect();
        table.push(&format!("{n}_{suffix}_persons"), Unit::Persons, &sv, &en, Values::Int(values));
    };
    if service.wants.classes {
        push(
            "white".into(),
            format!("Personer utan operatör för {n}"),
            format!("Persons with no operator of {n}"),
            &|s| s.persons_with_operators(0),
        );
        push(
            "grey".into(),
            format!("Personer med en operatör för {n}"),
            format!("Persons with one operator of {n}"),
            &|s| s.persons_with_operators(1),
        );
        push(
            "black".into(),
            format!("Personer med minst två operatörer för {n}"),
            format!("Persons with two or more operators of {n}"),
            &|s| s.persons_with_operators_from(2),
        );
    }
    if let Some(most) = service.wants.by_operators {
        for k in 0..most {
            push(
                format!("operators_{k}"),
                format!("Personer med exakt {k} operatörer för {n}"),
                format!("Persons with exactly {k} operators of {n}"),
                &|s| s.persons_with_operators(k as usize),
            );
        }
        push(
            format!("operators_{most}"),
            format!("Personer med {most} eller fler operatörer för {n}"),
            format!("Persons with {most} or more operators of {n}"),
            &|s| s.persons_with_operators_from(most as usize),
        );
    }
}

fn push_further(table: &mut Table, rows: &[&GapRow], i: usize, service: &Service, facts: &SettlementFacts) {
    let n = &service.name;
    let mut int =
        |suffix: &str, unit: Unit, sv: String, en: String, known: bool, f: &dyn Fn(&ServiceGap) -> u64| {
            let values = rows.iter().map(|r| known.then(|| f(&r.services[i]) as i64)).collect();
            table.push(&format!("{n}_{suffix}"), unit, &sv, &en, Values::Int(values));
        };
    int(
        "reached_households",
        Unit::Households,
        format!("Hushåll som {n} når"),
        format!("Households reached by {n}"),
        facts.has_households,
        &|s| s.reached.households,
    );
    for (suffix, sv, en, f) in [
        ("reached_workplaces", "når", "reached", (|s| s.reached.workplaces) as fn(&ServiceGap) -> u64),
        ("gap_workplaces", "inte når", "not reached", |s| s.gap.workplaces),
    ] {
        int(
            suffix,
            Unit::Workplaces,
            format!("Arbetsställen som {n} {sv}"),
            format!("Workplaces {en} by {n}"),
            facts.has_workplaces,
            &f,
        );
    }
    if service.wants.by_basis {
        for (b, basis) in Basis::ALL.into_iter().enumerate() {
            int(
                &format!("{}_persons", basis.name()),
                Unit::Persons,
                format!("Personer som {n} når, grund {}", basis.name()),
                format!("Persons reached by {n}, basis {}", basis.name()),
                true,
                &|s| s.persons_by_basis[b],
            );
        }
    }
    if service.wants.by_planned {
        int(
            "planned_persons",
            Unit::Persons,
            format!("Personer utan {n} som planerad täckning skulle nå"),
            format!("Persons without {n} whom planned coverage would reach"),
            true,
            &|s| s.planned_persons,
        );
    }
    if service.wants.single_path {
        int(
            "single_path_persons",
            Unit::Persons,
            format!("Personer som {n} når på endast en väg"),
            format!("Persons reached by {n} on one path only"),
            true,
            &|s| s.single_path_persons,
        );
    }
    for (c, class) in facts.classes.iter().enumerate() {
        int(
            &format!("gap_persons_{}", column_word(class)),
            Unit::Persons,
            format!("Personer som {n} inte når, {class}"),
            format!("Persons not reached by {n}, {class}"),
            true,
            &|s| s.gap_by_class[c].persons,
        );
    }
    if let Some(target) = service.wants.target {
        int(
            "shortfall_persons",
            Unit::Persons,
            format!("Personer som saknas till målet för {n}"),
            format!("Persons lacking to the target of {n}"),
            true,
            &|s| shortfall_persons(s, target),
        );
    }
    if service.wants.distance {
        for (suffix, sv, en, f) in [
            ("distance_mean_m", "medel", "mean", (|d| d.mean_m) as fn(&crate::gap::DistanceStats) -> f64),
            ("distance_median_m", "median", "median", |d| d.median_m),
            ("distance_p90_m", "90:e percentilen", "90th percentile", |d| d.p90_m),
        ] {
            let values = rows.iter().map(|r| r.services[i].distance.as_ref().map(f)).collect();
            table.push(
                &format!("{n}_{suffix}"),
                Unit::Metres,
                &format!("Avstånd till närmaste punkt som {n} når, {sv} per person, m"),
                &format!("Distance to the nearest reached by {n}, {en} per person, m"),
                Values::Real(values),
            );
        }
    }
}

/// Persons lacking to a target: the least number of further persons that brings the share up to it.
pub fn shortfall_persons(gap: &ServiceGap, target: f64) -> u64 {
    let persons = gap.reached.persons + gap.gap.persons;
    // A target such as 0.98 is not exact in binary: without the margin 0.98 × 50 would ask for 50 persons.
    let wanted = (target * persons as f64 - 1e-9 * persons as f64).ceil().max(0.0) as u64;
    wanted.saturating_sub(gap.reached.persons)
}

fn push_ranking(table: &mut Table, ranking: &Ranking) {
    for (k, indicator) in ranking.indicators.iter().enumerate() {
        let values = ranking.areas.iter().map(|a| a.parts[k].raw).chain([None]).collect();
        // An indicator may repeat a measure's name; the measure then already shows it.
        if table.column(&indicator.id).is_none() {
            let more = indicator.direction == Direction::HigherIsMoreNeed;
            let (sv, en) = if more { ("mer", "more") } else { ("mindre", "less") };
            table.push(
                &indicator.id,
                Unit::Number,
                &format!("Indikator {} ({}; {sv} är större behov)", indicator.id, indicator.unit),
                &format!("Indicator {} ({}; {en} is need)", indicator.id, indicator.unit),
                Values::Real(values),
            );
        }
    }
    let scores = ranking.areas.iter().map(|a| a.score).chain([None]).collect();
    table.push("score", Unit::Number, "Behovsindex", "Need score", Values::Real(scores));
    let ranks = ranking.areas.iter().map(|a| a.rank.map(i64::from)).chain([None]).collect();
    table.push("rank", Unit::Rank, "Rang (1 = störst behov)", "Rank (1 = most need)", Values::Int(ranks));
}

/// Turns a name from data into a word fit for a column: ASCII lower case, digits and `_`.
pub fn column_word(text: &str) -> String {
    let mut word = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'å' | 'ä' | 'á' | 'à' | 'â' => word.push('a'),
            'ö' | 'ó' | 'ø' => word.push('o'),
            'é' | 'è' | 'ê' => word.push('e'),
            'ü' => word.push('u'),
            c if c.is_ascii_alphanumeric() => word.push(c),
            _ if !word.ends_with('_') => word.push('_'),
            _ => {}
        }
    }
    word.trim_matches('_').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settlement::Counts;

    #[test]
    fn the_shortfall_is_the_least_number_that_meets_the_target() {
        let gap = |reached, gap| ServiceGap {
            reached: Counts { persons: reached, ..Default::default() },
            gap: Counts { persons: gap, ..Default::default() },
            ..Default::default()
        };
        assert_eq!(shortfall_persons(&gap(49, 1), 0.98), 0);
        assert_eq!(shortfall_persons(&gap(48, 2), 0.98), 1);
        assert_eq!(shortfall_persons(&gap(0, 7), 1.0), 7);
        assert_eq!(shortfall_persons(&gap(0, 0), 1.0), 0);
    }

    #[test]
    fn names_from_data_become_column_words() {
        assert_eq!(column_word("Tätort (stor)"), "tatort_stor");
        assert_eq!(column_word("småort"), "smaort");
    }
}
