//! How sure ranking and funding are, and what several actors' weightings make of them.
//!
//! The draws are those of `whitespot_need`; here the other assumptions become tables of indicators, and scenarios
//! become rules that say whom a drawn ranking funds.

use crate::{
    allocate::{Prepared, area_costs_by},
    clusters::lay_ground,
    failure::Failure,
    indicators::{Units, indicator_table},
    inputs::Inputs,
    join::{self, Joined},
    messages::{Messages, thousands},
    results::Staging,
    score::{Scored, area_units, as_finding},
    vary::{self, Combination, Varied},
};
use std::{collections::BTreeMap, path::Path};
use whitespot_funding::cost::{self, scaled};
use whitespot_model::{
    config::{Analysis, need::NeedConfig},
    finding::Finding,
    gap::GapTable,
    measures::SettlementFacts,
    need::{Consultation, RankRobustness},
    table::Table,
};
use whitespot_need::{
    Aggregation, Alternatives, DrawnRanking, FundingRule, IndicatorTable, Weights, actor_problems, consult,
    robustness, robustness_problems,
};

/// What the draws and the actors say.
#[derive(Default)]
pub(crate) struct Certainty {
    /// How sure the ranking of the areas is.
    pub(crate) robustness: Option<RankRobustness>,
    /// By service: how sure the ranking of its clusters is.
    pub(crate) clusters: BTreeMap<usize, RankRobustness>,
    /// The actors' weightings side by side.
    pub(crate) consultation: Option<Consultation>,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// The run as it is known so far.
pub(crate) struct Known<'a> {
    /// The analysis.
    pub(crate) analysis: &'a Analysis,
    /// Folder of the analysis file.
    pub(crate) base: &'a Path,
    /// Gaps of the areas.
    pub(crate) gaps: &'a GapTable,
    /// The joined settlements.
    pub(crate) joined: &'a Joined,
    /// The published ranking.
    pub(crate) scored: &'a Scored,
    /// The scenarios.
    pub(crate) scenarios: &'a [Prepared],
    /// The published table of the areas.
    pub(crate) area_table: &'a Table,
    /// Settlements joined at a time.
    pub(crate) batch_rows: usize,
}

/// Problems of `[robustness]`, `[[actor]]` and `[cost.NAME]` that can be told before anything is computed.
pub(crate) fn problems(analysis: &Analysis, facts: &SettlementFacts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = analysis.robustness.iter().flat_map(robustness_problems).collect();
    if let Some(need) = &analysis.need {
        findings.extend(actor_problems(&analysis.actor, need));
    }
    findings.extend(vary::without_effect(analysis));
    for (name, model) in &analysis.cost {
        let wrong = cost::problems(model).into_iter();
        findings.extend(wrong.map(|p| Finding::error("bad_cost", "", format!("`[cost.{name}]`: {p}"))));
        let classes = facts.classes.iter().map(String::as_str);
        let free = cost::without_price(model.base_per_household.as_ref(), classes);
        if !free.is_empty() {
            let message =
                format!("`[cost.{name}]`: households of class {} would cost nothing", free.join(", "));
            let hint = "add a price for the class, or one for `default`";
            findings.push(Finding::warning("no_price", "", message).with_hint(hint));
        }
    }
    findings
}

