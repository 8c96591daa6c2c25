//! Services: named needs, met by any offer that satisfies their rule.
//!
//! [`ServiceSet::resolve`] turns the analysis file's rules into bit masks over the offers of all layers.
//! Offers that no service can tell apart share a bit, and offers that no service asks for have none, so a
//! settlement's coverage is usually one 64-bit word, and "is it reached" one AND.

use crate::{
    config::{OneOrMany, ServiceConfig},
    coverage::{Basis, Offer, Status, Technology},
};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// All services of an analysis, with the offers they choose from.
#[derive(Clone, Debug)]
pub struct ServiceSet {
    /// The services in the order of the analysis file.
    pub services: Vec<Service>,
    /// Bit of every offer: `bits[layer][offer]`; `None` where no service asks for it.
    pub bits: Vec<Vec<Option<u32>>>,
    /// Number of bits in use.
    pub n_bits: u32,
}

/// One service, ready to be asked.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name; columns are named after it.
    pub name: String,
    /// Whether it only serves an indicator and has no columns of its own.
    pub is_hidden: bool,
    /// The measures wanted beside the gap.
    pub wants: Wants,
    rule: Rule,
    with_planned: Rule,
    operators: Vec<Mask>,
    paths: Vec<Mask>,
    bases: Vec<(Basis, Mask)>,
    layers: Vec<usize>,
}

/// Measures of a service beside reached and gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wants {
    /// White, grey and black.
    pub classes: bool,
    /// Persons by number of operators, up to this many or more.
    pub by_operators: Option<u8>,
    /// Persons reached by basis.
    pub by_basis: bool,
    /// Persons in the gap whom planned coverage would reach.
    pub by_planned: bool,
    /// Persons with exactly one pair of operator and technology.
    pub single_path: bool,
    /// Distance to the nearest reached settlement or network feature.
    pub distance: bool,
    /// Share of persons that should be reached.
    pub target: Option<f64>,
}

/// A set of offers, one bit each.
type Mask = Vec<u64>;

#[derive(Clone, Debug)]
enum Rule {
    Offer(Mask),
    Any(Vec<Rule>),
    All(Vec<Rule>),
}

impl Rule {
    fn holds(&self, offers: &[u64]) -> bool {
        match self {
            Rule::Offer(mask) => meets(mask, offers),
            Rule::Any(rules) => rules.iter().any(|r| r.holds(offers)),
            Rule::All(rules) => rules.iter().all(|r| r.holds(offers)),
        }
    }
}

#[inline]
fn meets(mask: &[u64], offers: &[u64]) -> bool {
    mask.iter().zip(offers).any(|(m, o)| m & o != 0)
}

impl Service {
    /// Whether a settlement with these offers is reached.
    #[inline]
    pub fn is_reached(&self, offers: &[u64]) -> bool {
        self.rule.holds(offers)
    }

    /// Whether it would be reached if promises that satisfy the rule were kept.
    pub fn is_reached_with_planned(&self, offers: &[u64]) -> bool {
        self.with_planned.holds(offers)
    }

    /// Number of independent operators whose offers satisfy the rule (any part of it, for combinations).
    pub fn n_operators(&self, offers: &[u64]) -> usize {
        self.operators.iter().filter(|m| meets(m, offers)).count()
    }

    /// Number of pairs of operator and technology that satisfy the rule.
    pub fn n_paths(&self, offers: &[u64]) -> usize {
        self.paths.iter().filter(|m| meets(m, offers)).count()
    }

    /// Whether an offer known on this basis satisfies the rule.
    pub fn is_reached_on(&self, basis: Basis, offers: &[u64]) -> bool {
        self.bases.iter().any(|(b, m)| *b == basis && meets(m, offers))
    }

    /// Layers with an offer that can satisfy the rule, as indices.
    pub fn layers(&self) -> &[usize] {
        &self.layers
    }

    /// Number of operators with an offer that can satisfy the rule anywhere.
    pub fn n_possible_operators(&self) -> usize {
        self.operators.len()
    }
}

