//! The analysis file's `[need]`, `[robustness]` and `[[actor]]`: defaults filled in, problems told all at once.

use crate::{IndicatorSpec, NeedError, derive, weights::LARGEST};
use whitespot_model::{
    config::need::{Actor, IndicatorConfig, NeedConfig, NormaliseKind, Robustness, WeightVariation},
    finding::Finding,
    need::Normalise,
};

/// The indicators of an analysis file, in its order, with their defaults filled in.
///
/// # Errors
/// Every problem at once, as findings with a hint: no indicators, a name given twice, neither or both of
/// `derive` and `file`, a table without `columns`, a weight below 0, all weights 0, bounds, goalposts or bins
/// that cannot be used or that belong to another way of normalising.
pub fn indicator_specs(config: &NeedConfig) -> Result<Vec<IndicatorSpec>, Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut specs = Vec::with_capacity(config.indicators.len());
    for (i, indicator) in config.indicators.iter().enumerate() {
        if config.indicators[..i].iter().any(|other| other.id == indicator.id) {
            findings.push(finding(&NeedError::DuplicateIndicator { id: indicator.id.clone() }));
        }
        findings.extend(problems(indicator, config.normalise));
        match spec(indicator, config.normalise) {
            Ok(spec) => specs.push(spec),
            Err(error) => findings.push(finding(&error)),
        }
    }
    if config.indicators.is_empty() {
        findings.push(finding(&NeedError::NoIndicators));
    } else if config.indicators.iter().all(|i| i.weight == 0.0) {
        findings.push(finding(&NeedError::WeightsAllZero { of: String::new() }));
    }
    if let Err(error) = crate::Aggregation::of(config).check() {
        findings.push(finding(&error));
    }
    if findings.is_empty() { Ok(specs) } else { Err(findings) }
}

/// What is wrong with `[robustness]`: a weight variation that cannot be drawn, alternative normalisations that need
/// parameters, factors that are not above 0, signal margins that are not numbers. Empty where all is well.
pub fn robustness_problems(config: &Robustness) -> Vec<Finding> {
    let mut problems: Vec<String> = Vec::new();
    match config.weights {
        WeightVariation::Dirichlet(c) if !(c.is_finite() && c > 0.0) => {
            problems.push(format!("`weights = {{ dirichlet = {c} }}`: give a number above 0, such as 20"));
        }
        WeightVariation::Spread(s) if !(0.0..=1.0).contains(&s) => {
            problems.push(format!("`weights = {{ spread = {s} }}`: give a share from 0 to 1, such as 0.25"));
        }
        _ => {}
    }
    let needs_parameters = |kind: &NormaliseKind| {
        matches!(kind, NormaliseKind::Linear | NormaliseKind::Bins | NormaliseKind::None)
    };
    if config.normalise.iter().any(needs_parameters) {
        problems.push(
            "`normalise` takes `min_max`, `percentile` and `z_score`: the others need parameters".to_string(),
        );
    }
    for (key, factors) in [
        ("threshold_factors", &config.threshold_factors),
        ("reach_factors", &config.reach_factors),
        ("unit_cost_factors", &config.unit_cost_factors),
    ] {
        if let Some(factor) = factors.iter().find(|f| !(f.is_finite() && **f > 0.0)) {
            problems.push(format!("`{key}` holds {factor}: factors are numbers above 0"));
        }
    }
    if let Some(margin) = config.mobile_margin_db.iter().find(|m| !m.is_finite()) {
        problems.push(format!("`mobile_margin_db` holds {margin}: margins are numbers of dB"));
    }
    problems.into_iter().map(|p| Finding::error("robustness", "", format!("`[robustness]`: {p}"))).collect()
}

