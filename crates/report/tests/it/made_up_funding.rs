//! Made-up scenarios, robustness and consultation on top of a made-up result.

use whitespot_model::{
    config::{funding::ScenarioConfig, need::WeightVariation},
    funding::{
        Allocation, Base, Candidate, Candidates, ComparedScenario, Comparison, ComparisonPair, Cost,
        CostToTarget, Curve, CurvePoint, Equity, Grant, Ineligible, Limit, LimitEffect, Marginal, Outcome,
        ParentBase, ParentOutcome, Proof, Reason, RuleName, ScenarioResult, Status, TargetOutcome,
    },
    need::{
        ActorOutcome, AreaRobustness, Compromise, Consultation, Firmness, FundingFrequency,
        FundingRobustness, PairwiseWinning, RankRobustness, RankSpan, SobolIndex, SobolOutcome, VariedAxis,
    },
    result::RunResult,
    table::{Table, Values},
};

fn int(table: &Table, column: &str, row: usize) -> u64 {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Int(v)) => v[row].unwrap_or(0) as u64,
        _ => 0,
    }
}

fn text(table: &Table, column: &str, row: usize) -> String {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Text(v)) => v[row].clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn base(table: &Table, row: usize) -> Base {
    Base {
        persons: int(table, "persons", row),
        reached_persons: int(table, "fixed_100_reached_persons", row),
        households: int(table, "households", row),
        reached_households: int(table, "households", row) - int(table, "fixed_100_gap_households", row),
    }
}

/// Adds two scenarios with a curve, their comparison, robustness and three actors.
pub(crate) fn add_funding(mut result: RunResult) -> RunResult {
    let candidates = candidates(&result);
    let budget = candidates.rows.iter().map(|c| c.grant_sek).sum::<i64>() * 2 / 5 / 1_000_000 * 1_000_000;
    let need = allocation(&candidates, budget, RuleName::Need);
    let cheap = allocation(&candidates, budget, RuleName::CostEffectiveness);
    let scenario = |name: &str, title: &str, allocation: &Allocation| ScenarioResult {
        name: name.into(),
        config: ScenarioConfig {
            name: name.into(),
            title: Some(whitespot_model::config::Title::One(title.into())),
            service: Some("fixed_100".into()),
            ..Default::default()
        },
        candidates: candidates.clone(),
        taken: Default::default(),
        curve: Some(curve(&candidates, allocation.rule)),
        cost_to_target: (name == "need").then_some(CostToTarget {
            target_share: 0.98,
            of_households: false,
            whole_sek: Some(812_000_000),
            every_parent_sek: None,
            is_least: true,
        }),
        allocation: allocation.clone(),
    };
    result.comparison = Some(comparison(&need, &cheap));
    result.robustness = Some(robustness(&need, &result));
    result.consultation = Some(consultation(&result));
    result.scenarios =
        vec![scenario("need", "Störst behov", &need), scenario("cheapest", "Billigast", &cheap)];
    result
}

fn candidates(result: &RunResult) -> Candidates {
    let ranking = result.ranking.as_ref().expect("the made-up result is ranked");
    let n = ranking.areas.len();
    let parents: Vec<ParentBase> = (0..result.parents.n_rows())
        .map(|p| ParentBase {
            code: text(&result.parents, "area_code", p),
            name: text(&result.parents, "area_name", p),
            base: base(&result.parents, p),
        })
        .collect();
    let rows = (0..n)
        .map(|i| {
            let households = int(&result.areas, "fixed_100_gap_households", i);
            let per_household = 25_000 + (ranking.areas[i].score.unwrap_or(0.0) * 90_000.0) as i64;
            let total_sek = households as i64 * per_household;
            let parent = text(&result.areas, "parent_code", i);
            Candidate {
                code: text(&result.areas, "area_code", i),
                name: text(&result.areas, "area_name", i),
                parent: parents.iter().position(|p| p.code == parent).map(|p| p as u32),
                persons: int(&result.areas, "fixed_100_gap_persons", i),
                households,
                settlements: households,
                total_persons: int(&result.areas, "persons", i),
                total_households: int(&result.areas, "households", i),
                cost: Cost {
                    total_sek,
                    households_sek: total_sek,
                    tier: Some(0),
                    placeholder: true,
                    ..Default::default()
                },
                grant_sek: total_sek * 7 / 10,
                score: ranking.areas[i].score,
                rank: ranking.areas[i].rank,
                ineligible: (i == n - 1).then(|| "too few households".to_string()),
                ..Default::default()
            }
        })
        .collect();
    Candidates { rows, parents, total: base(&result.totals, 0) }
}

