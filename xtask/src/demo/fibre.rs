//! Three invented fibre networks, calibrated to published shares of households.

use super::dice::Dice;
use super::ground::{Outline, Plane, ragged_outline, ragged_strip, rounded};
use super::settlements::{Neighbourhood, Region};
use super::source::{Route, Source};
use geo::{BoundingRect, Coord, Intersects, LineString, MapCoords, Polygon, Validation};
use std::collections::BTreeMap;

/// One polygon of an operator's map.
pub(super) struct FibreArea {
    pub(super) operator: &'static str,
    pub(super) download_mbps: u32,
    pub(super) upload_mbps: u32,
    pub(super) basis: &'static str,
    /// Day a promise is to be kept; none if built.
    pub(super) ready: Option<&'static str>,
    /// In degrees, 5 decimals.
    pub(super) outline: Polygon<f64>,
}

/// Share of households that existing fibre reaches, per municipality: chosen so that the county comes to about
/// 85 % (PTS: 84.6 % in 2019), Umeå high, Malå and Åsele high for inland municipalities as reported.
pub(super) const TARGET_SHARE: [(&str, f64); 15] = [
    ("2401", 0.76),
    ("2403", 0.66),
    ("2404", 0.73),
    ("2409", 0.77),
    ("2417", 0.76),
    ("2418", 0.87),
    ("2421", 0.70),
    ("2422", 0.64),
    ("2425", 0.63),
    ("2460", 0.83),
    ("2462", 0.71),
    ("2463", 0.85),
    ("2480", 0.905),
    ("2481", 0.81),
    ("2482", 0.83),
];

const COAST: &str = "Kustfiber";
const INLAND: &str = "Älvnät";
const VILLAGES: &str = "Bynät";

/// Days on which promised networks are to be ready.
const READY: [&str; 5] = ["2026-12-31", "2027-06-30", "2027-12-31", "2028-06-30", "2028-12-31"];

/// Draws the networks: neighbourhoods are built in order of their prospects until a municipality's target is
/// met; a third of what remains is promised.
pub(super) fn draw_fibre(source: &Source, region: &Region) -> Vec<FibreArea> {
    let mut areas = Vec::new();
    let mut reached = Reached::over(region);
    for (code, target) in TARGET_SHARE {
        build_municipality(code, target, source, region, &mut reached, &mut areas);
    }
    areas
}

fn build_municipality(
    code: &str,
    target: f64,
    source: &Source,
    region: &Region,
    reached: &mut Reached<'_>,
    areas: &mut Vec<FibreArea>,
) {
    let mut dice = Dice::of(&format!("fibre {code}"));
    let total = region.settlements.iter().filter(|s| s.kommun_code == code);
    let total: u32 = total.map(|s| s.households).sum();
    let mut builder = Builder { source, region, built: BTreeMap::new() };
    let mut queue = by_prospects(code, region, &mut dice).into_iter();
    for neighbourhood in queue.by_ref() {
        let drawn = builder.build(neighbourhood, None, &mut dice);
        for area in &drawn {
            reached.add(&area.outline);
        }
        areas.extend(drawn);
        if f64::from(reached.households_of(code)) >= target * f64::from(total) {
            break;
        }
    }
    let rest: Vec<&Neighbourhood> = queue.collect();
    for neighbourhood in &rest {
        if dice.chance(0.30) {
            let ready = READY[(dice.unit() * READY.len() as f64) as usize];
            areas.extend(builder.build(neighbourhood, Some(ready), &mut dice));
        }
    }
}

/// The neighbourhoods of a municipality, best prospects first: size counts, luck too, and neighbours share luck.
fn by_prospects<'a>(code: &str, region: &'a Region, dice: &mut Dice) -> Vec<&'a Neighbourhood> {
    let mut luck: BTreeMap<&str, f64> = BTreeMap::new();
    let mut ranked: Vec<(f64, &Neighbourhood)> = Vec::new();
    for neighbourhood in region.neighbourhoods.iter().filter(|n| n.kommun_code == code) {
        let households: u32 = neighbourhood.members.iter().map(|&i| region.settlements[i].households).sum();
        let shared = *luck.entry(&neighbourhood.zone).or_insert_with(|| dice.normal());
        let size = 0.55 * f64::from(households + 1).ln();
        let place = 0.30 * f64::from(neighbourhood.place_persons + 1).ln();
        ranked.push((size + place + 0.9 * shared + 0.75 * dice.normal(), neighbourhood));
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().map(|(_, neighbourhood)| neighbourhood).collect()
}

