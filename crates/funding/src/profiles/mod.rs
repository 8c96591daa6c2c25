//! Rules of real programmes as data.

/// A dated, named set of rules of a real programme.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name.
    pub name: String,
}
