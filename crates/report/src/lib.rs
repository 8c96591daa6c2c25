//! The HTML report in Swedish and English.
