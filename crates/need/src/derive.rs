//! Derived indicators: measures of the run as numbers per area, each with formula, unit, direction and what is
//! missing when.
//!
//! | derive | formula | unit | more is | missing |
//! |---|---|---|---|---|
//! | `persons`, `households`, `workplaces` | count of the area | counts | need | never |
//! | `density` | persons / land km² | persons per km² | less need | no area known, or 0 km² |
//! | `reached_persons`, `_households`, `_workplaces` | whom the service reaches | counts | less need | never |
//! | `reached_share` | reached persons / persons | 0–1 | less need | nobody lives there |
//! | `gap_persons`, `_households`, `_workplaces` | whom it does not reach | counts | need | never |
//! | `gap_share` | gap persons / persons | 0–1 | need | nobody lives there |
//! | `gap_persons_all`, `gap_share_all` | the same for "reached by none of the services" | | need | as above |
//! | `single_path_persons`, `_share` | reached by exactly one operator-technology pair | | need | share: nobody lives there |
//! | `white_`, `grey_` … `_persons`, `_share` | persons with 0, 1 operators | | need | share: nobody lives there |
//! | `black_persons`, `black_share` | persons with 2 or more operators | | less need | share: nobody lives there |
//! | `operators_persons`, `_share` | persons with exactly k operators (k = `by_operators`: or more) | | need below 2 | share: nobody lives there |
//! | `distance_mean_m`, `_median_m`, `_p90_m` | of the unreached, weighted by persons | m | need | not measured |
//! | `shortfall` | max(0, target − reached share) | 0–1 | need | nobody lives there |
//! | `shortfall_persons` | max(0, ⌈target × persons⌉ − reached persons) | persons | need | never |
//! | `cost_per_household` | cost of the gap / households in the gap | SEK | need | no cost known |
//! | `settlement_sum`, `_mean`, `_weighted_mean` | of a settlement column; weighted by persons | as the source | need | no settlement has a value |
//!
//! Distances and cost per household are 0 where the service reaches everyone: there is nothing left to build,
//! and were they missing, a small new gap could lower the need of an area. Counts come from the gap table and
//! are exact integers. Sources: SPEC §5 and §6; white, grey and black as in the EU broadband state aid guidelines.

use crate::NeedError;
use std::collections::BTreeMap;
use whitespot_model::{
    config::need::{ByOperators, Derive, Direction, NeedConfig},
    gap::{GapRow, ServiceGap},
};

/// What indicators are derived from: the measures of the areas to be ranked.
#[derive(Clone, Debug)]
pub struct Measures<'a> {
    /// One row an area, in the order of the indicator table.
    pub rows: &'a [GapRow],
    /// Names of the services, in the order of [`GapRow::services`]; combinations by [`combined_name`].
    pub services: &'a [String],
    /// `by_operators` of each service, where asked for: that many operators means so many or more.
    pub by_operators: &'a [Option<u8>],
    /// Names of the settlement columns, in the order of [`GapRow::extra`].
    pub columns: &'a [String],
    /// Land area of each area in km².
    pub km2: &'a [Option<f64>],
    /// Share of persons each service should reach, 0–1.
    pub targets: &'a BTreeMap<String, f64>,
    /// By name of a cost model: what reaching the whole gap of each area costs, SEK.
    pub costs_sek: &'a BTreeMap<String, Vec<Option<i64>>>,
}

/// Lists of services whose common gap is asked for (`gap_share_all`, `gap_persons_all`), each once, in order. The
/// pipeline adds a service `any_of` them under [`combined_name`], since a double gap cannot be read off two gaps.
pub fn combined_services(config: &NeedConfig) -> Vec<Vec<String>> {
    let mut lists: Vec<Vec<String>> = Vec::new();
    for derive in config.indicators.iter().filter_map(|i| i.derive.as_ref()) {
        if let Derive::GapPersonsAll(list) | Derive::GapShareAll(list) = derive
            && !lists.contains(list)
        {
            lists.push(list.clone());
        }
    }
    lists
}

/// Name of the service that stands for "any of these": `fibre+mobile_30`.
pub fn combined_name(services: &[String]) -> String {
    services.join("+")
}