/// Why services cannot be resolved.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// A name in `any_of` or `all_of` is neither a layer nor a service.
    #[error("service `{service}` names `{wanted}`, which is neither a coverage layer nor a service")]
    UnknownName {
        /// The service.
        service: String,
        /// The name.
        wanted: String,
        /// The names there are.
        present: Vec<String>,
    },
    /// A service refers to itself.
    #[error("service `{service}` refers to itself")]
    Cycle {
        /// The service.
        service: String,
    },
    /// A combination has keys that only rules on offers have.
    #[error("service `{service}` combines services and also sets `{key}`")]
    MixedRule {
        /// The service.
        service: String,
        /// The key.
        key: &'static str,
    },
    /// A number is out of its range.
    #[error("service `{service}`: {what}")]
    BadValue {
        /// The service.
        service: String,
        /// What is wrong.
        what: String,
    },
}

/// Finds a leaf: which offers of which layers satisfy one rule.
struct Leaf<'a> {
    config: &'a ServiceConfig,
    layer: Option<usize>,
    /// Whether promises count even where the rule does not say so.
    planned_too: bool,
}

impl Leaf<'_> {
    fn accepts(&self, layer: usize, offer: &Offer) -> bool {
        if self.layer.is_some_and(|l| l != layer) {
            return false;
        }
        let c = self.config;
        let one_of = |wanted: &Option<OneOrMany<Technology>>| {
            wanted.as_ref().is_none_or(|w| w.as_slice().contains(&offer.technology))
        };
        let at_least =
            |min: Option<f64>, value: Option<f64>| min.is_none_or(|m| value.is_some_and(|v| v >= m));
        let statuses = c.status.as_ref().map_or(&[Status::Existing][..], OneOrMany::as_slice);
        let status_counts = statuses.contains(&offer.status) || self.planned_too;
        let in_time = offer.status == Status::Existing
            || c.ready_by.as_ref().is_none_or(|by| offer.ready.as_ref().is_some_and(|r| *r <= by.0));
        c.kind.is_none_or(|k| k == offer.kind)
            && one_of(&c.technology)
            && at_least(c.min_download_mbps, offer.download_mbps)
            && at_least(c.min_upload_mbps, offer.upload_mbps)
            && at_least(c.min_level, offer.level)
            && c.basis.as_ref().is_none_or(|b| offer.basis.is_some_and(|x| b.as_slice().contains(&x)))
            && c.operator.as_ref().is_none_or(|o| o.as_slice().contains(&offer.operator))
            && status_counts
            && in_time
    }
}

