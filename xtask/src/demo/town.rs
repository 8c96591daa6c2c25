//! Towns and villages: blocks along a turned street grid, denser towards the middle.

use super::dice::Dice;
use super::ground::{Plane, rounded};
use super::settlements::{Class, Neighbourhood, Region, Settlement, households_of, shared_out};
use super::source::Municipality;
use geo::Coord;
use std::collections::BTreeMap;

/// A place to fill with points.
pub(super) struct Town<'a> {
    pub(super) name: &'a str,
    pub(super) centre: Coord<f64>,
    pub(super) persons: u32,
    /// Whether its total is a published one.
    pub(super) is_real: bool,
    /// Whether its points may lie outside the municipality's simplified outline.
    pub(super) may_leave_outline: bool,
    /// How much wider than its own size it spreads: new quarters surround the old town.
    pub(super) spread: f64,
}

/// Width of the squares that a network is built by, metres.
const QUARTER_M: f64 = 400.0;

/// Adds the points of a town, with workplaces, and its quarters as neighbourhoods.
pub(super) fn settle_town(
    town: &Town<'_>,
    municipality: &Municipality,
    dice: &mut Dice,
    region: &mut Region,
) {
    let persons = f64::from(town.persons);
    let per_km2 = 480.0 * (persons / 500.0).max(0.05).powf(0.29);
    let radius_m = 1000.0 * (persons / per_km2 / std::f64::consts::PI).sqrt() * town.spread;
    let persons_per_point = (7.0 * (persons / 100.0).max(1.0).powf(0.24)).min(28.0);
    let n_homes = (persons / persons_per_point).ceil().max(1.0) as usize;
    let n_work_only = (persons / 330.0).round() as usize;
    let streets = Streets::lay(town.centre, radius_m, dice);

    let mut spots: Vec<Spot> = Vec::with_capacity(n_homes + n_work_only);
    while spots.len() < n_homes + n_work_only {
        let spot = streets.pick_spot(dice);
        let inside = town.may_leave_outline || municipality.covers(spot.position);
        // Left to the last throw: the sea and the neighbours' land stay empty, the town grows elsewhere.
        if inside {
            spots.push(spot);
        }
    }
    let weights: Vec<f64> = spots[..n_homes]
        .iter()
        .map(|spot| (0.95 * dice.normal()).exp() * (1.0 + 2.0 * (-(2.0 * spot.eccentricity).powi(2)).exp()))
        .collect();
    let mut homes = shared_out(town.persons, &weights);
    homes.resize(spots.len(), 0);

    let per_household = dice.between(1.95, 2.2);
    let class = if town.is_real { Class::Tatort } else { Class::of_size(town.persons) };
    let class = if town.spread > 1.0 { Class::Tatort } else { class };
    let mut quarters: BTreeMap<(i32, i32), Vec<usize>> = BTreeMap::new();
    for (spot, persons) in spots.iter().zip(homes) {
        let is_work_only = persons == 0;
        let busy = 0.10 + 0.35 * (-(1.8 * spot.eccentricity).powi(2)).exp();
        let workplaces = if is_work_only || dice.chance(busy) { 1 + dice.exponential(1.6) as u32 } else { 0 };
        quarters.entry(spot.quarter).or_default().push(region.settlements.len());
        region.settlements.push(Settlement {
            position: spot.position,
            persons,
            households: households_of(persons, per_household, dice),
            workplaces,
            class,
            kommun_code: municipality.code.clone(),
            locality: town.name.to_owned(),
            is_of_real_locality: town.is_real,
        });
    }
    region.neighbourhoods.extend(quarters.into_values().map(|members| Neighbourhood {
        members,
        kommun_code: municipality.code.clone(),
        place_persons: town.persons,
        zone: format!("{} {}", municipality.code, town.name),
        on_route: None,
    }));
}

/// A turned street grid, longer in one direction as towns along a river are.
struct Streets {
    plane: Plane,
    radius_m: f64,
    turn: (f64, f64),
    stretch: f64,
}

struct Spot {
    position: Coord<f64>,
    /// 0 in the middle, about 1 at the edge.
    eccentricity: f64,
    quarter: (i32, i32),
}

impl Streets {
    fn lay(centre: Coord<f64>, radius_m: f64, dice: &mut Dice) -> Streets {
        let turn = dice.between(-0.9, 0.3).sin_cos();
        Streets {
            plane: Plane::at(centre),
            radius_m: radius_m.max(120.0),
            turn,
            stretch: dice.between(1.1, 1.45),
        }
    }

    fn pick_spot(&self, dice: &mut Dice) -> Spot {
        let eccentricity = 0.72 * (-(1.0 - 0.95 * dice.unit()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * dice.unit()).sin_cos();
        let mut along = eccentricity * self.radius_m * self.stretch * cos;
        let mut across = eccentricity * self.radius_m / self.stretch * sin;
        if dice.chance(0.5) {
            along = (along / 130.0).round() * 130.0 + 9.0 * dice.normal();
        } else {
            across = (across / 95.0).round() * 95.0 + 9.0 * dice.normal();
        }
        let (sin, cos) = self.turn;
        let metres = Coord { x: along * cos - across * sin, y: along * sin + across * cos };
        let quarter = ((along / QUARTER_M).floor() as i32, (across / QUARTER_M).floor() as i32);
        Spot { position: rounded(self.plane.degrees(metres), 6), eccentricity, quarter }
    }
}