/// Nobody digs further than this between two hamlets, metres.
const LONGEST_STRIP_M: f64 = 6_000.0;

/// A connected hamlet on a route.
#[derive(Clone, Copy)]
struct Hamlet {
    operator: &'static str,
    along_m: f64,
    middle: Coord<f64>,
}

struct Builder<'a> {
    source: &'a Source,
    region: &'a Region,
    /// What is built along the routes, per zone.
    built: BTreeMap<&'a str, Vec<Hamlet>>,
}

impl<'a> Builder<'a> {
    /// The areas of one neighbourhood: the first network, others over it in towns, and a strip along the road
    /// to the next hamlet of the same network.
    fn build(
        &mut self,
        neighbourhood: &'a Neighbourhood,
        ready: Option<&'static str>,
        dice: &mut Dice,
    ) -> Vec<FibreArea> {
        let positions: Vec<Coord<f64>> =
            neighbourhood.members.iter().map(|&i| self.region.settlements[i].position).collect();
        let first = operator_of(neighbourhood);
        let mut areas = Vec::new();
        let is_town = neighbourhood.on_route.is_none() && neighbourhood.place_persons >= 200;
        let outline = Outline {
            corners: (9 + positions.len() / 2).min(26),
            margin_m: if is_town { dice.between(45.0, 110.0) } else { dice.between(60.0, 190.0) },
            ragged: 0.35,
        };
        areas.extend(area(first, &positions, &outline, ready, dice));
        if ready.is_none() {
            for (operator, chance) in rivals(first, neighbourhood.place_persons) {
                if dice.chance(chance) {
                    let outline = Outline { corners: 12, margin_m: dice.between(10.0, 60.0), ragged: 0.5 };
                    areas.extend(area(operator, &positions, &outline, None, dice));
                }
            }
        }
        if let Some((route, along_m)) = neighbourhood.on_route {
            let sum = positions.iter().fold(Coord { x: 0.0, y: 0.0 }, |sum, p| sum + *p);
            let here = Hamlet { operator: first, along_m, middle: sum / positions.len() as f64 };
            let zone = self.built.entry(&neighbourhood.zone).or_default();
            let away_m = |hamlet: &Hamlet| (hamlet.along_m - along_m).abs();
            let same_network = zone.iter().filter(|hamlet| hamlet.operator == first);
            if let Some(&nearest) = same_network.min_by(|a, b| away_m(a).total_cmp(&away_m(b))) {
                areas.extend(strip(&self.source.routes[route], nearest, here, ready, dice));
            }
            if ready.is_none() {
                zone.push(here);
            }
        }
        areas
    }
}

/// Who builds where: by side of the county, the villages' own network in between.
fn operator_of(neighbourhood: &Neighbourhood) -> &'static str {
    let coast = ["2401", "2409", "2460", "2480"].contains(&neighbourhood.kommun_code.as_str());
    // The zone's last letter decides as a coin would, the same for the whole zone.
    let is_own = neighbourhood.zone.bytes().map(usize::from).sum::<usize>() % 5 < 2;
    match (neighbourhood.place_persons < 400 && is_own, coast) {
        (true, _) => VILLAGES,
        (false, true) => COAST,
        (false, false) => INLAND,
    }
}

fn rivals(first: &'static str, place_persons: u32) -> [(&'static str, f64); 2] {
    let others = match first {
        COAST => [INLAND, VILLAGES],
        INLAND => [COAST, VILLAGES],
        _ => [INLAND, COAST],
    };
    let chances = match place_persons {
        30_000.. => [0.55, 0.15],
        5_000.. => [0.35, 0.06],
        1_500.. => [0.20, 0.03],
        _ => [0.04, 0.0],
    };
    [(others[0], chances[0]), (others[1], chances[1])]
}