/// What is wrong with the `[[actor]]` weightings: names given twice, indicators that do not exist, weights below 0 or
/// all 0. Empty where all is well.
pub fn actor_problems(actors: &[Actor], config: &NeedConfig) -> Vec<Finding> {
    let known: Vec<&str> = config.indicators.iter().map(|i| i.id.as_str()).collect();
    let mut errors: Vec<NeedError> = Vec::new();
    for (i, actor) in actors.iter().enumerate() {
        if actors[..i].iter().any(|other| other.name == actor.name) {
            errors.push(NeedError::DuplicateActor { name: actor.name.clone() });
        }
        for (id, weight) in &actor.weights {
            if !known.contains(&id.as_str()) {
                let (actor, known) = (actor.name.clone(), known.join(", "));
                errors.push(NeedError::UnknownIndicator { actor, id: id.clone(), known });
            } else if !(0.0..=LARGEST).contains(weight) {
                errors.push(NeedError::BadWeight { id: id.clone(), value: *weight });
            }
        }
        if actor.weights.values().all(|weight| *weight == 0.0) {
            errors.push(NeedError::WeightsAllZero { of: format!(" of actor `{}`", actor.name) });
        }
    }
    errors.iter().map(finding).collect()
}

/// The specification of one indicator.
fn spec(config: &IndicatorConfig, default: NormaliseKind) -> Result<IndicatorSpec, NeedError> {
    let missing = |normalise, key| NeedError::MissingParameter { id: config.id.clone(), normalise, key };
    let normalise = match config.normalise.unwrap_or(default) {
        NormaliseKind::MinMax => Normalise::MinMax { bounds: config.bounds },
        NormaliseKind::Percentile => Normalise::Percentile,
        NormaliseKind::ZScore => Normalise::ZScore,
        NormaliseKind::Linear => {
            Normalise::Linear { goalposts: config.goalposts.ok_or_else(|| missing("linear", "goalposts"))? }
        }
        NormaliseKind::Bins => Normalise::Bins { bins: config.bins.clone() },
        NormaliseKind::None => Normalise::None,
    };
    crate::normalise::check(&config.id, &normalise)?;
    if !(0.0..=LARGEST).contains(&config.weight) {
        return Err(NeedError::BadWeight { id: config.id.clone(), value: config.weight });
    }
    let derived = config.derive.as_ref();
    Ok(IndicatorSpec {
        id: config.id.clone(),
        unit: config
            .unit
            .clone()
            .or_else(|| derived.map(|d| derive::unit(d).to_string()))
            .unwrap_or_default(),
        direction: config.direction.or_else(|| derived.map(derive::direction)).unwrap_or_default(),
        normalise,
        weight: config.weight,
    })
}

/// What cannot be meant, beyond what the specification itself refuses.
fn problems(config: &IndicatorConfig, default: NormaliseKind) -> Vec<Finding> {
    let id = &config.id;
    let mut findings = Vec::new();
    let mut problem = |message: String, hint: &str| {
        findings.push(Finding::error("indicator", "", message).with_hint(hint));
    };
    if id.is_empty() {
        problem("an indicator has no `id`".to_string(), "give it a name in snake_case");
    }
    match (&config.derive, &config.file) {
        (None, None) => problem(
            format!("indicator `{id}` has neither `derive` nor `file`"),
            "add `derive = { gap_share = \"…\" }`, or `file = \"…\"` with `columns = { code = \"…\", value = \"…\" }`",
        ),
        (Some(_), Some(_)) => {
            problem(format!("indicator `{id}` has both `derive` and `file`"), "keep one of them");
        }
        (None, Some(_)) if config.columns.is_none() && config.schema.is_none() => problem(
            format!("indicator `{id}` does not say which columns of its file to read"),
            "add `columns = { code = \"…\", value = \"…\" }`",
        ),
        (Some(_), None) if config.columns.is_some() => {
            problem(
                format!("indicator `{id}` has `columns` but no `file`"),
                "add `file`, or remove `columns`",
            );
        }
        _ => {}
    }
    let kind = config.normalise.unwrap_or(default);
    let misplaced = [
        ("bounds", config.bounds.is_some() && kind != NormaliseKind::MinMax, "min_max"),
        ("goalposts", config.goalposts.is_some() && kind != NormaliseKind::Linear, "linear"),
        ("bins", !config.bins.is_empty() && kind != NormaliseKind::Bins, "bins"),
    ];
    for (key, is_misplaced, wanted) in misplaced {
        if is_misplaced {
            problem(
                format!("indicator `{id}` has `{key}`, which belongs to another way of normalising"),
                &format!("set `normalise = \"{wanted}\"` on it, or remove `{key}`"),
            );
        }
    }
    findings
}

