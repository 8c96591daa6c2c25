//! What makes a ranking impossible.

use thiserror::Error;

/// Why a ranking or its robustness cannot be computed. Data that is merely thin (missing values, one area,
/// constant indicators) is no error: it has a defined result and a finding.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum NeedError {
    /// There is nothing to score by.
    #[error("no indicators: give at least one in `need.indicators`")]
    NoIndicators,
    /// Columns of the indicator table differ in length.
    #[error("`{column}` has {found} values for {expected} areas")]
    Shape {
        /// What is too short or too long.
        column: String,
        /// Its length.
        found: usize,
        /// Number of areas.
        expected: usize,
    },
    /// Two indicators share a name.
    #[error("indicator `{id}` is given twice: names must be unique")]
    DuplicateIndicator {
        /// The name.
        id: String,
    },
    /// Two areas share a code.
    #[error("area code `{code}` stands twice in the indicator table")]
    DuplicateArea {
        /// The code.
        code: String,
    },
    /// A weight below 0, or not a number.
    #[error("weight {value} of indicator `{id}`: weights are numbers from 0")]
    BadWeight {
        /// The indicator.
        id: String,
        /// The weight given.
        value: f64,
    },
    /// Every weight is 0.
    #[error("all weights are 0{of}: give at least one indicator a weight above 0")]
    WeightsAllZero {
        /// ` of actor …`, or empty.
        of: String,
    },
    /// Another number of weights than of indicators.
    #[error("{found} weights for {expected} indicators")]
    WeightCount {
        /// Weights given.
        found: usize,
        /// Indicators.
        expected: usize,
    },
    /// Frozen bounds that are not two numbers in ascending order.
    #[error("`bounds = [{low}, {high}]` of indicator `{id}`: give the lowest value first, then a higher one")]
    BadBounds {
        /// The indicator.
        id: String,
        /// First number.
        low: f64,
        /// Second number.
        high: f64,
    },
    /// Goalposts that are not two numbers in ascending order.
    #[error(
        "`goalposts = [{low}, {high}]` of indicator `{id}`: give the low one first; `direction` says which end is need"
    )]
    BadGoalposts {
        /// The indicator.
        id: String,
        /// First number.
        low: f64,
        /// Second number.
        high: f64,
    },
    /// A way of normalising without what it needs.
    #[error("indicator `{id}` is normalised by `{normalise}`, which needs `{key}`")]
    MissingParameter {
        /// The indicator.
        id: String,
        /// The way of normalising.
        normalise: &'static str,
        /// The key that is absent.
        key: &'static str,
    },
    /// A row of a `bins` table without exactly one limit, or with points that are no number from 0.
    #[error("row {row} of `bins` of indicator `{id}`: {what}")]
    BadBin {
        /// The indicator.
        id: String,
        /// Row, from 1.
        row: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A floor that is not between 0 and 1.
    #[error("`geometric_floor = {value}`: give a number above 0 and below 1, such as 0.01")]
    BadFloor {
        /// The floor given.
        value: f64,
    },
    /// A measure of something that does not exist.
    #[error("indicator `{id}`: there is no {what} `{name}`; there are: {known}")]
    NotDerivable {
        /// The indicator.
        id: String,
        /// What was looked for.
        what: &'static str,
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A weight variation that cannot be drawn.
    #[error("`robustness.weights`: {what}")]
    BadVariation {
        /// What is wrong with it.
        what: String,
    },
    /// Another number of alternative tables than the axes have combinations.
    #[error("{found} alternative tables for {expected} combinations of the varied axes")]
    AlternativeCount {
        /// Tables given.
        found: usize,
        /// Combinations.
        expected: usize,
    },
    /// An alternative table of other areas or indicators.
    #[error("alternative table {index} is of other areas or indicators than the published one")]
    AlternativeDiffers {
        /// Number of the table, from 0.
        index: usize,
    },
    /// An actor weighs an indicator that does not exist.
    #[error("actor `{actor}` weighs `{id}`, which is no indicator; there are: {known}")]
    UnknownIndicator {
        /// The actor.
        actor: String,
        /// The name given.
        id: String,
        /// The names there are.
        known: String,
    },
    /// Two actors share a name.
    #[error("actor `{name}` is given twice: names must be unique")]
    DuplicateActor {
        /// The name.
        name: String,
    },
}
