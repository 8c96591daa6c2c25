//! What connecting a candidate costs, and what of that a grant pays (SPEC §7). Lengths are given: this file
//! knows prices, not places.

use whitespot_model::{
    config::funding::{AidConfig, CostConfig, PriceBy, Sek},
    funding::Cost,
};

/// What there is to connect, and how long the line to it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToConnect<'a> {
    /// Households by settlement class; the class is empty where the source has none.
    pub households: Vec<(&'a str, u64)>,
    /// Workplaces.
    pub workplaces: u64,
    /// Straight distance to the nearest reached settlement or node in metres (tier 1), or length of the
    /// spanning tree with its link to the network (tiers 2 and 3), by class of ground or road; empty for one
    /// class. Shared over the whole candidate: it is paid once.
    pub length_m: Vec<(&'a str, f64)>,
}

/// The tier a cost model asks for: its own, else 1 where it has a price per metre, else 0.
pub fn tier(config: &CostConfig) -> u8 {
    config.tier.unwrap_or(u8::from(config.per_metre_to_reached.is_some()))
}

/// The cost of connecting everyone: households and workplaces at their prices, and from tier 1 on the line at
/// its price per metre × detour. Each part is rounded to whole units; a negative or infinite length counts as 0.
///
/// ```
/// use whitespot_funding::cost::{ToConnect, price};
/// use whitespot_model::config::funding::{CostConfig, PriceBy, Sek};
///
/// let prices = CostConfig {
///     base_per_household: Some(PriceBy::One(Sek(25_000))),
///     per_metre_to_reached: Some(PriceBy::One(Sek(180))),
///     detour: Some(1.3),
///     ..CostConfig::default()
/// };
/// let cost = price(&ToConnect { households: vec![("", 10)], length_m: vec![("", 1_000.0)], workplaces: 0 }, &prices);
/// assert_eq!((cost.households_sek, cost.line_sek, cost.total_sek), (250_000, 234_000, 484_000));
/// ```
pub fn price(what: &ToConnect<'_>, config: &CostConfig) -> Cost {
    let tier = tier(config);
    let per_household =
        |class: &str| config.base_per_household.as_ref().map_or(0, |prices| price_of(prices, class));
    let households_sek = what
        .households
        .iter()
        .fold(0i64, |sum, &(class, n)| sum.saturating_add(times(per_household(class), n)));
    let workplaces_sek = times(config.base_per_workplace.map_or(0, |p| p.0), what.workplaces);
    let (mut line_m, mut line_sek) = (0.0, 0i64);
    if let Some(prices) = config.per_metre_to_reached.as_ref().filter(|_| tier > 0) {
        for &(class, length_m) in &what.length_m {
            let length_m = if length_m.is_finite() { length_m.max(0.0) } else { 0.0 };
            let length_m = length_m * config.detour.unwrap_or(1.0);
            line_m += length_m;
            line_sek = line_sek.saturating_add((length_m * price_of(prices, class) as f64).round() as i64);
        }
    }
    Cost {
        total_sek: households_sek.saturating_add(workplaces_sek).saturating_add(line_sek),
        households_sek,
        workplaces_sek,
        line_sek,
        line_m,
        tier: Some(tier),
        placeholder: config.placeholder,
    }
}

/// The grant for connecting everyone: the aid share of the cost, rounded down, at most so much per connection.
/// `aid` overrides what the cost model says. `connections` counts households, or what stands for them
/// ([`whitespot_model::funding::Candidate::connections`]).
///
/// What the limit per household leaves uncovered is for others to pay; the candidate stays a candidate.
pub fn grant(cost_sek: i64, connections: u64, config: Option<&CostConfig>, aid: Option<&AidConfig>) -> i64 {
    let share = aid
        .and_then(|aid| aid.share)
        .or_else(|| config.and_then(|c| c.private_share).map(|private| 1.0 - private))
        .unwrap_or(1.0)
        .clamp(0.0, 1.0);
    let most = aid
        .and_then(|aid| aid.max_per_household)
        .or_else(|| config.and_then(|c| c.max_grant_per_household))
        .map_or(i64::MAX, |most| times(most.0.max(0), connections));
    // The margin keeps 70 % of 100 at 70 although 1 − 0.3 is a little less than 0.7.
    let paid = if share >= 1.0 { cost_sek } else { (cost_sek as f64 * share + 1e-6).floor() as i64 };
    paid.min(cost_sek).min(most).max(0)
}

/// The same model with every unit price times a factor, rounded to whole units; shares and limits of the grant stay.
/// A factor that is not a number above 0 counts as 1.
#[must_use]
pub fn scaled(config: &CostConfig, factor: f64) -> CostConfig {
    let factor = if factor > 0.0 && factor.is_finite() { factor } else { 1.0 };
    let times = |price: Sek| Sek((price.0 as f64 * factor).round() as i64);
    let each = |prices: &PriceBy| match prices {
        PriceBy::One(price) => PriceBy::One(times(*price)),
        PriceBy::Class(by_class) => {
            PriceBy::Class(by_class.iter().map(|(class, price)| (class.clone(), times(*price))).collect())
        }
    };
    CostConfig {
        base_per_household: config.base_per_household.as_ref().map(each),
        base_per_workplace: config.base_per_workplace.map(times),
        per_metre_to_reached: config.per_metre_to_reached.as_ref().map(each),
        ..config.clone()
    }
}

/// What is wrong with a cost model by itself, each in a sentence: a tier that does not exist or lacks its prices or
/// roads, a detour below 1, shares outside 0–1, negative prices.
pub fn problems(config: &CostConfig) -> Vec<String> {
    let mut problems = Vec::new();
    let tier = tier(config);
    if tier > 3 {
        problems.push(format!("`tier = {tier}` does not exist: give 0, 1, 2 or 3"));
    }
    if tier > 0 && config.per_metre_to_reached.is_none() {
        problems.push(format!("tier {tier} needs a price per metre: add `per_metre_to_reached`"));
    }
    match (&config.roads, tier) {
        (None, 3) => problems.push("tier 3 needs roads: add `roads = \"roads.gpkg\"`".to_string()),
        (Some(_), 0..=2) => problems.push("`roads` is for `tier = 3`".to_string()),
        _ => {}
    }
    if config.detour.is_some_and(|d| !(d >= 1.0 && d.is_finite())) {
        problems.push(
            "`detour` is at least 1: how much longer the line is than the straight distance".to_string(),
        );
    }
    if config.private_share.is_some_and(|s| !(0.0..=1.0).contains(&s)) {
        problems.push("`private_share` is a share, 0–1".to_string());
    }
    let lowest = |prices: &PriceBy| match prices {
        PriceBy::One(price) => price.0,
        PriceBy::Class(by_class) => by_class.values().map(|p| p.0).min().unwrap_or(0),
    };
    let prices = [&config.base_per_household, &config.per_metre_to_reached];
    let single = [config.base_per_workplace, config.max_grant_per_household];
    if prices.into_iter().flatten().any(|p| lowest(p) < 0) || single.into_iter().flatten().any(|p| p.0 < 0) {
        problems.push("prices are at least 0".to_string());
    }
    problems
}

/// Classes that occur and have no price: neither their own nor a `default`. What they need would cost nothing.
pub fn without_price<'a>(
    prices: Option<&PriceBy>,
    classes: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    match prices {
        Some(PriceBy::Class(by_class)) if !by_class.contains_key("default") => {
            classes.into_iter().filter(|class| !by_class.contains_key(*class)).collect()
        }
        _ => Vec::new(),
    }
}