/// Values of a derived indicator: one an area, missing is NaN.
///
/// # Errors
/// A service, settlement column, target or cost model that does not exist.
pub fn derive_values(id: &str, derive: &Derive, measures: &Measures<'_>) -> Result<Vec<f64>, NeedError> {
    use Derive::*;
    let m = measures;
    let of_rows = |value: &dyn Fn(&GapRow) -> f64| m.rows.iter().map(value).collect::<Vec<f64>>();
    let of_service = |name: &str, value: &dyn Fn(&GapRow, &ServiceGap) -> f64| {
        let s = m
            .services
            .iter()
            .position(|s| s == name)
            .ok_or_else(|| unknown(id, "service", name, m.services))?;
        Ok(m.rows.iter().map(|row| value(row, &row.services[s])).collect::<Vec<f64>>())
    };
    let of_column = |name: &str, value: &dyn Fn(&whitespot_model::gap::ExtraSum) -> Option<f64>| {
        let c = m
            .columns
            .iter()
            .position(|c| c == name)
            .ok_or_else(|| unknown(id, "settlement column", name, m.columns))?;
        Ok(m.rows.iter().map(|row| value(&row.extra[c]).unwrap_or(f64::NAN)).collect::<Vec<f64>>())
    };
    let persons = |k: u64| k as f64;
    match derive {
        Persons => Ok(of_rows(&|r| persons(r.total.persons))),
        Households => Ok(of_rows(&|r| persons(r.total.households))),
        Workplaces => Ok(of_rows(&|r| persons(r.total.workplaces))),
        Density => Ok(m.rows.iter().zip(m.km2).map(|(r, km2)| density(r.total.persons, *km2)).collect()),
        ReachedPersons(s) => of_service(s, &|_, g| persons(g.reached.persons)),
        ReachedHouseholds(s) => of_service(s, &|_, g| persons(g.reached.households)),
        ReachedWorkplaces(s) => of_service(s, &|_, g| persons(g.reached.workplaces)),
        ReachedShare(s) => of_service(s, &|r, g| share(g.reached.persons, r.total.persons)),
        GapPersons(s) => of_service(s, &|_, g| persons(g.gap.persons)),
        GapHouseholds(s) => of_service(s, &|_, g| persons(g.gap.households)),
        GapWorkplaces(s) => of_service(s, &|_, g| persons(g.gap.workplaces)),
        GapShare(s) => of_service(s, &|r, g| share(g.gap.persons, r.total.persons)),
        GapPersonsAll(list) => of_service(&combined_name(list), &|_, g| persons(g.gap.persons)),
        GapShareAll(list) => of_service(&combined_name(list), &|r, g| share(g.gap.persons, r.total.persons)),
        SinglePathPersons(s) => of_service(s, &|_, g| persons(g.single_path_persons)),
        SinglePathShare(s) => of_service(s, &|r, g| share(g.single_path_persons, r.total.persons)),
        WhitePersons(s) => of_service(s, &|_, g| persons(g.persons_with_operators(0))),
        WhiteShare(s) => of_service(s, &|r, g| share(g.persons_with_operators(0), r.total.persons)),
        GreyPersons(s) => of_service(s, &|_, g| persons(g.persons_with_operators(1))),
        GreyShare(s) => of_service(s, &|r, g| share(g.persons_with_operators(1), r.total.persons)),
        BlackPersons(s) => of_service(s, &|_, g| persons(g.persons_with_operators_from(2))),
        BlackShare(s) => of_service(s, &|r, g| share(g.persons_with_operators_from(2), r.total.persons)),
        OperatorsPersons(by) => of_service(&by.service, &|_, g| persons(with_operators(by, g, m))),
        OperatorsShare(by) => {
            of_service(&by.service, &|r, g| share(with_operators(by, g, m), r.total.persons))
        }
        DistanceMeanM(s) => of_service(s, &|_, g| distance(g, |d| d.mean_m)),
        DistanceMedianM(s) => of_service(s, &|_, g| distance(g, |d| d.median_m)),
        DistanceP90M(s) => of_service(s, &|_, g| distance(g, |d| d.p90_m)),
        Shortfall(s) => {
            let target = target(id, s, m)?;
            of_service(s, &|r, g| shortfall(g.reached.persons, r.total.persons, target))
        }
        ShortfallPersons(s) => {
            let target = target(id, s, m)?;
            of_service(s, &|r, g| persons(shortfall_persons(g.reached.persons, r.total.persons, target)))
        }
        CostPerHousehold(model) => {
            let names: Vec<String> = m.costs_sek.keys().cloned().collect();
            let costs = m.costs_sek.get(model).ok_or_else(|| unknown(id, "cost model", model, &names))?;
            // The cost model bears the name of the service it builds; without one, households are unknown.
            let gaps = of_service(model, &|_, g| persons(g.gap.households))?;
            Ok(costs
                .iter()
                .zip(gaps)
                .map(|(cost, households)| cost_per_household(*cost, households))
                .collect())
        }
        SettlementSum(c) => of_column(c, &|sum| sum.sum()),
        SettlementMean(c) => of_column(c, &|sum| sum.mean()),
        SettlementWeightedMean(c) => of_column(c, &|sum| sum.person_mean()),
    }
}

