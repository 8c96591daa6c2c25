//! Promises in time: for scenarios that pass over whoever will be reached within some years anyway.
//!
//! "Within N years" counts from the newest day that coverage was reported, not from today: the same inputs give the
//! same result at any time. A promise without a date is no promise in time.

use indexmap::IndexMap;
use whitespot_model::{
    config::{Analysis, OneOrMany, ServiceConfig, funding::ScenarioConfig, source::Date},
    coverage::Status,
};

/// Day by which a promise must be kept for a scenario to pass its people over; `None` where the scenario does not ask,
/// or no layer says when it was reported.
pub(crate) fn planned_by(analysis: &Analysis, scenario: &ScenarioConfig) -> Option<String> {
    let years = scenario.eligible.as_ref()?.no_planned_within_years?;
    let dates = analysis.coverage.iter().filter_map(|c| {
        c.reported.as_ref().or_else(|| c.source.as_ref().and_then(|s| s.date.as_ref())).map(|d| d.0.as_str())
    });
    later(dates.max()?, years)
}

/// Name of the hidden service that also counts promises to be kept by a day.
pub(crate) fn planned_service(service: &str, by: &str) -> String {
    format!("{service} (promised by {by})")
}

/// Adds the hidden services that the scenarios need to tell who is reached in time.
pub(crate) fn add_planned_services(
    configs: &mut IndexMap<String, ServiceConfig>,
    analysis: &Analysis,
    scenarios: &[ScenarioConfig],
) {
    let only = analysis.services.keys().next().filter(|_| analysis.services.len() == 1);
    for scenario in scenarios {
        let Some(by) = planned_by(analysis, scenario) else { continue };
        if let Some(service) = scenario.service.as_ref().or(only) {
            add(configs, service, &by);
        }
    }
}

/// Adds the service and those it is made of; gives its name. A name that is no service is a layer's, and stays.
fn add(configs: &mut IndexMap<String, ServiceConfig>, service: &str, by: &str) -> String {
    let Some(config) = configs.get(service) else { return service.to_string() };
    let name = planned_service(service, by);
    let mut with_promises = config.clone();
    if configs.contains_key(&name) {
        return name;
    }
    // The name first, so that services that name one another end here; the resolver refuses the circle.
    configs.insert(name.clone(), with_promises.clone());
    let mut parts = |list: &Option<Vec<String>>| {
        list.as_ref().map(|list| list.iter().map(|part| add(configs, part, by)).collect::<Vec<_>>())
    };
    let (any_of, all_of) = (parts(&with_promises.any_of), parts(&with_promises.all_of));
    if any_of.is_none() && all_of.is_none() {
        with_promises.status = Some(OneOrMany::Many(vec![Status::Existing, Status::Planned]));
        with_promises.ready_by = Some(Date(by.to_string()));
    }
    (with_promises.any_of, with_promises.all_of) = (any_of, all_of);
    configs.insert(name.clone(), with_promises);
    name
}

/// A day so many years later, months rounded; `2025` counts as its last day, `2025-06` as the last of June.
fn later(date: &str, years: f64) -> Option<String> {
    if !(years.is_finite() && (0.0..=1000.0).contains(&years)) {
        return None;
    }
    let mut parts = date.split('-');
    let year: i64 = parts.next()?.trim().parse().ok()?;
    let month: i64 = parts.next().map_or(Some(12), |m| m.trim().parse().ok())?;
    let day: i64 = parts.next().map_or(Some(31), |d| d.trim().parse().ok())?;
    let months = year * 12 + (month - 1) + (years * 12.0).round() as i64;
    // Dates are compared as text, so a 31st of a shorter month does no harm.
    Some(format!("{:04}-{:02}-{day:02}", months.div_euclid(12), months.rem_euclid(12) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_count_from_the_newest_report() {
        assert_eq!(later("2025-10-01", 3.0).as_deref(), Some("2028-10-01"));
        assert_eq!(later("2025-10-01", 0.5).as_deref(), Some("2026-04-01"));
        assert_eq!(later("2025", 1.0).as_deref(), Some("2026-12-31"));
        assert_eq!((later("soon", 1.0), later("2025", -1.0)), (None, None));
    }

    #[test]
    fn a_combined_service_counts_the_promises_of_its_parts() {
        let mut configs: IndexMap<String, ServiceConfig> = IndexMap::new();
        configs.insert("a".into(), ServiceConfig::default());
        let both =
            ServiceConfig { any_of: Some(vec!["a".into(), "layer".into()]), ..ServiceConfig::default() };
        configs.insert("both".into(), both);
        let name = add(&mut configs, "both", "2028-01-01");
        let added = &configs[&name];
        assert_eq!(added.any_of, Some(vec![planned_service("a", "2028-01-01"), "layer".to_string()]));
        assert_eq!(added.ready_by, None);
        assert_eq!(configs[&planned_service("a", "2028-01-01")].ready_by, Some(Date("2028-01-01".into())));
    }
}