/// Greedy: in the order of need or of cost, whole households until the money ends.
fn allocation(candidates: &Candidates, budget: i64, rule: RuleName) -> Allocation {
    let key = |c: &Candidate| match rule {
        RuleName::Need => c.score.unwrap_or(0.0),
        _ => c.grant_sek as f64 / c.households.max(1) as f64,
    };
    let mut order: Vec<&Candidate> = candidates.rows.iter().filter(|c| c.ineligible.is_none()).collect();
    order.sort_by(|a, b| match rule {
        RuleName::Need => key(b).total_cmp(&key(a)),
        _ => key(a).total_cmp(&key(b)),
    });
    let mut left = budget;
    let mut is_over = false;
    let mut grants = Vec::new();
    for (i, c) in order.into_iter().enumerate() {
        let price = c.grant_sek / c.households.max(1) as i64;
        let n = if is_over || price == 0 { 0 } else { c.households.min((left / price) as u64) };
        is_over |= n < c.households;
        left -= n as i64 * price;
        let status = match n {
            0 => Status::Rejected,
            n if n < c.households => Status::Partial,
            _ => Status::Funded,
        };
        grants.push(Grant {
            order: i as u32 + 1,
            code: c.code.clone(),
            name: c.name.clone(),
            parent_code: c.parent.map(|p| candidates.parents[p as usize].code.clone()),
            key: Some(key(c)),
            score: c.score,
            rank: c.rank,
            gap_persons: c.persons,
            gap_households: c.households,
            cost_sek: c.cost.total_sek,
            asked_sek: c.grant_sek,
            grant_sek: n as i64 * price,
            connections: c.households,
            funded_connections: n,
            persons: c.persons * n / c.households.max(1),
            households: n,
            status,
            reason: if status == Status::Rejected { Reason::Money } else { Reason::Order },
            ..Default::default()
        });
    }
    let funded = || grants.iter().filter(|g| g.status != Status::Rejected);
    let cut_line = funded().map(|g| g.order).max();
    let first_rejected = grants.iter().find(|g| g.status == Status::Rejected).map(|g| g.code.clone());
    let outcome = outcome(candidates, &grants, budget - left);
    Allocation {
        scenario: if rule == RuleName::Need { "need".into() } else { "cheapest".into() },
        rule,
        budget_sek: budget,
        spent_sek: budget - left,
        leftover_sek: left,
        cut_line,
        first_rejected,
        ineligible: candidates
            .rows
            .iter()
            .filter_map(|c| Some(Ineligible { code: c.code.clone(), reason: c.ineligible.clone()? }))
            .collect(),
        limits: vec![LimitEffect {
            limit: Limit::Cap { parent: "inland".into(), sek: 36_000_000 },
            costs_persons: 212,
            costs_households: 106,
        }],
        marginal: Some(Marginal { extra_sek: 1_000_000, persons: 31, households: 15, spent_sek: 990_000 }),
        proof: (rule != RuleName::Need).then(|| Proof {
            solver: "microlp".into(),
            gap: 0.0004,
            ..Default::default()
        }),
        outcome,
        grants,
        ..Default::default()
    }
}