impl ServiceSet {
    /// Resolves the services of an analysis over the offers of its layers (`(id, offers)` in file order).
    ///
    /// Services after the first `n_published` are hidden: they serve an indicator (a double gap) only.
    ///
    /// # Errors
    /// Unknown names, circular references, rules that mix a combination of services with offer keys, and
    /// values out of range.
    pub fn resolve(
        configs: &IndexMap<String, ServiceConfig>,
        n_published: usize,
        layers: &[(&str, &[Offer])],
    ) -> Result<ServiceSet, ServiceError> {
        for (name, config) in configs {
            check(name, config, configs, layers)?;
        }
        // Every leaf of every service, once for what counts and once with promises.
        let mut leaves = Vec::new();
        let mut plans = Vec::new();
        for name in configs.keys() {
            let mut path = Vec::new();
            plans.push(plan(name, configs, layers, &mut leaves, &mut path)?);
        }
        let signature = |layer: usize, offer: &Offer| -> Option<Signature> {
            let member: Vec<bool> = leaves.iter().map(|l| l.accepts(layer, offer)).collect();
            member.contains(&true).then(|| Signature {
                operator: operator_key(layers[layer].0, offer),
                technology: offer.technology,
                basis: offer.basis,
                member,
            })
        };
        let mut bit_of: BTreeMap<Signature, u32> = BTreeMap::new();
        for (l, (_, offers)) in layers.iter().enumerate() {
            for offer in *offers {
                if let Some(s) = signature(l, offer) {
                    bit_of.insert(s, 0);
                }
            }
        }
        for (bit, slot) in bit_of.values_mut().enumerate() {
            *slot = bit as u32;
        }
        let bits = layers
            .iter()
            .enumerate()
            .map(|(l, (_, offers))| {
                offers.iter().map(|o| signature(l, o).map(|s| bit_of[&s])).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>();
        let n_words = bit_of.len().div_ceil(64).max(1);
        let mask_of = |wanted: &dyn Fn(&Signature) -> bool| {
            let mut mask = vec![0u64; n_words];
            for (s, bit) in &bit_of {
                if wanted(s) {
                    mask[*bit as usize / 64] |= 1 << (bit % 64);
                }
            }
            mask
        };
        let services = configs
            .iter()
            .zip(&plans)
            .enumerate()
            .map(|(place, ((name, config), plan))| {
                let counting = plan.leaves(false);
                let counts = |s: &Signature| counting.iter().any(|&l| s.member[l]);
                let operators: Vec<&str> =
                    distinct(bit_of.keys().filter(|s| counts(s)).map(|s| s.operator.as_str()));
                let paths: Vec<(&str, Technology)> = distinct(
                    bit_of.keys().filter(|s| counts(s)).map(|s| (s.operator.as_str(), s.technology)),
                );
                Service {
                    name: name.clone(),
                    is_hidden: place >= n_published,
                    wants: Wants {
                        classes: config.classes,
                        by_operators: config.by_operators,
                        by_basis: config.by_basis,
                        by_planned: config.by_planned,
                        single_path: config.single_path,
                        distance: config.distance,
                        target: config.target,
                    },
                    rule: plan.compile(false, &mask_of),
                    with_planned: plan.compile(true, &mask_of),
                    operators: operators
                        .iter()
                        .map(|o| mask_of(&|s| counts(s) && s.operator == *o))
                        .collect(),
                    paths: paths
                        .iter()
                        .map(|(o, t)| mask_of(&|s| counts(s) && s.operator == *o && s.technology == *t))
                        .collect(),
                    bases: Basis::ALL
                        .iter()
                        .map(|b| (*b, mask_of(&|s| counts(s) && s.basis == Some(*b))))
                        .collect(),
                    layers: (0..layers.len())
                        .filter(|&l| {
                            layers[l].1.iter().any(|o| counting.iter().any(|&i| leaves[i].accepts(l, o)))
                        })
                        .collect(),
                }
            })
            .collect();
        Ok(ServiceSet { services, bits, n_bits: bit_of.len() as u32 })
    }

    /// The service of that name.
    pub fn get(&self, name: &str) -> Option<(usize, &Service)> {
        self.services.iter().enumerate().find(|(_, s)| s.name == name)
    }
}

/// What services can tell about an offer; equal signatures share a bit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signature {
    operator: String,
    technology: Technology,
    basis: Option<Basis>,
    member: Vec<bool>,
}

/// An offer without an operator counts as one operator a layer.
fn operator_key(layer: &str, offer: &Offer) -> String {
    if offer.operator.is_empty() { format!("\u{0}{layer}") } else { offer.operator.clone() }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Gives the mask of the offers whose signature fulfils a condition.
type MaskOf<'a> = dyn Fn(&dyn Fn(&Signature) -> bool) -> Mask + 'a;

/// A rule as a tree over leaves; each leaf as (what counts, with promises).
enum Plan {
    Leaf(usize, usize),
    Any(Vec<Plan>),
    All(Vec<Plan>),
}

impl Plan {
    fn leaves(&self, planned: bool) -> Vec<usize> {
        match self {
            Plan::Leaf(counting, with_planned) => vec![if planned { *with_planned } else { *counting }],
            Plan::Any(plans) | Plan::All(plans) => plans.iter().flat_map(|p| p.leaves(planned)).collect(),
        }
    }

    fn compile(&self, planned: bool, mask_of: &MaskOf<'_>) -> Rule {
        match self {
            Plan::Leaf(counting, with_planned) => {
                let leaf = if planned { *with_planned } else { *counting };
                Rule::Offer(mask_of(&|s| s.member[leaf]))
            }
            Plan::Any(plans) => Rule::Any(plans.iter().map(|p| p.compile(planned, mask_of)).collect()),
            Plan::All(plans) => Rule::All(plans.iter().map(|p| p.compile(planned, mask_of)).collect()),
        }
    }
}

fn plan<'a>(
    name: &'a str,
    configs: &'a IndexMap<String, ServiceConfig>,
    layers: &[(&str, &[Offer])],
    leaves: &mut Vec<Leaf<'a>>,
    path: &mut Vec<&'a str>,
) -> Result<Plan, ServiceError> {
    if path.contains(&name) {
        return Err(ServiceError::Cycle { service: name.to_string() });
    }
    let config = &configs[name];
    let Some((names, all)) = combination(config) else {
        return Ok(add_leaf(config, None, leaves));
    };
    path.push(name);
    let mut plans = Vec::with_capacity(names.len());
    for wanted in names {
        // A service may bear a layer's name and refer to that layer: it cannot mean itself.
        let layer = layers.iter().position(|(id, _)| id == wanted);
        let service =
            configs.get_key_value(wanted.as_str()).filter(|(key, _)| layer.is_none() || *key != name);
        plans.push(match (service, layer) {
            (Some((key, _)), _) => plan(key, configs, layers, leaves, path)?,
            (None, Some(l)) => add_leaf(config, Some(l), leaves),
            (None, None) => {
                return Err(ServiceError::UnknownName {
                    service: name.to_string(),
                    wanted: wanted.clone(),
                    present: layers
                        .iter()
                        .map(|(id, _)| (*id).to_string())
                        .chain(configs.keys().cloned())
                        .collect(),
                });
            }
        });
    }
    path.pop();
    Ok(if all { Plan::All(plans) } else { Plan::Any(plans) })
}

fn add_leaf<'a>(config: &'a ServiceConfig, layer: Option<usize>, leaves: &mut Vec<Leaf<'a>>) -> Plan {
    leaves.push(Leaf { config, layer, planned_too: false });
    leaves.push(Leaf { config, layer, planned_too: true });
    Plan::Leaf(leaves.len() - 2, leaves.len() - 1)
}

