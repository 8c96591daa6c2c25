//! The countryside: hamlets and lonely farms along valleys, coast and roads.

use super::dice::Dice;
use super::ground::{Plane, distance_m, rounded};
use super::settlements::{Class, Neighbourhood, Region, Settlement, households_of};
use super::source::{Municipality, Route, Source};
use anyhow::{Result, ensure};
use geo::Coord;

/// A stretch of a route inside a municipality, short enough to be straight.
struct Stretch {
    route: usize,
    from: Coord<f64>,
    to: Coord<f64>,
    length_m: f64,
    /// Metres along the route at its start.
    begins_m: f64,
    weight: f64,
}

/// Length of a stretch, metres.
const STRETCH_M: f64 = 1500.0;
/// Length of route that shares one decision to build, metres.
const ZONE_M: f64 = 8000.0;

/// Settles `persons` in hamlets (most of them below 50 persons, some a småort) and lonely houses.
pub(super) fn settle_countryside(
    source: &Source,
    municipality: &Municipality,
    persons: u32,
    dice: &mut Dice,
    region: &mut Region,
) -> Result<()> {
    let stretches = stretches_inside(&source.routes, municipality, dice);
    ensure!(!stretches.is_empty(), "no route passes {}", municipality.name);
    let weight: f64 = stretches.iter().map(|s| s.length_m * s.weight).sum();
    let per_household = dice.between(2.0, 2.2);
    let mut left = persons;
    while left > 0 {
        let lonely = dice.chance(0.42);
        let size = if lonely {
            small_home(dice)
        } else {
            (11.0 * (0.9 * dice.normal()).exp()).clamp(4.0, 150.0) as u32
        };
        let size = size.min(left);
        let (stretch, along_m) = pick_stretch(&stretches, weight, dice);
        let plane = Plane::at(stretch.from);
        let is_remote = dice.chance(if lonely { 0.40 } else { 0.22 });
        let side_m = dice.laplace(match (is_remote, lonely) {
            (true, _) => remote_side_m(stretch.from),
            (false, true) => 1500.0,
            (false, false) => 600.0,
        });
        let line = plane.metres(stretch.to) / stretch.length_m;
        let normal = Coord { x: -line.y, y: line.x };
        let middle = line * along_m + normal * side_m;
        if !municipality.covers(plane.degrees(middle)) {
            continue;
        }
        let route_m = stretch.begins_m + along_m;
        let hamlet = Hamlet { plane, middle, line, normal, persons: size, per_household };
        let members = build_hamlet(&hamlet, municipality, dice, region);
        region.neighbourhoods.push(Neighbourhood {
            members,
            kommun_code: municipality.code.clone(),
            place_persons: size,
            zone: format!("{} {} {}", municipality.code, stretch.route, (route_m / ZONE_M) as u32),
            on_route: (!lonely && !is_remote).then_some((stretch.route, route_m)),
        });
        left -= size;
    }
    add_lonely_workplaces(&stretches, weight, municipality, persons / 240, dice, region);
    Ok(())
}

/// How far from the routes remote places lie, metres: the forest country has small roads everywhere, the
/// mountains in the west have people in the valleys only.
fn remote_side_m(at: Coord<f64>) -> f64 {
    7_500.0 * ((at.x - 15.3) / 2.2).clamp(0.12, 1.0)
}

struct Hamlet {
    plane: Plane,
    middle: Coord<f64>,
    line: Coord<f64>,
    normal: Coord<f64>,
    persons: u32,
    per_household: f64,
}

/// Persons of one farm or house: mostly one to five.
fn small_home(dice: &mut Dice) -> u32 {
    (4.7 * (0.62 * dice.normal()).exp()).round().clamp(1.0, 24.0) as u32
}

fn build_hamlet(
    hamlet: &Hamlet,
    municipality: &Municipality,
    dice: &mut Dice,
    region: &mut Region,
) -> Vec<usize> {
    let mut members = Vec::new();
    let mut left = hamlet.persons;
    let half_length_m = 60.0 + 16.0 * f64::from(hamlet.persons);
    let class = Class::of_size(hamlet.persons);
    while left > 0 {
        let offset = hamlet.line * dice.between(-half_length_m, half_length_m)
            + hamlet.normal * dice.laplace(55.0 + 0.12 * half_length_m);
        let mut position = rounded(hamlet.plane.degrees(hamlet.middle + offset), 6);
        if !municipality.covers(position) {
            position = rounded(hamlet.plane.degrees(hamlet.middle), 6);
        }
        let persons = small_home(dice).min(left);
        left -= persons;
        members.push(region.settlements.len());
        region.settlements.push(Settlement {
            position,
            persons,
            households: households_of(persons, hamlet.per_household, dice),
            workplaces: u32::from(dice.chance(0.13)),
            class,
            kommun_code: municipality.code.clone(),
            locality: String::new(),
            is_of_real_locality: false,
        });
    }
    members
}

/// Quarries, lodges, power stations: places of work where nobody lives.
fn add_lonely_workplaces(
    stretches: &[Stretch],
    weight: f64,
    municipality: &Municipality,
    count: u32,
    dice: &mut Dice,
    region: &mut Region,
) {
    let mut added = 0;
    while added < count {
        let (stretch, along_m) = pick_stretch(stretches, weight, dice);
        let plane = Plane::at(stretch.from);
        let line = plane.metres(stretch.to) / stretch.length_m;
        let middle = line * along_m + Coord { x: -line.y, y: line.x } * dice.laplace(1800.0);
        let position = rounded(plane.degrees(middle), 6);
        if !municipality.covers(position) {
            continue;
        }
        added += 1;
        let route_m = stretch.begins_m + along_m;
        region.neighbourhoods.push(Neighbourhood {
            members: vec![region.settlements.len()],
            kommun_code: municipality.code.clone(),
            place_persons: 0,
            zone: format!("{} {} {}", municipality.code, stretch.route, (route_m / ZONE_M) as u32),
            on_route: None,
        });
        region.settlements.push(Settlement {
            position,
            persons: 0,
            households: 0,
            workplaces: 1 + dice.exponential(0.9) as u32,
            class: Class::Outside,
            kommun_code: municipality.code.clone(),
            locality: String::new(),
            is_of_real_locality: false,
        });
    }
}

fn pick_stretch<'a>(stretches: &'a [Stretch], weight: f64, dice: &mut Dice) -> (&'a Stretch, f64) {
    let mut at = dice.unit() * weight;
    let chosen = stretches.iter().find(|s| {
        at -= s.length_m * s.weight;
        at < 0.0
    });
    let chosen = chosen.unwrap_or(&stretches[stretches.len() - 1]);
    (chosen, dice.unit() * chosen.length_m)
}

/// The stretches whose middle lies in the municipality; each is more or less settled than its route on average.
fn stretches_inside(routes: &[Route], municipality: &Municipality, dice: &mut Dice) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    for (route, Route { weight, line, .. }) in routes.iter().enumerate() {
        let mut begins_m = 0.0;
        for pair in line.windows(2) {
            let length_m = distance_m(pair[0], pair[1]);
            let parts = (length_m / STRETCH_M).ceil().max(1.0);
            let step = (pair[1] - pair[0]) / parts;
            for part in 0..parts as usize {
                let from = pair[0] + step * part as f64;
                let to = from + step;
                let stretch_m = distance_m(from, to);
                if municipality.covers((from + to) / 2.0) {
                    let weight = weight * (0.55 * dice.normal()).exp();
                    stretches.push(Stretch { route, from, to, length_m: stretch_m, begins_m, weight });
                }
                begins_m += stretch_m;
            }
        }
    }
    stretches
}