/// Part of the whole, 0–1; NaN where the whole is 0.
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

/// Persons per km² of land; NaN where the land area is unknown or 0.
pub fn density(persons: u64, km2: Option<f64>) -> f64 {
    km2.filter(|km2| *km2 > 0.0).map_or(f64::NAN, |km2| persons as f64 / km2)
}

/// What the reached share lacks to a target share, 0–1: max(0, target − reached / persons); NaN without persons.
pub fn shortfall(reached: u64, persons: u64, target: f64) -> f64 {
    if persons == 0 { f64::NAN } else { (target - share(reached, persons)).max(0.0) }
}

/// Persons lacking to a target share: the least whole number of persons that would meet it.
pub fn shortfall_persons(reached: u64, persons: u64, target: f64) -> u64 {
    // A millionth of a person is float dust: 0.98 × 50 must ask for 49 persons, not for 50.
    let wanted = (target * persons as f64 - 1e-6).ceil().max(0.0) as u64;
    wanted.saturating_sub(reached)
}

/// Cost of the gap per household in it: 0 where no household is in the gap, NaN where the cost is unknown.
pub fn cost_per_household(cost_sek: Option<i64>, gap_households: f64) -> f64 {
    match cost_sek {
        _ if gap_households == 0.0 => 0.0,
        Some(cost) => cost as f64 / gap_households,
        None => f64::NAN,
    }
}

fn distance(gap: &ServiceGap, of: impl Fn(&whitespot_model::gap::DistanceStats) -> f64) -> f64 {
    match &gap.distance {
        Some(stats) => of(stats),
        None if gap.gap.persons == 0 => 0.0,
        None => f64::NAN,
    }
}

fn with_operators(by: &ByOperators, gap: &ServiceGap, measures: &Measures<'_>) -> u64 {
    let service = measures.services.iter().position(|s| *s == by.service);
    let is_open_ended =
        service.and_then(|s| measures.by_operators.get(s).copied().flatten()) == Some(by.operators);
    match is_open_ended {
        true => gap.persons_with_operators_from(by.operators.into()),
        false => gap.persons_with_operators(by.operators.into()),
    }
}

fn target(id: &str, service: &str, measures: &Measures<'_>) -> Result<f64, NeedError> {
    let known: Vec<String> = measures.targets.keys().cloned().collect();
    measures
        .targets
        .get(service)
        .copied()
        .ok_or_else(|| unknown(id, "service with a target", service, &known))
}

fn unknown(id: &str, what: &'static str, name: &str, known: &[String]) -> NeedError {
    let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
    NeedError::NotDerivable { id: id.to_string(), what, name: name.to_string(), known }
}

/// Unit of a derived indicator, for people.
pub fn unit(derive: &Derive) -> &'static str {
    use Derive::*;
    match derive {
        Persons | ReachedPersons(_) | GapPersons(_) | GapPersonsAll(_) | SinglePathPersons(_)
        | WhitePersons(_) | GreyPersons(_) | BlackPersons(_) | OperatorsPersons(_) | ShortfallPersons(_) => {
            "persons"
        }
        Households | ReachedHouseholds(_) | GapHouseholds(_) => "households",
        Workplaces | ReachedWorkplaces(_) | GapWorkplaces(_) => "workplaces",
        Density => "persons per km²",
        ReachedShare(_) | GapShare(_) | GapShareAll(_) | SinglePathShare(_) | WhiteShare(_)
        | GreyShare(_) | BlackShare(_) | OperatorsShare(_) | Shortfall(_) => "share",
        DistanceMeanM(_) | DistanceMedianM(_) | DistanceP90M(_) => "m",
        CostPerHousehold(_) => "SEK per household",
        SettlementSum(_) | SettlementMean(_) | SettlementWeightedMean(_) => "as in the source",
    }
}

