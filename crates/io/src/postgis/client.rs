//! A connection that asks one thing after the other: PostgreSQL's simple query protocol, answers as text.

use super::address::Address;
use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{ErrorResponseBody, Message};
use postgres_protocol::message::frontend;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Longest wait for a server that does not answer the call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes read at a time.
const READ_BYTES: usize = 1 << 16;

/// An open connection; closing it takes back what has not been committed.
pub(super) struct Client {
    stream: Box<dyn Stream>,
    incoming: BytesMut,
}

/// A socket of either kind.
trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Rows as text, missing as `None`, with the names and types of their columns.
#[derive(Default)]
pub(super) struct Answer {
    /// Name and type number of each column.
    pub(super) columns: Vec<(String, u32)>,
    pub(super) rows: Vec<Vec<Option<String>>>,
}

impl Client {
    /// Connects and signs in.
    ///
    /// # Errors
    /// What went wrong, without the password.
    pub(super) fn connect(address: &str) -> Result<Client, String> {
        let address = Address::parse(address)?;
        let stream = open(&address).map_err(|e| format!("cannot reach `{}`: {e}", address.host))?;
        let mut client = Client { stream, incoming: BytesMut::new() };
        client.sign_in(&address)?;
        Ok(client)
    }

    /// Runs statements and gives the rows of the last one that has any.
    ///
    /// # Errors
    /// What the server says, or that the connection is lost.
    pub(super) fn query(&mut self, sql: &str) -> Result<Answer, String> {
        let mut rows = Vec::new();
        let columns = self.each_row(sql, |row| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            rows.push(row.iter().map(|value| value.map(text)).collect());
        })?;
        Ok(Answer { columns, rows })
    }

    /// Runs statements and shows every row as it comes, each value as text or missing; gives the columns of the last
    /// statement that has rows.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub(super) fn each_row(
        &mut self,
        sql: &str,
        mut each: impl FnMut(&[Option<&[u8]>]),
    ) -> Result<Vec<(String, u32)>, String> {
        self.send(|out| frontend::query(sql, out))?;
        let mut columns = Vec::new();
        let mut failure = None;
        loop {
            match self.next_message()? {
                Message::RowDescription(row) => {
                    let mut fields = row.fields();
                    columns.clear();
                    while let Some(field) = fields.next().map_err(lost)? {
                        columns.push((field.name().to_string(), field.type_oid()));
                    }
                }
                Message::DataRow(row) => {
                    let mut values: Vec<Option<&[u8]>> = Vec::with_capacity(columns.len());
                    let mut ranges = row.ranges();
                    while let Some(range) = ranges.next().map_err(lost)? {
                        values.push(range.map(|r| &row.buffer()[r]));
                    }
                    each(&values);
                }
                Message::ErrorResponse(error) => failure = failure.or(Some(said(&error))),
                Message::ReadyForQuery(_) => break,
                // A statement that wants rows gets none here.
                Message::CopyInResponse(_) => self.send(|out| frontend::copy_fail("no rows", out))?,
                _ => {}
            }
        }
        failure.map_or(Ok(columns), Err)
    }

    /// Runs `COPY … FROM STDIN`; `next` gives pieces of its rows until it gives none.
    ///
    /// # Errors
    /// As [`Self::query`], and what `next` fails with.
    pub(super) fn copy_in(
        &mut self,
        sql: &str,
        mut next: impl FnMut() -> Result<Option<String>, String>,
    ) -> Result<(), String> {
        self.send(|out| frontend::query(sql, out))?;
        loop {
            match self.next_message()? {
                Message::CopyInResponse(_) => break,
                Message::ErrorResponse(error) => {
                    let failure = said(&error);
                    self.until_ready()?;
                    return Err(failure);
                }
                _ => {}
            }
        }
        let failure = loop {
            match next() {
                Ok(Some(piece)) => {
                    self.send(|out| frontend::CopyData::new(piece.as_bytes()).map(|data| data.write(out)))?;
                }
                Ok(None) => break None,
                Err(failure) => break Some(failure),
            }
        };
        match &failure {
            None => self.send(|out| {
                frontend::copy_done(out);
                Ok(())
            })?,
            Some(_) => self.send(|out| frontend::copy_fail("the rows ended early", out))?,
        }
        let refused = self.until_ready()?;
        match failure.or(refused) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Waits for the end of a statement; what the server complained of on the way.
    fn until_ready(&mut self) -> Result<Option<String>, String> {
        let mut failure = None;
        loop {
            match self.next_message()? {
                Message::ErrorResponse(error) => failure = failure.or(Some(said(&error))),
                Message::ReadyForQuery(_) => return Ok(failure),
                _ => {}
            }
        }
    }

    fn sign_in(&mut self, address: &Address) -> Result<(), String> {
        let parameters = [
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("application_name", "whitespot"),
            ("client_encoding", "UTF8"),
            // Numbers come with all their digits.
            ("extra_float_digits", "3"),
        ];
        self.send(|out| frontend::startup_message(parameters, out))?;
        let password = || {
            let hint = "the server asks for a password; set PGPASSWORD or write ~/.pgpass";
            address.password.as_deref().ok_or(hint.to_string())
        };
        let mut scram: Option<ScramSha256> = None;
        loop {
            match self.next_message()? {
                Message::AuthenticationCleartextPassword => {
                    let password = password()?.to_string();
                    self.send(|out| frontend::password_message(password.as_bytes(), out))?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(address.user.as_bytes(), password()?.as_bytes(), body.salt());
                    self.send(|out| frontend::password_message(hash.as_bytes(), out))?;
                }
                Message::AuthenticationSasl(_) => {
                    let exchange = ScramSha256::new(password()?.as_bytes(), ChannelBinding::unsupported());
                    self.send(|out| frontend::sasl_initial_response(SCRAM_SHA_256, exchange.message(), out))?;
                    scram = Some(exchange);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let exchange = scram.as_mut().ok_or("the server signs in out of order")?;
                    exchange.update(body.data()).map_err(lost)?;
                    let message = exchange.message().to_vec();
                    self.send(|out| frontend::sasl_response(&message, out))?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    let exchange = scram.as_mut().ok_or("the server signs in out of order")?;
                    exchange.finish(body.data()).map_err(lost)?;
                }
                Message::AuthenticationOk => {
                    return self.until_ready()?.map_or(Ok(()), Err);
                }
                Message::ErrorResponse(error) => return Err(said(&error)),
                Message::NoticeResponse(_) | Message::ParameterStatus(_) => {}
                _ => return Err("the server asks to sign in by a way that is not spoken here".to_string()),
            }
        }
    }

    fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<(), String> {
        let mut out = BytesMut::new();
        write(&mut out).map_err(|e| e.to_string())?;
        self.stream.write_all(&out).and_then(|()| self.stream.flush()).map_err(lost)
    }

    fn next_message(&mut self) -> Result<Message, String> {
        let mut buffer = [0; READ_BYTES];
        loop {
            if let Some(message) = Message::parse(&mut self.incoming).map_err(lost)? {
                return Ok(message);
            }
            match self.stream.read(&mut buffer).map_err(lost)? {
                0 => return Err("the connection was closed by the server".to_string()),
                n => self.incoming.extend_from_slice(&buffer[..n]),
            }
        }
    }
}

