//! What a robustness analysis varies beside the weights: speed limits, reach, signal margin, unit prices.
//!
//! Speed limits and margins become hidden variants of every service, so that one join answers all of them. Another
//! reach needs another join. Prices only scale.

use crate::inputs::Inputs;
use indexmap::IndexMap;
use whitespot_model::{
    config::{Analysis, ServiceConfig, need::Vary},
    finding::Finding,
    gap::{GapRow, GapTable},
    need::VariedAxis,
};

/// The alternatives of each axis; the first is the published one, and an axis that does not vary has no other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Varied {
    /// Factors on the services' speed limits.
    pub(crate) thresholds: Vec<f64>,
    /// Factors on the layers' reach.
    pub(crate) reach: Vec<f64>,
    /// Added to the services' `min_level`, dB.
    pub(crate) margins_db: Vec<f64>,
    /// Factors on all unit prices.
    pub(crate) unit_costs: Vec<f64>,
}

impl Varied {
    /// What the analysis asks for; an axis that cannot change anything is left out ([`without_effect`] says so).
    pub(crate) fn of(analysis: &Analysis) -> Varied {
        let config = analysis.robustness.as_ref().filter(|r| r.draws > 0 && analysis.need.is_some());
        let values = |vary: Vary, published: f64, given: &[f64], default: [f64; 2]| {
            let is_varied =
                config.is_some_and(|c| c.vary.contains(&vary)) && why_not(analysis, vary).is_none();
            let mut all = vec![published];
            if is_varied {
                let given = if given.is_empty() { &default[..] } else { given };
                given.iter().for_each(|v| {
                    if !all.contains(v) {
                        all.push(*v);
                    }
                });
            }
            all
        };
        let of = |f: fn(&whitespot_model::config::need::Robustness) -> &Vec<f64>| {
            config.map_or(&[][..], |c| f(c).as_slice())
        };
        Varied {
            thresholds: values(Vary::Thresholds, 1.0, of(|c| &c.threshold_factors), [0.5, 2.0]),
            reach: values(Vary::ReachM, 1.0, of(|c| &c.reach_factors), [0.5, 2.0]),
            margins_db: values(Vary::MobileMargin, 0.0, of(|c| &c.mobile_margin_db), [-8.0, 8.0]),
            unit_costs: values(Vary::UnitCosts, 1.0, of(|c| &c.unit_cost_factors), [0.75, 1.25]),
        }
    }

    /// The axes that vary, in the order of [`Combination`]'s numbers; the last varies fastest.
    pub(crate) fn axes(&self) -> Vec<VariedAxis> {
        let factors = |values: &[f64]| values.iter().map(|v| format!("× {v}")).collect::<Vec<_>>();
        let axis =
            |name: &str, alternatives: Vec<String>| VariedAxis { name: name.to_string(), alternatives };
        [
            axis("thresholds", factors(&self.thresholds)),
            axis("reach_m", factors(&self.reach)),
            axis("mobile_margin", self.margins_db.iter().map(|v| format!("{v:+} dB")).collect()),
            axis("unit_costs", factors(&self.unit_costs)),
        ]
        .into_iter()
        .filter(|axis| axis.alternatives.len() > 1)
        .collect()
    }

    /// Every combination, in the order of [`whitespot_need::robustness::combinations`] over [`Varied::axes`].
    pub(crate) fn combinations(&self) -> Vec<Combination> {
        let mut all = Vec::new();
        for threshold in 0..self.thresholds.len() {
            for reach in 0..self.reach.len() {
                for margin in 0..self.margins_db.len() {
                    for unit_cost in 0..self.unit_costs.len() {
                        all.push(Combination { threshold, reach, margin, unit_cost });
                    }
                }
            }
        }
        all
    }
}

/// One alternative of each axis, as indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Combination {
    /// Into [`Varied::thresholds`].
    pub(crate) threshold: usize,
    /// Into [`Varied::reach`].
    pub(crate) reach: usize,
    /// Into [`Varied::margins_db`].
    pub(crate) margin: usize,
    /// Into [`Varied::unit_costs`].
    pub(crate) unit_cost: usize,
}

/// Why varying something could change nothing; `None` where it can.
fn why_not(analysis: &Analysis, vary: Vary) -> Option<&'static str> {
    let services = || analysis.services.values();
    let changes_areas = analysis.areas.clusters.is_some() && !matches!(vary, Vary::UnitCosts);
    match vary {
        Vary::Normalise | Vary::Aggregate => None,
        _ if changes_areas => Some("areas are clusters, which would be others"),
        Vary::Thresholds if services().all(|s| s.min_download_mbps.or(s.min_upload_mbps).is_none()) => {
            Some("no service has `min_download_mbps` or `min_upload_mbps`")
        }
        Vary::ReachM if analysis.coverage.iter().all(|l| l.reach_m <= 0.0) => Some("no layer has `reach_m`"),
        Vary::MobileMargin if services().all(|s| s.min_level.is_none()) => Some("no service has `min_level`"),
        Vary::UnitCosts if analysis.cost.is_empty() => Some("there is no section `[cost.NAME]`"),
        _ => None,
    }
}

