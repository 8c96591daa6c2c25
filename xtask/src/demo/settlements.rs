//! Where people live and work: localities, villages and the countryside, municipality by municipality.

use super::countryside::settle_countryside;
use super::dice::Dice;
use super::source::{Municipality, Source};
use super::town::{Town, settle_town};
use anyhow::{Result, ensure};
use geo::Coord;

/// A point where people live or work.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settlement {
    /// lon, lat in degrees, 6 decimals.
    pub(super) position: Coord<f64>,
    pub(super) persons: u32,
    pub(super) households: u32,
    pub(super) workplaces: u32,
    pub(super) class: Class,
    pub(super) kommun_code: String,
    /// Name of the locality or village; empty in the countryside.
    pub(super) locality: String,
    /// Whether position and size follow a published locality (its total is real, its points are not).
    pub(super) is_of_real_locality: bool,
}

/// SCB's classes by size: tätort from 200 persons, småort 50–199.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Tatort,
    Smaort,
    Outside,
}

impl Class {
    /// The class of a place of so many persons.
    pub(super) fn of_size(persons: u32) -> Class {
        match persons {
            200.. => Class::Tatort,
            50.. => Class::Smaort,
            _ => Class::Outside,
        }
    }

    /// As the file writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Class::Tatort => "tatort",
            Class::Smaort => "smaort",
            Class::Outside => "outside",
        }
    }
}

/// Settlements that a network builder would connect together: a few blocks, a hamlet, a lonely farm.
pub(super) struct Neighbourhood {
    /// Indices of its settlements.
    pub(super) members: Vec<usize>,
    pub(super) kommun_code: String,
    /// Persons of the locality, village or hamlet it belongs to.
    pub(super) place_persons: u32,
    /// Neighbourhoods of one zone (a town, eight kilometres of a valley) share their luck.
    pub(super) zone: String,
    /// The route it lies along and how far along, metres; none in towns.
    pub(super) on_route: Option<(usize, f64)>,
}

/// All settlements and their neighbourhoods.
#[derive(Default)]
pub(super) struct Region {
    pub(super) settlements: Vec<Settlement>,
    pub(super) neighbourhoods: Vec<Neighbourhood>,
}

/// Municipalities whose main town has grown since the localities were counted (2015), with the share of the
/// remainder that lives in its new quarters. Invented, so that the countryside keeps about its real size.
const GROWN_TOWNS: [(&str, &str, f64); 3] =
    [("2480", "Umeå", 0.40), ("2482", "Skellefteå", 0.06), ("2460", "Vännäs", 0.10)];

/// Settles every municipality so that its persons are SCB's figure for 31 December 2021, exactly.
pub(super) fn settle_region(source: &Source) -> Result<Region> {
    let mut region = Region::default();
    for municipality in source.municipalities.values() {
        settle_municipality(source, municipality, &mut region)?;
    }
    Ok(region)
}

fn settle_municipality(source: &Source, municipality: &Municipality, region: &mut Region) -> Result<()> {
    let code = &municipality.code;
    let mut dice = Dice::of(&format!("settlements {code}"));
    let mut left = municipality.persons_2021;
    for locality in source.localities.iter().filter(|l| l.kommun_code == *code) {
        let centre = Coord { x: locality.lon, y: locality.lat };
        let town = Town {
            name: &locality.name,
            centre,
            persons: locality.pop_2015,
            is_real: true,
            // Three localities lie in what the simplified outlines call sea: they stay where they are.
            may_leave_outline: !municipality.covers(centre),
            spread: 1.0,
        };
        settle_town(&town, municipality, &mut dice, region);
        left = left.saturating_sub(locality.pop_2015);
    }
    ensure!(left > 0, "{}: the localities hold more than the municipality", municipality.name);
    for village in source.villages.iter().filter(|v| v.kommun_code == *code) {
        let centre = Coord { x: village.lon, y: village.lat };
        ensure!(municipality.covers(centre), "{} lies outside {}", village.village, municipality.name);
        let town = Town {
            name: &village.village,
            centre,
            persons: village.persons,
            is_real: false,
            may_leave_outline: false,
            spread: 1.0,
        };
        settle_town(&town, municipality, &mut dice, region);
        left = left.saturating_sub(village.persons);
    }
    if let Some((_, name, share)) = GROWN_TOWNS.iter().find(|(grown, ..)| grown == code)
        && let Some(locality) = source.localities.iter().find(|l| l.name == *name && l.kommun_code == *code)
    {
        let town = Town {
            name,
            centre: Coord { x: locality.lon, y: locality.lat },
            persons: (f64::from(left) * share) as u32,
            is_real: false,
            may_leave_outline: false,
            spread: 1.6,
        };
        settle_town(&town, municipality, &mut dice, region);
        left -= town.persons;
    }
    settle_countryside(source, municipality, left, &mut dice, region)
}

/// Households of so many persons: at least one where anybody lives, never more than persons.
pub(super) fn households_of(persons: u32, persons_per_household: f64, dice: &mut Dice) -> u32 {
    if persons == 0 {
        return 0;
    }
    dice.round(f64::from(persons) / persons_per_household).clamp(1, persons)
}

/// Shares `total` by weight, each at least 1, by largest remainder; the first wins ties.
///
/// With more weights than `total` the last ones get 0.
pub(super) fn shared_out(total: u32, weights: &[f64]) -> Vec<u32> {
    let floor = u32::from(weights.len() <= total as usize);
    let pot = f64::from(total - floor * weights.len() as u32);
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|w| pot * w / sum).collect();
    let mut shares: Vec<u32> = exact.iter().map(|x| floor + x.floor() as u32).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let missing = total - shares.iter().sum::<u32>();
    for &i in order.iter().cycle().take(missing as usize) {
        shares[i] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nobody_is_left_without() {
        let shares = shared_out(10, &[5.0, 1.0, 0.001]);
        assert_eq!(shares.iter().sum::<u32>(), 10);
        assert!(shares.iter().all(|&s| s >= 1), "{shares:?}");
        assert_eq!(shared_out(0, &[1.0]), [0]);
    }

    #[test]
    fn a_place_of_200_is_a_tatort_and_one_of_50_a_smaort() {
        assert_eq!(
            [49, 50, 199, 200].map(|n| Class::of_size(n).name()),
            ["outside", "smaort", "smaort", "tatort"]
        );
    }
}
