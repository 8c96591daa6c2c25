//! PostGIS in and out: tables and queries of a PostgreSQL database as layers, and results in a schema of it.
//!
//! A database is named as a file is, by `postgresql://user@host:port/database`. A password is best kept out of the
//! analysis file: `PGPASSWORD` and the password file are read as PostgreSQL's own programs read them. The connection
//! is not encrypted, so it belongs in one's own network.
//!
//! The protocol's messages and authentication are `postgres-protocol`'s, over the standard library's sockets: the
//! whole client would bring an asynchronous runtime for a few statements one after the other.

mod address;
mod client;
mod read;
mod write;

pub use address::{is_database, keep_password, without_password};
pub(crate) use read::{inspect, layers, open};
pub use write::PostgisWriter;