/// Direction of a derived indicator where the analysis file gives none: see the table of this module.
pub fn direction(derive: &Derive) -> Direction {
    use Derive::*;
    match derive {
        Density | ReachedPersons(_) | ReachedHouseholds(_) | ReachedWorkplaces(_) | ReachedShare(_)
        | BlackPersons(_) | BlackShare(_) => Direction::LowerIsMoreNeed,
        OperatorsPersons(by) | OperatorsShare(by) if by.operators >= 2 => Direction::LowerIsMoreNeed,
        _ => Direction::HigherIsMoreNeed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::{gap::DistanceStats, gap::ExtraSum, settlement::Counts};

    fn counts(persons: u64, households: u64) -> Counts {
        Counts { settlements: 1, persons, households, workplaces: 0 }
    }

    /// Two areas: one of 100 persons, 60 of them reached; one where nobody lives.
    fn rows() -> Vec<GapRow> {
        let service = ServiceGap {
            reached: counts(60, 30),
            gap: counts(40, 20),
            persons_by_operators: vec![40, 35, 20, 5],
            single_path_persons: 35,
            distance: Some(DistanceStats { mean_m: 900.0, median_m: 800.0, p90_m: 2_000.0 }),
            ..ServiceGap::default()
        };
        let extra = ExtraSum {
            sum_micro: 9_000_000,
            person_weighted_micro: 250_000_000,
            settlements: 2,
            persons: 50,
        };
        vec![
            GapRow { total: counts(100, 50), services: vec![service], extra: vec![extra] },
            GapRow {
                services: vec![ServiceGap::default()],
                extra: vec![ExtraSum::default()],
                ..GapRow::default()
            },
        ]
    }

    fn values(derive: &Derive) -> Result<Vec<f64>, NeedError> {
        let rows = rows();
        let measures = Measures {
            rows: &rows,
            services: &["fibre".to_string()],
            by_operators: &[Some(2)],
            columns: &["aged".to_string()],
            km2: &[Some(50.0), None],
            targets: &[("fibre".to_string(), 0.98)].into(),
            costs_sek: &[("fibre".to_string(), vec![Some(1_000_000), None])].into(),
        };
        derive_values("x", derive, &measures)
    }

    /// The value of the area with people; the other's is checked where it matters.
    fn value(derive: &Derive) -> f64 {
        values(derive).unwrap()[0]
    }

    #[test]
    fn each_measure_is_its_formula() {
        let s = || "fibre".to_string();
        assert_eq!(value(&Derive::Persons), 100.0);
        assert_eq!(value(&Derive::Density), 2.0);
        assert_eq!(value(&Derive::ReachedHouseholds(s())), 30.0);
        assert_eq!(value(&Derive::GapShare(s())), 0.4);
        assert_eq!(value(&Derive::GapShareAll(vec![s()])), 0.4);
        assert_eq!(value(&Derive::SinglePathShare(s())), 0.35);
        assert_eq!(value(&Derive::WhitePersons(s())), 40.0);
        assert_eq!(value(&Derive::GreyShare(s())), 0.35);
        assert_eq!(value(&Derive::BlackPersons(s())), 25.0);
        assert_eq!(value(&Derive::DistanceP90M(s())), 2_000.0);
        assert!((value(&Derive::Shortfall(s())) - 0.38).abs() < 1e-15);
        assert_eq!(value(&Derive::ShortfallPersons(s())), 38.0);
        assert_eq!(value(&Derive::CostPerHousehold(s())), 50_000.0);
        assert_eq!(value(&Derive::SettlementSum("aged".into())), 9.0);
        assert_eq!(value(&Derive::SettlementMean("aged".into())), 4.5);
        assert_eq!(value(&Derive::SettlementWeightedMean("aged".into())), 5.0);
    }

    #[test]
    fn operators_are_counted_exactly_below_the_open_end() {
        let by = |operators| Derive::OperatorsPersons(ByOperators { service: "fibre".into(), operators });
        assert_eq!([value(&by(0)), value(&by(1)), value(&by(2))], [40.0, 35.0, 25.0]);
    }

    #[test]
    fn shares_of_nobody_are_missing_and_distances_of_nobody_are_0() {
        let s = || "fibre".to_string();
        assert!(values(&Derive::GapShare(s())).unwrap()[1].is_nan());
        assert!(values(&Derive::Density).unwrap()[1].is_nan());
        assert!(values(&Derive::SettlementMean("aged".into())).unwrap()[1].is_nan());
        assert_eq!(values(&Derive::DistanceMeanM(s())).unwrap()[1], 0.0);
        assert_eq!(values(&Derive::CostPerHousehold(s())).unwrap()[1], 0.0);
    }

    #[test]
    fn a_target_asks_for_whole_persons_without_float_dust() {
        assert_eq!(shortfall_persons(48, 50, 0.98), 1);
        assert_eq!(shortfall_persons(49, 50, 0.98), 0);
        assert_eq!(shortfall_persons(48, 51, 0.98), 2);
        assert_eq!(shortfall_persons(0, 0, 0.98), 0);
    }

    #[test]
    fn an_unknown_service_column_or_target_names_those_there_are() {
        for derive in [
            Derive::GapShare("fiber".into()),
            Derive::SettlementSum("x".into()),
            Derive::Shortfall("x".into()),
            Derive::CostPerHousehold("x".into()),
        ] {
            let error = values(&derive).unwrap_err().to_string();
            assert!(error.contains("fibre") || error.contains("aged"), "{error}");
        }
    }
}