fn outcome(candidates: &Candidates, grants: &[Grant], spent: i64) -> Outcome {
    let persons: u64 = grants.iter().map(|g| g.persons).sum();
    let households: u64 = grants.iter().map(|g| g.households).sum();
    let before = candidates.total;
    let after = Base {
        reached_persons: before.reached_persons + persons,
        reached_households: before.reached_households + households,
        ..before
    };
    let parents: Vec<ParentOutcome> = candidates
        .parents
        .iter()
        .map(|p| {
            let mine = || grants.iter().filter(|g| g.parent_code.as_deref() == Some(&p.code));
            let gained: u64 = mine().map(|g| g.persons).sum();
            ParentOutcome {
                code: p.code.clone(),
                name: p.name.clone(),
                spent_sek: mine().map(|g| g.grant_sek).sum(),
                persons: gained,
                before_share: p.base.reached_share(),
                after_share: Base { reached_persons: p.base.reached_persons + gained, ..p.base }
                    .reached_share(),
                ..Default::default()
            }
        })
        .collect();
    let equity = |gini: f64, shares: &mut dyn Iterator<Item = f64>| Equity {
        gini: Some(gini),
        worst_share: shares.fold(1.0, f64::min),
        worst_code: "inland".into(),
        atkinson_epsilon: 0.5,
        ..Default::default()
    };
    Outcome {
        persons,
        households,
        n_funded: grants.iter().filter(|g| g.status != Status::Rejected).count() as u32,
        spent_sek: spent,
        sek_per_household: (households > 0).then(|| spent as f64 / households as f64),
        equity_before: Some(equity(0.143, &mut parents.iter().filter_map(|p| p.before_share))),
        equity_after: Some(equity(0.061, &mut parents.iter().filter_map(|p| p.after_share))),
        neediest_fifth_share: Some(0.412),
        target: Some(TargetOutcome {
            target_share: 0.98,
            shortfall_before: 24_413,
            shortfall_after: 24_413_u64.saturating_sub(persons),
            ..Default::default()
        }),
        before,
        after,
        parents,
        ..Default::default()
    }
}

fn curve(candidates: &Candidates, rule: RuleName) -> Curve {
    let all: i64 = candidates.rows.iter().map(|c| c.grant_sek).sum();
    let points = (0..=100)
        .map(|k| {
            let a = allocation(candidates, all * k / 100 / 1000 * 1000, rule);
            CurvePoint {
                budget_sek: a.budget_sek,
                spent_sek: a.spent_sek,
                persons: a.outcome.persons,
                households: a.outcome.households,
                n_funded: a.outcome.n_funded,
                after_share: a.outcome.after.reached_share(),
                gini: Some(0.143 * (1.0 - k as f64 / 130.0)),
                worst_share: a.outcome.equity_after.map(|e| e.worst_share),
                ..Default::default()
            }
        })
        .collect();
    Curve { points, is_monotone: rule == RuleName::Need, codes: Vec::new() }
}

fn comparison(a: &Allocation, b: &Allocation) -> Comparison {
    let funded = |x: &Allocation, y: &Allocation| -> Vec<String> {
        let has = |z: &Allocation, code: &str| {
            z.grants.iter().any(|g| g.code == code && g.status != Status::Rejected)
        };
        let mut codes: Vec<String> =
            x.grants.iter().map(|g| g.code.clone()).filter(|c| has(x, c) && !has(y, c)).collect();
        codes.sort();
        codes
    };
    let compared = |a: &Allocation| ComparedScenario {
        name: a.scenario.clone(),
        rule: Some(a.rule),
        budget_sek: a.budget_sek,
        leftover_sek: a.leftover_sek,
        outcome: a.outcome.clone(),
    };
    Comparison {
        scenarios: vec![ComparedScenario::default(), compared(a), compared(b)],
        rows: Vec::new(),
        pairs: vec![ComparisonPair {
            a: a.scenario.clone(),
            b: b.scenario.clone(),
            enter: funded(b, a),
            leave: funded(a, b),
            kendall_tau_b: Some(-0.31),
            persons: b.outcome.persons as i64 - a.outcome.persons as i64,
            households: b.outcome.households as i64 - a.outcome.households as i64,
            spent_sek: b.spent_sek - a.spent_sek,
        }],
    }
}