/// An error as a finding about the analysis as a whole.
fn finding(error: &NeedError) -> Finding {
    Finding::error("need", "", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::config::need::{Derive, Direction};

    fn gap_share() -> IndicatorConfig {
        IndicatorConfig {
            id: "fibre_gap_share".to_string(),
            derive: Some(Derive::GapShare("fibre".to_string())),
            weight: 1.0,
            ..IndicatorConfig::default()
        }
    }

    fn config(indicators: Vec<IndicatorConfig>) -> NeedConfig {
        NeedConfig { indicators, ..NeedConfig::default() }
    }

    #[test]
    fn unit_and_direction_of_a_derived_indicator_need_not_be_told() {
        let reached = IndicatorConfig {
            id: "reached".to_string(),
            derive: Some(Derive::ReachedShare("fibre".to_string())),
            ..gap_share()
        };
        let specs = indicator_specs(&config(vec![gap_share(), reached])).unwrap();
        assert_eq!((specs[0].unit.as_str(), specs[0].direction), ("share", Direction::HigherIsMoreNeed));
        assert_eq!(specs[1].direction, Direction::LowerIsMoreNeed);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let neither = IndicatorConfig { derive: None, ..gap_share() };
        let linear = IndicatorConfig {
            id: "x".to_string(),
            normalise: Some(NormaliseKind::Linear),
            bounds: Some([0.0, 1.0]),
            weight: -1.0,
            ..gap_share()
        };
        let findings = indicator_specs(&config(vec![gap_share(), neither, linear])).unwrap_err();
        let text: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(text.len(), 4, "{text:#?}");
        assert!(text[0].contains("given twice"));
        assert!(text[1].contains("neither `derive` nor `file`"));
        assert!(text[2].contains("`bounds`"));
        assert!(text[3].contains("needs `goalposts`"));
    }

    #[test]
    fn robustness_and_actors_are_checked_before_anything_is_computed() {
        let bad = Robustness {
            weights: WeightVariation::Spread(2.0),
            reach_factors: vec![1.0, 0.0],
            normalise: vec![NormaliseKind::Linear],
            ..Robustness::default()
        };
        assert_eq!(robustness_problems(&bad).len(), 3);
        assert!(robustness_problems(&Robustness::default()).is_empty());
        let actor = |name: &str, id: &str, weight: f64| Actor {
            name: name.to_string(),
            weights: [(id.to_string(), weight)].into_iter().collect(),
        };
        let actors = [
            actor("x", "fibre_gap_share", 1.0),
            actor("x", "fiber", 1.0),
            actor("y", "fibre_gap_share", 0.0),
        ];
        let findings = actor_problems(&actors, &config(vec![gap_share()]));
        assert_eq!(findings.len(), 3, "{findings:#?}");
        assert!(actor_problems(&actors[..1], &config(vec![gap_share()])).is_empty());
    }

    #[test]
    fn weights_all_0_and_no_indicators_are_errors() {
        let zero = IndicatorConfig { weight: 0.0, ..gap_share() };
        assert!(indicator_specs(&config(vec![zero])).unwrap_err()[0].message.contains("all weights are 0"));
        assert!(indicator_specs(&config(vec![])).unwrap_err()[0].message.contains("no indicators"));
    }
}