/// The first place of the address that answers.
fn open(address: &Address) -> io::Result<Box<dyn Stream>> {
    if address.host.starts_with('/') {
        return open_socket(&format!("{}/.s.PGSQL.{}", address.host, address.port));
    }
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name leads nowhere");
    for place in (address.host.as_str(), address.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&place, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(Box::new(stream));
            }
            Err(e) => failure = e,
        }
    }
    Err(failure)
}

#[cfg(unix)]
fn open_socket(path: &str) -> io::Result<Box<dyn Stream>> {
    Ok(Box::new(std::os::unix::net::UnixStream::connect(path)?))
}

#[cfg(not(unix))]
fn open_socket(_: &str) -> io::Result<Box<dyn Stream>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "local sockets are there on Unix only; name a host"))
}

#[allow(clippy::needless_pass_by_value, reason = "stands where a function of an error is wanted")]
fn lost(error: io::Error) -> String {
    format!("the connection was lost: {error}")
}

/// What the server says: message, detail and hint.
fn said(error: &ErrorResponseBody) -> String {
    let mut parts = [None, None, None];
    let mut fields = error.fields();
    while let Ok(Some(field)) = fields.next() {
        let place = match field.type_() {
            b'M' => 0,
            b'D' => 1,
            b'H' => 2,
            _ => continue,
        };
        parts[place] = Some(String::from_utf8_lossy(field.value_bytes()).into_owned());
    }
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "the server gives no reason".to_string() } else { parts.join("; ") }
}