fn area(
    operator: &'static str,
    positions: &[Coord<f64>],
    outline: &Outline,
    ready: Option<&'static str>,
    dice: &mut Dice,
) -> Option<FibreArea> {
    let plane = Plane::at(positions[0]);
    let points: Vec<Coord<f64>> = positions.iter().map(|p| plane.metres(*p)).collect();
    let drawn = ragged_outline(&points, outline, dice);
    finished(operator, drawn.map_coords(|c| rounded(plane.degrees(c), 5)), ready, dice)
}

fn strip(
    route: &Route,
    from: Hamlet,
    to: Hamlet,
    ready: Option<&'static str>,
    dice: &mut Dice,
) -> Option<FibreArea> {
    let (from, to) = if from.along_m <= to.along_m { (from, to) } else { (to, from) };
    let plane = Plane::at(from.middle);
    let road = route.part_between(from.along_m, to.along_m);
    let mut line = vec![plane.metres(from.middle)];
    line.extend(road.into_iter().map(|p| plane.metres(p)));
    line.push(plane.metres(to.middle));
    let length_m: f64 = line.windows(2).map(|pair| (pair[1] - pair[0]).x.hypot((pair[1] - pair[0]).y)).sum();
    if length_m > LONGEST_STRIP_M {
        return None;
    }
    let half_width_m = dice.between(55.0, 120.0);
    let drawn = ragged_strip(&line, half_width_m, dice);
    finished(from.operator, drawn.map_coords(|c| rounded(plane.degrees(c), 5)), ready, dice)
}

/// The area with its offer, unless the drawing crosses itself.
fn finished(
    operator: &'static str,
    outline: Polygon<f64>,
    ready: Option<&'static str>,
    dice: &mut Dice,
) -> Option<FibreArea> {
    let mut corners = outline.into_inner().0.0;
    corners.dedup();
    let outline = Polygon::new(LineString::new(corners), Vec::new());
    if outline.exterior().0.len() < 4 || !outline.is_valid() {
        return None;
    }
    let (download_mbps, upload_mbps) = match dice.unit() {
        x if x < 0.72 => (1000, 1000),
        x if x < 0.84 => (500, 500),
        x if x < 0.95 => (250, 100),
        _ => (100, 100),
    };
    let basis = if operator == INLAND && ready.is_none() { "connected" } else { "passed" };
    Some(FibreArea { operator, download_mbps, upload_mbps, basis, ready, outline })
}

/// Which settlements the areas drawn so far reach, edges included.
struct Reached<'a> {
    region: &'a Region,
    is_reached: Vec<bool>,
    households: BTreeMap<&'a str, u32>,
    /// Settlements by square of 0.02 degrees.
    squares: BTreeMap<(i32, i32), Vec<usize>>,
}

const SQUARE_DEG: f64 = 0.02;

impl<'a> Reached<'a> {
    fn over(region: &'a Region) -> Reached<'a> {
        let mut squares: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (i, s) in region.settlements.iter().enumerate() {
            squares.entry(square(s.position)).or_default().push(i);
        }
        let is_reached = vec![false; region.settlements.len()];
        Reached { region, is_reached, households: BTreeMap::new(), squares }
    }

    fn add(&mut self, outline: &Polygon<f64>) {
        let Some(bounds) = outline.bounding_rect() else { return };
        let (low, high) = (square(bounds.min()), square(bounds.max()));
        for x in low.0..=high.0 {
            for y in low.1..=high.1 {
                for &i in self.squares.get(&(x, y)).into_iter().flatten() {
                    let settlement = &self.region.settlements[i];
                    if !self.is_reached[i] && outline.intersects(&settlement.position) {
                        self.is_reached[i] = true;
                        *self.households.entry(&settlement.kommun_code).or_default() += settlement.households;
                    }
                }
            }
        }
    }

    fn households_of(&self, code: &str) -> u32 {
        self.households.get(code).copied().unwrap_or(0)
    }
}

fn square(position: Coord<f64>) -> (i32, i32) {
    ((position.x / SQUARE_DEG).floor() as i32, (position.y / SQUARE_DEG).floor() as i32)
}