fn robustness(need: &Allocation, result: &RunResult) -> RankRobustness {
    let ranking = result.ranking.as_ref().expect("the made-up result is ranked");
    let n = ranking.order.len() as u32;
    let areas: Vec<AreaRobustness> = ranking
        .order
        .iter()
        .enumerate()
        .map(|(k, &i)| {
            let rank = k as u32 + 1;
            let wide = 1 + (k as u32 * 7) % 4;
            AreaRobustness {
                code: ranking.areas[i as usize].code.clone(),
                rank,
                rank_p05: rank.saturating_sub(wide).max(1),
                rank_p50: rank,
                rank_p95: (rank + wide - 1).min(n),
                mean_rank: f64::from(rank),
                mean_rank_error: 0.01,
                acceptability: Vec::new(),
                first: 0,
                central_weights: None,
            }
        })
        .collect();
    let cut = need.cut_line.unwrap_or(0);
    let frequencies: Vec<FundingFrequency> = areas
        .iter()
        .map(|a| {
            let is_funded = a.rank <= cut;
            let frequency = match (is_funded, a.rank.abs_diff(cut)) {
                (true, 0..=1) => 0.62,
                (true, _) => 0.98,
                (false, 0..=1) => 0.31,
                (false, _) => 0.01,
            };
            FundingFrequency {
                code: a.code.clone(),
                is_funded,
                draws_funded: (frequency * 10_000.0) as u32,
                frequency,
                error: 0.004,
                firmness: match frequency {
                    f if f >= 0.9 => Firmness::Firm,
                    f if !is_funded && f <= 0.1 => Firmness::NotFunded,
                    _ => Firmness::Sensitive,
                },
            }
        })
        .collect();
    let index = |factor: &str, first: f64, total: f64| SobolIndex {
        factor: factor.into(),
        first: Some(first),
        first_interval: None,
        total: Some(total),
        total_interval: None,
    };
    RankRobustness {
        draws: 10_000,
        seed: 20_260_101,
        weights: WeightVariation::Dirichlet(20.0),
        axes: vec![VariedAxis {
            name: "normalise".into(),
            alternatives: vec!["min_max".into(), "percentile".into()],
        }],
        ranks_per_band: 1,
        mean_rank_shift: 1.34,
        pairwise: PairwiseWinning::default(),
        funding: vec![FundingRobustness {
            scenario: "need".into(),
            n_funded: cut,
            n_firm: frequencies.iter().filter(|f| f.firmness == Firmness::Firm).count() as u32,
            mean_changed_share: 0.08,
            areas: frequencies,
        }],
        areas,
        sobol: vec![SobolOutcome {
            outcome: "mean_rank_shift".into(),
            mean: 1.34,
            variance: 0.4,
            evaluations: 4096,
            factors: vec![
                index("weight density", 0.18, 0.29),
                index("weight fixed_gap_share", 0.41, 0.55),
                index("normalise", -0.003, 0.27),
            ],
        }],
        correlations: Vec::new(),
        leave_one_out: Vec::new(),
        findings: Vec::new(),
    }
}

fn consultation(result: &RunResult) -> Consultation {
    let ranking = result.ranking.as_ref().expect("the made-up result is ranked");
    let codes: Vec<String> = ranking.areas.iter().map(|a| a.code.clone()).collect();
    let ranks: Vec<u32> = ranking.areas.iter().map(|a| a.rank.unwrap_or(0)).collect();
    let actor = |name: &str, turn: u32| ActorOutcome {
        name: name.into(),
        weights: vec![0.7, 0.3],
        ranks: ranks.iter().map(|r| (r + turn - 1) % ranks.len() as u32 + 1).collect(),
        kendall_w_without: Some(0.8),
        distance_to_borda: 0.1,
        distance_to_kemeny: 0.1,
        funded: Vec::new(),
    };
    let order: Vec<String> = ranking.order.iter().map(|&i| codes[i as usize].clone()).collect();
    let compromise =
        || Compromise { order: order.clone(), disagreements: 12, lower_bound: 12, is_proven_closest: true };
    Consultation {
        actors: vec![actor("Kommunerna", 0), actor("Regionen", 1), actor("Byarna", 2)],
        kendall_w: Some(0.83),
        widest: vec![RankSpan {
            code: codes[0].clone(),
            best_rank: 3,
            best_by: "Kommunerna".into(),
            worst_rank: 9,
            worst_by: "Byarna".into(),
        }],
        n_first: 3,
        first_for_all: order.iter().take(1).cloned().collect(),
        borda: compromise(),
        kemeny: compromise(),
        not_compared: Vec::new(),
        pair_tau: Vec::new(),
        funded_by_all: Vec::new(),
        findings: Vec::new(),
        codes,
    }
}
