//! The address of a database, and the password that goes with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Whether a `file` of the analysis names a database.
pub fn is_database(file: &Path) -> bool {
    let text = file.to_string_lossy();
    text.starts_with("postgresql://") || text.starts_with("postgres://")
}

/// The address as it may be shown and published: without its password.
pub fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_string() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_string(),
    };
    // A password may also stand among the parameters.
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: Vec<&str> = query.split('&').filter(|p| !p.is_empty() && !p.starts_with("password=")).collect();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    format!("{scheme}://{authority}{path}{query}")
}

/// Passwords by the address they were taken out of.
static KEPT: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Remembers the password of an address for as long as the program runs, so that the address
/// [without it](without_password) can be used, and shown, in its place.
pub fn keep_password(address: &str) {
    let Ok(Address { password: Some(password), .. }) = Address::taken_apart(address) else { return };
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(without_password(address), password);
}

/// Where a database is and who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// A host name or address; a folder, beginning with `/`, for a local socket.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) password: Option<String>,
}

impl Address {
    /// As [`Self::taken_apart`], with the password from where it is kept.
    ///
    /// # Errors
    /// What is wrong with it, without the password.
    pub(super) fn parse(text: &str) -> Result<Address, String> {
        let mut address = Address::taken_apart(text)?;
        let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        let named = || std::env::var("PGPASSWORD").ok();
        address.password = address.password.or_else(kept).or_else(named);
        if address.password.is_none() {
            address.password = address.password_in_file();
        }
        Ok(address)
    }

    /// Reads `postgresql://[user[:password]@][host][:port][/database][?host=…&port=…&user=…&password=…]`; what is left
    /// out comes from `PGHOST`, `PGPORT`, `PGUSER` and `PGDATABASE`.
    ///
    /// # Errors
    /// What is wrong with it, without the password.
    fn taken_apart(text: &str) -> Result<Address, String> {
        let rest =
            text.split_once("://").map(|(_, rest)| rest).ok_or("it does not begin with `postgresql://`")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) =
            who.split_once(':').map_or((who, None), |(user, password)| (user, Some(password)));
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (place, ""),
        };
        let (mut host, mut port) = (decoded(host.trim_matches(['[', ']'])), port.to_string());
        let (mut user, mut database) = (decoded(user), decoded(database));
        let mut password = password.map(decoded);
        for parameter in query.split('&').filter(|p| !p.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match key {
                "host" => host = decoded(value),
                "port" => port = value.to_string(),
                "user" => user = decoded(value),
                "dbname" => database = decoded(value),
                "password" => password = Some(decoded(value)),
                "sslmode" if matches!(value, "disable" | "allow" | "prefer") => {}
                "sslmode" => {
                    return Err(
                        "encrypted connections are not spoken: tunnel it, or set sslmode=disable".into()
                    );
                }
                "application_name" | "connect_timeout" => {}
                other => return Err(format!("the parameter `{other}` is not known")),
            }
        }
        let or_env = |value: String, name: &str, default: &str| {
            if value.is_empty() { std::env::var(name).unwrap_or_else(|_| default.to_string()) } else { value }
        };
        let user = or_env(user, "PGUSER", &std::env::var("USER").unwrap_or_else(|_| "postgres".to_string()));
        let port = or_env(port, "PGPORT", "5432");
        Ok(Address {
            host: or_env(host, "PGHOST", "localhost"),
            port: port.parse().map_err(|_| format!("`{port}` is no port"))?,
            database: or_env(database, "PGDATABASE", &user),
            user,
            password,
        })
    }

    /// The password of `~/.pgpass` (or `PGPASSFILE`): lines of host, port, database, user and password, `*` for any.
    fn password_in_file(&self) -> Option<String> {
        let path = std::env::var_os("PGPASSFILE")
            .map(std::path::PathBuf::from)
            .or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".pgpass")))?;
        let text = std::fs::read_to_string(path).ok()?;
        let host = if self.host.starts_with('/') { "localhost" } else { &self.host };
        password_in(&text, [host, &self.port.to_string(), &self.database, &self.user])
    }
}

fn password_in(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split_escaped(line);
        let is_match = fields.len() == 5 && fields.iter().zip(wanted).all(|(f, w)| f == "*" || f == w);
        is_match.then(|| fields[4].clone())
    })
}

/// Fields between colons; `\:` and `\\` are characters.
fn split_escaped(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = fields.len() - 1;
        match c {
            '\\' => fields[last].extend(chars.next()),
            ':' => fields.push(String::new()),
            c => fields[last].push(c),
        }
    }
    fields
}

/// `%40` as `@`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let code = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (address, shown) in [
            (
                "postgresql://a:se%40cret@db:5432/geo?sslmode=disable",
                "postgresql://a@db:5432/geo?sslmode=disable",
            ),
            ("postgresql://a@db/geo", "postgresql://a@db/geo"),
            ("postgresql:///geo?host=/tmp&user=a&password=x", "postgresql:///geo?host=/tmp&user=a"),
            ("postgresql://a:p:q@db", "postgresql://a@db"),
        ] {
            assert_eq!(without_password(address), shown);
            assert!(is_database(Path::new(address)));
        }
        assert!(!is_database(Path::new("data/postgresql.csv")));
    }

    #[test]
    fn an_address_is_taken_apart() {
        let address =
            Address::parse("postgresql://a%20b:p%40%3aq@db.example:5433/geo?sslmode=prefer").unwrap();
        assert_eq!(
            (address.host.as_str(), address.port, address.database.as_str()),
            ("db.example", 5433, "geo")
        );
        assert_eq!((address.user.as_str(), address.password.as_deref()), ("a b", Some("p@:q")));
        let address = Address::parse("postgres://a:x@[::1]:1/geo").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("::1", 1));
        let address = Address::parse("postgresql:///geo?host=%2Ftmp%2Fpg&port=7&user=a&password=").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("/tmp/pg", 7));
        for wrong in
            ["postgresql://a@db:port/x", "postgresql://db/x?sslmode=require", "postgresql://db/x?y=1"]
        {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_line_that_fits_gives_the_password() {
        let text = "# comment\nother:*:*:*:no\ndb:5432:geo:a:one\\:two\n*:*:*:*:last\n";
        assert_eq!(password_in(text, ["db", "5432", "geo", "a"]).as_deref(), Some("one:two"));
        assert_eq!(password_in(text, ["db", "5433", "geo", "a"]).as_deref(), Some("last"));
        assert_eq!(password_in("db:5432:geo:a:x", ["db", "5432", "geo", "b"]), None);
    }
}
