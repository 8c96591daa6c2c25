//! One file a command.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod init;
pub(crate) mod report;
pub(crate) mod run;