/// Draws the assumptions, and asks the actors.
///
/// Reach distances are varied by joining again, with the layers of `inputs` changed meanwhile.
///
/// # Errors
/// Findings: what the need model refuses.
pub(crate) fn how_sure(
    known: &Known<'_>,
    inputs: &mut Inputs,
    messages: &Messages,
) -> Result<Certainty, Failure> {
    let (analysis, scored) = (known.analysis, known.scored);
    let (Some(need), Some(table)) = (&analysis.need, &scored.indicators) else {
        return Ok(Certainty::default());
    };
    let mut certainty = Certainty::default();
    let weights = Weights::of(table).map_err(as_finding)?;
    let aggregation = Aggregation::of(need);
    let config = analysis.robustness.as_ref().filter(|r| r.draws > 0);
    let varied = Varied::of(analysis);
    let (alternatives, others) = alternatives(known, need, inputs, &varied, messages)?;
    let over_areas: Vec<usize> =
        (0..known.scenarios.len()).filter(|&k| known.scenarios[k].clusters_of().is_none()).collect();
    let areas: Vec<Funder<'_>> = over_areas
        .iter()
        .map(|&k| Funder { published: &known.scenarios[k], others: others.get(k).map_or(&[], Vec::as_slice) })
        .collect();
    let sizes: Vec<usize> = alternatives.axes.iter().map(|axis| axis.alternatives.len()).collect();
    if let Some(config) = config {
        let how_sure = with_rules(&areas, &sizes, |rules| {
            robustness(table, &weights, aggregation, config, &alternatives, rules).map_err(as_finding)
        })?;
        messages.stage("Robustness", &format!("{} weight draws", thousands(u64::from(config.draws))));
        certainty.findings.extend(how_sure.findings.iter().cloned());
        certainty.robustness = Some(how_sure);
        for (s, clusters) in &scored.clusters {
            let table = &clusters.indicators;
            let of_service: Vec<Funder<'_>> = known
                .scenarios
                .iter()
                .filter(|p| p.clusters_of() == Some(*s))
                .map(|published| Funder { published, others: &[] })
                .collect();
            let weights = Weights::of(table).map_err(as_finding)?;
            let none = Alternatives::default();
            let how_sure = with_rules(&of_service, &[], |rules| {
                robustness(table, &weights, aggregation, config, &none, rules).map_err(as_finding)
            })?;
            certainty.clusters.insert(*s, how_sure);
        }
    }
    if !analysis.actor.is_empty() {
        let side_by_side = with_rules(&areas, &sizes, |rules| {
            consult(table, &analysis.actor, aggregation, rules).map_err(as_finding)
        })?;
        certainty.consultation = Some(side_by_side);
    }
    Ok(certainty)
}

/// The candidates of each scenario under each combination of assumptions.
type ByCombination = Vec<Vec<Option<Prepared>>>;

/// Tables of indicators, and candidates by scenario, under every combination of the varied assumptions.
fn alternatives(
    known: &Known<'_>,
    need: &NeedConfig,
    inputs: &mut Inputs,
    varied: &Varied,
    messages: &Messages,
) -> Result<(Alternatives, ByCombination), Failure> {
    let axes = varied.axes();
    if axes.is_empty() {
        return Ok((Alternatives::default(), Vec::new()));
    }
    let combinations = varied.combinations();
    let mut tables: Vec<Option<IndicatorTable>> = vec![None; combinations.len()];
    let mut others: ByCombination =
        known.scenarios.iter().map(|_| combinations.iter().map(|_| None).collect()).collect();
    for (r, factor) in varied.reach.iter().enumerate() {
        let again = if r == 0 { None } else { Some(join_again(known, inputs, *factor, messages)?) };
        let (gaps, joined) =
            again.as_ref().map_or((known.gaps, known.joined), |(gaps, joined)| (gaps, joined));
        for (k, &c) in combinations.iter().enumerate().filter(|(_, c)| c.reach == r) {
            let table = table_of(known, need, inputs, varied, c, gaps, joined)?;
            tables[k] = Some(table);
            for (scenario, by_combination) in known.scenarios.iter().zip(&mut others) {
                by_combination[k] = scenario_under(known, scenario, inputs, varied, c, joined);
            }
        }
    }
    Ok((Alternatives { axes, tables: tables.into_iter().flatten().collect() }, others))
}

/// Joins all settlements again with every reach distance times a factor.
fn join_again(
    known: &Known<'_>,
    inputs: &mut Inputs,
    factor: f64,
    messages: &Messages,
) -> Result<(GapTable, Joined), Failure> {
    let published: Vec<f64> = inputs.layers.iter().map(|l| l.reach_m).collect();
    inputs.layers.iter_mut().for_each(|l| l.reach_m *= factor);
    messages.stage("Varying", &format!("reach × {factor}"));
    let result = (|| {
        let nowhere = Staging::nowhere();
        let mut joined =
            join::join_settlements(known.analysis, known.base, inputs, known.batch_rows, &nowhere, messages)?;
        joined.ground = lay_ground(known.analysis, known.base, inputs, &mut joined, messages)?;
        let mut gaps = GapTable::from_tally(
            &joined.tally,
            &inputs.areas,
            &inputs.services,
            joined.facts.classes.len(),
            joined.facts.extra.len(),
        );
        joined.add_distances(&mut gaps, inputs);
        Ok((gaps, joined))
    })();
    for (layer, reach_m) in inputs.layers.iter_mut().zip(published) {
        layer.reach_m = reach_m;
    }
    result
}

