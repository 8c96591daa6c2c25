//! One file a command.

pub(crate) mod allocate;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explore;
pub(crate) mod init;
pub(crate) mod profiles;
pub(crate) mod report;
pub(crate) mod run;