/// Says of assumptions that the analysis asks to vary and that cannot change anything.
pub(crate) fn without_effect(analysis: &Analysis) -> Vec<Finding> {
    let asked = analysis.robustness.iter().filter(|r| r.draws > 0).flat_map(|r| &r.vary);
    asked
        .filter_map(|vary| {
            let name = match vary {
                Vary::Normalise => "normalise",
                Vary::Aggregate => "aggregate",
                Vary::Thresholds => "thresholds",
                Vary::ReachM => "reach_m",
                Vary::MobileMargin => "mobile_margin",
                Vary::UnitCosts => "unit_costs",
            };
            let why = why_not(analysis, *vary)?;
            let message = format!("`robustness.vary` asks for {name}, which is not varied: {why}");
            Some(
                Finding::warning("not_varied", "", message)
                    .with_hint(format!("leave `{name}` out of `vary`")),
            )
        })
        .collect()
}

/// Name of a service under other limits; its own for the published ones.
pub(crate) fn variant_name(name: &str, varied: &Varied, threshold: usize, margin: usize) -> String {
    if (threshold, margin) == (0, 0) {
        return name.to_string();
    }
    format!("{name} (× {}, {:+} dB)", varied.thresholds[threshold], varied.margins_db[margin])
}

/// Adds a hidden variant of every service for every combination of speed limits and margins.
pub(crate) fn add_variants(
    configs: &mut IndexMap<String, ServiceConfig>,
    varied: &Varied,
    needs_distance: &dyn Fn(&str) -> bool,
) {
    let base = configs.clone();
    for threshold in 0..varied.thresholds.len() {
        for margin in 0..varied.margins_db.len() {
            if (threshold, margin) == (0, 0) {
                continue;
            }
            let named = |name: &String| match base.contains_key(name) {
                true => variant_name(name, varied, threshold, margin),
                false => name.clone(),
            };
            let all_named =
                |names: &Option<Vec<String>>| names.as_ref().map(|n| n.iter().map(named).collect());
            for (name, config) in &base {
                let factor = varied.thresholds[threshold];
                let variant = ServiceConfig {
                    min_download_mbps: config.min_download_mbps.map(|v| v * factor),
                    min_upload_mbps: config.min_upload_mbps.map(|v| v * factor),
                    min_level: config.min_level.map(|v| v + varied.margins_db[margin]),
                    any_of: all_named(&config.any_of),
                    all_of: all_named(&config.all_of),
                    distance: config.distance && needs_distance(name),
                    ..config.clone()
                };
                configs.insert(named(name), variant);
            }
        }
    }
}

/// Index of the service that stands for service `s` under other limits.
pub(crate) fn variant_of(inputs: &Inputs, varied: &Varied, c: Combination, s: usize) -> usize {
    let name = variant_name(&inputs.services.services[s].name, varied, c.threshold, c.margin);
    inputs.services.get(&name).map_or(s, |(variant, _)| variant)
}

/// The gaps of the areas as they would be under other limits: each service has the numbers of its variant.
pub(crate) fn rows_of(gaps: &GapTable, inputs: &Inputs, varied: &Varied, c: Combination) -> Vec<GapRow> {
    let variants: Vec<usize> =
        (0..inputs.services.services.len()).map(|s| variant_of(inputs, varied, c, s)).collect();
    gaps.areas
        .iter()
        .map(|row| GapRow {
            services: variants.iter().map(|&v| row.services[v].clone()).collect(),
            ..row.clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analysis(robustness: &str) -> Analysis {
        let text = format!(
            "schema = 1\ncrs = 'EPSG:3006'\n[settlements]\nfile = 'p.csv'\n[areas]\nfile = 'a.geojson'\n\
             [services]\nfast = {{ min_download_mbps = 100 }}\nboth = {{ any_of = ['fast', 'layer'] }}\n\
             [need]\nindicators = []\n[robustness]\n{robustness}"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn what_can_change_nothing_is_said_and_left_out() {
        let a = analysis("vary = ['thresholds', 'reach_m', 'mobile_margin', 'unit_costs', 'normalise']");
        let varied = Varied::of(&a);
        assert_eq!(varied.thresholds, [1.0, 0.5, 2.0]);
        assert_eq!((varied.reach.len(), varied.margins_db.len(), varied.unit_costs.len()), (1, 1, 1));
        assert_eq!(without_effect(&a).len(), 3);
        assert_eq!(varied.axes().len(), 1);
        assert_eq!(varied.combinations().len(), 3);
    }

    #[test]
    fn variants_of_a_combination_combine_variants() {
        let a = analysis("vary = ['thresholds']\nthreshold_factors = [0.3]");
        let varied = Varied::of(&a);
        let mut configs = a.services.clone();
        add_variants(&mut configs, &varied, &|_| false);
        assert_eq!(configs.len(), 4);
        let fast = variant_name("fast", &varied, 1, 0);
        assert_eq!(configs[&fast].min_download_mbps, Some(30.0));
        let both = &configs[&variant_name("both", &varied, 1, 0)];
        assert_eq!(both.any_of, Some(vec![fast, "layer".to_string()]));
    }

    #[test]
    fn no_robustness_varies_nothing() {
        let a = analysis("draws = 0\nvary = ['thresholds']");
        assert_eq!(Varied::of(&a).combinations().len(), 1);
        assert!(without_effect(&a).is_empty());
    }
}