fn table_of(
    known: &Known<'_>,
    need: &NeedConfig,
    inputs: &Inputs,
    varied: &Varied,
    c: Combination,
    gaps: &GapTable,
    joined: &Joined,
) -> Result<IndicatorTable, Failure> {
    let rows = vary::rows_of(gaps, inputs, varied, c);
    let analysis = scaled_costs(known.analysis, varied.unit_costs[c.unit_cost]);
    let costs_sek =
        area_costs_by(&analysis, inputs, &rows, joined, &|s| vary::variant_of(inputs, varied, c, s));
    let table_rows = area_units(known.analysis, inputs, gaps, joined).table_rows;
    let units = Units { areas: &inputs.areas, rows: &rows, costs_sek, table_rows };
    let table = indicator_table(&analysis, need, inputs, joined, &known.scored.tables, &units)
        .map_err(Failure::Findings)?;
    // Ties break as in the published ranking.
    let gap_persons =
        known.scored.indicators.as_ref().map_or(table.gap_persons.clone(), |t| t.gap_persons.clone());
    Ok(IndicatorTable { gap_persons, ..table })
}

/// The analysis with every unit price times a factor.
fn scaled_costs(analysis: &Analysis, factor: f64) -> Analysis {
    let cost = analysis.cost.iter().map(|(name, model)| (name.clone(), scaled(model, factor))).collect();
    Analysis { cost, ..analysis.clone() }
}

/// A scenario over areas under other assumptions; `None` where it stays as published.
fn scenario_under(
    known: &Known<'_>,
    scenario: &Prepared,
    inputs: &Inputs,
    varied: &Varied,
    c: Combination,
    joined: &Joined,
) -> Option<Prepared> {
    let is_published = (c.threshold, c.reach, c.margin, c.unit_cost) == (0, 0, 0, 0);
    if is_published || scenario.clusters_of().is_some() {
        return None;
    }
    let analysis = scaled_costs(known.analysis, varied.unit_costs[c.unit_cost]);
    let variant = |s: usize| vary::variant_of(inputs, varied, c, s);
    scenario.again(&analysis, inputs, joined, known.scored, known.area_table, &variant)
}

/// A scenario as it is published, and by combination of other assumptions where they change it.
struct Funder<'a> {
    published: &'a Prepared,
    others: &'a [Option<Prepared>],
}

/// Tells whom a drawn ranking funds.
type Fund<'a> = Box<dyn Fn(&DrawnRanking<'_>) -> Vec<u32> + Sync + 'a>;

/// Calls with the scenarios as the need model takes them; `sizes` are the numbers of alternatives of the axes that the
/// combinations are of. Scenarios that cannot be allocated are left out: allocating them says so.
fn with_rules<T>(funders: &[Funder<'_>], sizes: &[usize], call: impl FnOnce(&[FundingRule<'_>]) -> T) -> T {
    fn boxed(prepared: &Prepared) -> Option<Fund<'_>> {
        prepared.redraw().map(|fund| Box::new(fund) as Fund<'_>)
    }
    let named: Vec<(&str, Fund<'_>)> = funders
        .iter()
        .filter_map(|funder| {
            let published = boxed(funder.published)?;
            let others: Vec<Option<Fund<'_>>> =
                funder.others.iter().map(|other| other.as_ref().and_then(boxed)).collect();
            let fund = move |drawn: &DrawnRanking<'_>| {
                let at = drawn.choices.iter().zip(sizes).fold(0, |at, (choice, n)| at * n + choice);
                others.get(at).and_then(Option::as_ref).unwrap_or(&published)(drawn)
            };
            Some((funder.published.name(), Box::new(fund) as Fund<'_>))
        })
        .collect();
    let rules: Vec<FundingRule<'_>> =
        named.iter().map(|(name, fund)| FundingRule { scenario: name, fund: &**fund }).collect();
    call(&rules)
}