fn price_of(prices: &PriceBy, class: &str) -> i64 {
    match prices {
        PriceBy::One(price) => price.0,
        PriceBy::Class(by_class) => {
            by_class.get(class).or_else(|| by_class.get("default")).map_or(0, |p| p.0)
        }
    }
}

fn times(price: i64, n: u64) -> i64 {
    i64::try_from(n).map_or(i64::MAX, |n| price.saturating_mul(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use indexmap::IndexMap;

    #[test]
    fn tier_0_prices_households_by_class_and_ignores_lengths() {
        let by_class = IndexMap::from([("tätort".to_string(), Sek(10)), ("default".to_string(), Sek(30))]);
        let prices =
            CostConfig { base_per_household: Some(PriceBy::Class(by_class)), ..CostConfig::default() };
        let what = ToConnect {
            households: vec![("tätort", 3), ("småort", 2)],
            workplaces: 4,
            length_m: vec![("", 500.0)],
        };
        let cost = price(&what, &prices);
        assert_eq!((cost.total_sek, cost.line_sek, cost.tier, cost.placeholder), (90, 0, Some(0), true));
    }

    #[test]
    fn a_line_is_priced_by_class_once_with_detour() {
        let by_class = IndexMap::from([("forest".to_string(), Sek(100)), ("rock".to_string(), Sek(400))]);
        let prices = CostConfig {
            per_metre_to_reached: Some(PriceBy::Class(by_class)),
            detour: Some(1.5),
            tier: Some(2),
            base_per_workplace: Some(Sek(7)),
            placeholder: false,
            ..CostConfig::default()
        };
        let what = ToConnect {
            households: vec![("", 10)],
            workplaces: 2,
            length_m: vec![("forest", 10.0), ("rock", 2.0), ("rock", f64::NAN), ("rock", -5.0)],
        };
        let cost = price(&what, &prices);
        assert_eq!((cost.line_sek, cost.workplaces_sek, cost.total_sek), (2_700, 14, 2_714));
        assert_eq!((cost.line_m, cost.placeholder), (18.0, false));
    }

    #[test]
    fn a_grant_is_the_aid_share_and_at_most_so_much_a_household() {
        let prices = CostConfig {
            private_share: Some(0.3),
            max_grant_per_household: Some(Sek(50)),
            ..CostConfig::default()
        };
        assert_eq!(grant(100, 10, Some(&prices), None), 70);
        assert_eq!(grant(1_000, 10, Some(&prices), None), 500);
        let aid = AidConfig { share: Some(0.5), max_per_household: Some(Sek(20)) };
        assert_eq!(grant(1_000, 10, Some(&prices), Some(&aid)), 200);
        assert_eq!(grant(1_000, 10, None, None), 1_000);
    }

    #[test]
    fn scaled_prices_are_rounded_to_whole_units_and_limits_stay() {
        let by_class = IndexMap::from([("rock".to_string(), Sek(401)), ("default".to_string(), Sek(100))]);
        let prices = CostConfig {
            base_per_household: Some(PriceBy::One(Sek(25_000))),
            per_metre_to_reached: Some(PriceBy::Class(by_class)),
            max_grant_per_household: Some(Sek(70_000)),
            ..CostConfig::default()
        };
        let dearer = scaled(&prices, 1.25);
        assert_eq!(dearer.base_per_household, Some(PriceBy::One(Sek(31_250))));
        let PriceBy::Class(metres) = dearer.per_metre_to_reached.unwrap() else { panic!() };
        assert_eq!((metres["rock"], metres["default"]), (Sek(501), Sek(125)));
        assert_eq!(dearer.max_grant_per_household, prices.max_grant_per_household);
        assert_eq!(scaled(&prices, f64::NAN), prices);
    }

    #[test]
    fn a_model_that_cannot_be_meant_is_told_in_sentences() {
        assert!(problems(&CostConfig::default()).is_empty());
        let bad = CostConfig {
            tier: Some(3),
            detour: Some(0.5),
            private_share: Some(2.0),
            ..CostConfig::default()
        };
        assert_eq!(problems(&bad).len(), 4, "{:?}", problems(&bad));
        assert_eq!(problems(&CostConfig { tier: Some(9), ..CostConfig::default() }).len(), 2);
        let negative =
            CostConfig { base_per_household: Some(PriceBy::One(Sek(-1))), ..CostConfig::default() };
        assert_eq!(problems(&negative), ["prices are at least 0"]);
    }

    #[test]
    fn classes_without_a_price_are_named() {
        let some = PriceBy::Class(IndexMap::from([("tätort".to_string(), Sek(10))]));
        assert_eq!(without_price(Some(&some), ["tätort", "småort"]), ["småort"]);
        let all = PriceBy::Class(IndexMap::from([("default".to_string(), Sek(10))]));
        assert!(without_price(Some(&all), ["tätort"]).is_empty());
        assert!(without_price(None, ["tätort"]).is_empty());
    }

    #[test]
    fn sums_too_large_for_money_stop_at_the_largest_amount() {
        let prices =
            CostConfig { base_per_household: Some(PriceBy::One(Sek(i64::MAX))), ..CostConfig::default() };
        let what = ToConnect { households: vec![("", 9), ("", u64::MAX)], ..ToConnect::default() };
        assert_eq!(price(&what, &prices).total_sek, i64::MAX);
    }
}
