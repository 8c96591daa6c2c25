//! The analysis file's `[need]` as indicator specifications.

use crate::{NeedError, derive};
use whitespot_model::{
    config::need::{IndicatorConfig, NeedConfig, NormaliseKind},
    finding::Finding,
    need::Normalise,
};

use crate::IndicatorSpec;

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
    if !config.weight.is_finite() || config.weight < 0.0 {
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
    fn weights_all_0_and_no_indicators_are_errors() {
        let zero = IndicatorConfig { weight: 0.0, ..gap_share() };
        assert!(indicator_specs(&config(vec![zero])).unwrap_err()[0].message.contains("all weights are 0"));
        assert!(indicator_specs(&config(vec![])).unwrap_err()[0].message.contains("no indicators"));
    }
}