/// The names a service combines, and whether all of them are needed.
fn combination(config: &ServiceConfig) -> Option<(&[String], bool)> {
    match (&config.any_of, &config.all_of) {
        (Some(any), _) => Some((any, false)),
        (None, Some(all)) => Some((all, true)),
        (None, None) => None,
    }
}

fn check(
    name: &str,
    config: &ServiceConfig,
    configs: &IndexMap<String, ServiceConfig>,
    layers: &[(&str, &[Offer])],
) -> Result<(), ServiceError> {
    let bad = |what: &str| Err(ServiceError::BadValue { service: name.to_string(), what: what.to_string() });
    if config.any_of.is_some() && config.all_of.is_some() {
        return bad("`any_of` and `all_of` exclude each other; name one of them as a service of its own");
    }
    if let Some((names, _)) = combination(config) {
        if names.is_empty() {
            return bad("an empty list reaches nobody; name at least one layer or service");
        }
        let combines_services =
            names.iter().any(|n| configs.contains_key(n) && !layers.iter().any(|(id, _)| id == n));
        let keys = [
            ("kind", config.kind.is_some()),
            ("technology", config.technology.is_some()),
            ("min_download_mbps", config.min_download_mbps.is_some()),
            ("min_upload_mbps", config.min_upload_mbps.is_some()),
            ("min_level", config.min_level.is_some()),
            ("basis", config.basis.is_some()),
            ("status", config.status.is_some()),
            ("operator", config.operator.is_some()),
        ];
        if combines_services && let Some((key, _)) = keys.iter().find(|(_, set)| *set) {
            return Err(ServiceError::MixedRule { service: name.to_string(), key });
        }
    }
    if config.by_operators == Some(0) {
        return bad("`by_operators = 0` counts nothing; give the largest number of operators to tell apart");
    }
    for (key, value) in
        [("min_download_mbps", config.min_download_mbps), ("min_upload_mbps", config.min_upload_mbps)]
    {
        if value.is_some_and(|v| !(v >= 0.0 && v.is_finite())) {
            return bad(&format!("`{key}` is a speed of 0 or more"));
        }
    }
    if config.target.is_some_and(|t| !(0.0..=1.0).contains(&t)) {
        return bad("`target` is a share from 0 to 1");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Kind;

    fn offer(layer: &str, technology: Technology, operator: &str, mbps: f64) -> Offer {
        Offer {
            layer: layer.into(),
            kind: technology.kind(),
            technology,
            operator: operator.into(),
            download_mbps: Some(mbps),
            upload_mbps: None,
            basis: Some(Basis::Passed),
            status: Status::Existing,
            ready: None,
            level: None,
        }
    }

    fn set_of(bits: &[Option<u32>]) -> Vec<u64> {
        vec![bits.iter().flatten().fold(0, |word, b| word | 1 << b)]
    }

    fn services(list: &[(&str, ServiceConfig)]) -> IndexMap<String, ServiceConfig> {
        list.iter().map(|(n, c)| ((*n).to_string(), c.clone())).collect()
    }

    fn fixed_100() -> ServiceConfig {
        ServiceConfig { kind: Some(Kind::Fixed), min_download_mbps: Some(100.0), ..Default::default() }
    }

    #[test]
    fn only_offers_that_satisfy_every_key_reach() {
        let offers = [
            offer("f", Technology::Fibre, "a", 1000.0),
            offer("f", Technology::Adsl, "a", 24.0),
            offer("f", Technology::G5, "a", 300.0),
        ];
        let set =
            ServiceSet::resolve(&services(&[("fixed_100", fixed_100())]), 1, &[("f", &offers)]).unwrap();
        assert_eq!(set.bits[0][1], None, "an offer that no service asks for has no bit");
        assert_eq!(set.bits[0][2], None);
        assert!(set.services[0].is_reached(&set_of(&[set.bits[0][0]])));
        assert!(!set.services[0].is_reached(&[0]));
    }

    #[test]
    fn operators_are_counted_once_however_many_layers_they_have() {
        let a = [offer("a", Technology::Fibre, "one", 100.0), offer("a", Technology::Cable, "one", 500.0)];
        let b = [offer("b", Technology::Fibre, "one", 1000.0), offer("b", Technology::Fibre, "two", 1000.0)];
        let set = ServiceSet::resolve(&services(&[("s", fixed_100())]), 1, &[("a", &a), ("b", &b)]).unwrap();
        let all: Vec<Option<u32>> = set.bits.concat();
        assert_eq!(set.services[0].n_operators(&set_of(&all)), 2);
        assert_eq!(set.services[0].n_paths(&set_of(&all)), 3);
        assert_eq!(set.services[0].n_operators(&set_of(&all[..3])), 1);
    }

    #[test]
    fn planned_coverage_counts_only_where_the_service_says_so() {
        let mut planned = offer("p", Technology::Fibre, "a", 1000.0);
        planned.status = Status::Planned;
        planned.ready = Some("2027-12-31".into());
        let mut says_so = fixed_100();
        says_so.status = Some(OneOrMany::Many(vec![Status::Existing, Status::Planned]));
        let mut too_early = says_so.clone();
        too_early.ready_by = Some(crate::config::source::Date("2026-12-31".into()));
        let set = ServiceSet::resolve(
            &services(&[("now", fixed_100()), ("then", says_so), ("soon", too_early)]),
            3,
            &[("p", std::slice::from_ref(&planned))],
        )
        .unwrap();
        let bits = set_of(&set.bits[0]);
        let reached: Vec<bool> = set.services.iter().map(|s| s.is_reached(&bits)).collect();
        assert_eq!(reached, [false, true, false]);
        assert!(set.services[0].is_reached_with_planned(&bits));
    }

    #[test]
    fn combinations_reach_by_any_or_by_all() {
        let offers = [offer("f", Technology::Fibre, "a", 1000.0), offer("f", Technology::G5, "b", 300.0)];
        let mobile = ServiceConfig { technology: Some(OneOrMany::One(Technology::G5)), ..Default::default() };
        let either =
            ServiceConfig { any_of: Some(vec!["fixed".into(), "mobile".into()]), ..Default::default() };
        let both =
            ServiceConfig { all_of: Some(vec!["fixed".into(), "mobile".into()]), ..Default::default() };
        let set = ServiceSet::resolve(
            &services(&[("fixed", fixed_100()), ("mobile", mobile), ("either", either), ("both", both)]),
            4,
            &[("f", &offers)],
        )
        .unwrap();
        let fibre_only = set_of(&set.bits[0][..1]);
        assert!(set.get("either").unwrap().1.is_reached(&fibre_only));
        assert!(!set.get("both").unwrap().1.is_reached(&fibre_only));
        assert!(set.get("both").unwrap().1.is_reached(&set_of(&set.bits[0])));
        assert_eq!(set.get("either").unwrap().1.n_operators(&set_of(&set.bits[0])), 2);
    }

    #[test]
    fn circles_and_unknown_names_are_errors() {
        let a = ServiceConfig { any_of: Some(vec!["b".into()]), ..Default::default() };
        let b = ServiceConfig { any_of: Some(vec!["a".into()]), ..Default::default() };
        let circle = ServiceSet::resolve(&services(&[("a", a.clone()), ("b", b)]), 2, &[]);
        assert!(matches!(circle, Err(ServiceError::Cycle { .. })));
        let unknown = ServiceSet::resolve(&services(&[("a", a)]), 1, &[]);
        assert!(matches!(unknown, Err(ServiceError::UnknownName { .. })));
    }
}
