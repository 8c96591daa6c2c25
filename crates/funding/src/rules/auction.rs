//! `auction`: descending clock over given bids.

/// One bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Code of the candidate.
    pub candidate: String,
    /// Name of the bidder.
    pub bidder: String,
    /// Least grant the bidder would connect everyone of the candidate for.
    pub bid_sek: i64,
}
