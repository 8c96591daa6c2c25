//! Derived indicators: measures of the run as numbers per area, each with formula, unit and direction.
//!
//! Counts come from the gap table and are exact integers. Every share has the persons of the area as its
//! denominator and is missing where nobody lives. Missing stays missing, never 0.

use whitespot_model::config::need::{Derive, Direction};

/// Unit of a derived indicator, for people.
pub fn unit(derive: &Derive) -> &'static str {
    use Derive::*;
    match derive {
        Persons | ReachedPersons(_) | GapPersons(_) | GapPersonsAll(_) | SinglePathPersons(_)
        | WhitePersons(_) | GreyPersons(_) | BlackPersons(_) | OperatorsPersons(_) | ShortfallPersons(_) => {
            "persons"
        }
        Households | ReachedHouseholds(_) | GapHouseholds(_) => "households",
        Workplaces | ReachedWorkplaces(_) | GapWorkplaces(_) => "workplaces",
        Density => "persons per km²",
        ReachedShare(_) | GapShare(_) | GapShareAll(_) | SinglePathShare(_) | WhiteShare(_)
        | GreyShare(_) | BlackShare(_) | OperatorsShare(_) | Shortfall(_) => "share",
        DistanceMeanM(_) | DistanceMedianM(_) | DistanceP90M(_) => "m",
        CostPerHousehold(_) => "SEK per household",
        SettlementSum(_) | SettlementMean(_) | SettlementWeightedMean(_) => "as in the source",
    }
}

/// Direction of a derived indicator where the analysis file gives none. What is reached, how many operators
/// there are to choose from and how densely people live lower the need; all else raises it. Persons reached by
/// exactly k operators lower it from two operators on.
pub fn direction(derive: &Derive) -> Direction {
    use Derive::*;
    match derive {
        Density | ReachedPersons(_) | ReachedHouseholds(_) | ReachedWorkplaces(_) | ReachedShare(_)
        | BlackPersons(_) | BlackShare(_) => Direction::LowerIsMoreNeed,
        OperatorsPersons(by) | OperatorsShare(by) if by.operators >= 2 => Direction::LowerIsMoreNeed,
        _ => Direction::HigherIsMoreNeed,
    }
}
