//! What the join says of a batch of settlements.

/// Per settlement of a batch: its area and the set of offers that reach it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Index of the area, or [`crate::area::OUTSIDE`].
    pub areas: Vec<u32>,
    /// Words of 64 offers a settlement; at least 1.
    pub n_words: usize,
    /// `n_words` words a settlement; bit `o % 64` of word `o / 64` is offer `o`.
    pub offers: Vec<u64>,
    /// What was noticed while joining.
    pub notes: JoinNotes,
}

impl Reached {
    /// The offer set of settlement `i`.
    #[inline]
    pub fn offers_of(&self, i: usize) -> &[u64] {
        &self.offers[i * self.n_words..(i + 1) * self.n_words]
    }
}

/// Things the join notices; adding them up over batches is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinNotes {
    /// Settlements on the edge of a coverage shape that count as reached by it.
    pub n_on_coverage_edge: u64,
    /// Settlements that lie in a gap or overlap of at most 1 cm between areas and went to the nearest.
    pub hairline: Noted,
    /// Settlements outside every area that `snap_m` assigned.
    pub snapped: Noted,
    /// Settlements that stay outside every area.
    pub outside: Noted,
    /// Settlements whose position cannot be transformed to the CRS of a layer or of the areas.
    pub beyond_crs: Noted,
}

impl JoinNotes {
    /// Adds the notes of a later batch; examples stay the first five in settlement order.
    pub fn merge(&mut self, later: &JoinNotes) {
        self.n_on_coverage_edge += later.n_on_coverage_edge;
        for (mine, theirs) in [
            (&mut self.hairline, &later.hairline),
            (&mut self.snapped, &later.snapped),
            (&mut self.outside, &later.outside),
            (&mut self.beyond_crs, &later.beyond_crs),
        ] {
            mine.merge(theirs);
        }
    }
}

/// How many settlements and persons a note concerns, with the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Settlements.
    pub count: u64,
    /// Persons.
    pub persons: u64,
    /// Index over the run of the first settlements, at most five, ascending.
    pub examples: Vec<u64>,
}

impl Noted {
    /// Notes one settlement; call in settlement order.
    pub fn add(&mut self, settlement: u64, persons: u32) {
        self.count += 1;
        self.persons += u64::from(persons);
        if self.examples.len() < 5 {
            self.examples.push(settlement);
        }
    }

    /// Adds what a later stretch of settlements noted.
    pub fn merge(&mut self, later: &Noted) {
        self.count += later.count;
        self.persons += later.persons;
        let room = 5 - self.examples.len();
        self.examples.extend(later.examples.iter().take(room));
    }
}
