//! As much of HTTP/1.1 as one page on this machine needs: one request a connection, no path that
//! leads to a file, and whoever is not this page is refused before anything is looked at.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use httparse::{EMPTY_HEADER, Status};

/// A whole request may have so many bytes.
pub const MOST: usize = 64 << 10;
/// So many headers.
const HEADERS: usize = 64;
/// How long a request may be silent.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may wait for its reader.
const SLOW: Duration = Duration::from_secs(30);
/// How much of a request that was refused is read, so that its sender reads the answer.
const DRAINED: u64 = 1 << 20;
/// The header that carries the token.
const TOKEN: &str = "x-detente-token";

/// Why a request is refused: the status and a line for its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub u16, pub String);

impl Refused {
    /// With a status and a line.
    pub fn new(status: u16, why: impl Display) -> Refused {
        Refused(status, why.to_string())
    }
}

/// Who may ask.
#[derive(Debug, Clone)]
pub struct Gate {
    /// `127.0.0.1` with the port.
    pub host: String,
    /// What the page was given.
    pub token: String,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The page itself, which holds nothing of the scenario.
    Page,
    /// A verb of the page, with what it sent.
    Verb(String, Vec<u8>),
}

/// The head of a request.
struct Head {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    /// How many bytes it has.
    bytes: usize,
}

impl Head {
    /// The value of a header that may stand once.
    fn one(&self, name: &str) -> Result<Option<&[u8]>, Refused> {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| value.as_slice());
        match found.next() {
            Some(_) => Err(Refused::new(400, format_args!("two headers {name}"))),
            None => Ok(first),
        }
    }
}

impl Gate {
    /// Reads a request and refuses what is not from the page.
    ///
    /// # Errors
    /// Why it is refused; the status is that of HTTP.
    pub fn read(&self, stream: &mut (impl Read + ?Sized)) -> Result<Asked, Refused> {
        let mut buffer = Vec::with_capacity(4096);
        let head = head(stream, &mut buffer)?;
        self.admit(&head)?;
        let target = head.target.as_str();
        match (head.method.as_str(), target) {
            ("GET", "/") => return Ok(Asked::Page),
            ("POST", _) if target.starts_with("/api/") => {}
            ("GET" | "POST", _) => return Err(Refused::new(404, "there is nothing here")),
            _ => return Err(Refused::new(405, "GET and POST are all there is")),
        }
        self.trust(&head)?;
        let body = body(stream, &head, buffer)?;
        Ok(Asked::Verb(target.trim_start_matches("/api/").to_string(), body))
    }

    /// Whether it was sent to this server, and not by another page.
    fn admit(&self, head: &Head) -> Result<(), Refused> {
        if head.one("host")? != Some(self.host.as_bytes()) {
            return Err(Refused::new(421, format_args!("this is {} and no other host", self.host)));
        }
        let origin = format!("http://{}", self.host);
        if head.one("origin")?.is_some_and(|found| found != origin.as_bytes()) {
            return Err(Refused::new(403, "another page may not ask"));
        }
        let site = head.one("sec-fetch-site")?;
        if site.is_some_and(|site| site != b"same-origin" && site != b"none") && head.target != "/"
        {
            return Err(Refused::new(403, "another page may not ask"));
        }
        Ok(())
    }

    /// Whether it was sent by the page that was given the token.
    fn trust(&self, head: &Head) -> Result<(), Refused> {
        if head.one("origin")?.is_none() {
            return Err(Refused::new(403, "a page says where it is from"));
        }
        let given = head.one(TOKEN)?.unwrap_or_default();
        let token = self.token.as_bytes();
        // every byte is looked at, so that time says nothing of the first that is wrong
        let wrong = given.iter().zip(token).fold(0, |wrong, (a, b)| wrong | (a ^ b));
        if given.len() != token.len() || wrong != 0 {
            return Err(Refused::new(401, "open the page by the address that `explore` gave"));
        }
        if head.one("content-type")? != Some(b"application/json".as_slice()) {
            return Err(Refused::new(415, "the page sends JSON"));
        }
        Ok(())
    }
}

/// Reads the head of a request; what was read beyond it stays in the buffer.
fn head(stream: &mut (impl Read + ?Sized), buffer: &mut Vec<u8>) -> Result<Head, Refused> {
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).map_err(|_| Refused::new(408, "no request came"))?;
        if count == 0 {
            return Err(Refused::new(400, "the request is not whole"));
        }
        buffer.extend_from_slice(&piece[..count]);
        let mut headers = [EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(buffer) {
            Ok(Status::Complete(bytes)) => {
                let headers = request.headers.iter();
                let headers = headers.map(|h| (h.name.to_string(), h.value.to_vec())).collect();
                let method = request.method.unwrap_or_default().to_string();
                let target = request.path.unwrap_or_default().to_string();
                return Ok(Head { method, target, headers, bytes });
            }
            Ok(Status::Partial) if buffer.len() >= MOST => return Err(too_large()),
            Ok(Status::Partial) => {}
            Err(error) => return Err(Refused::new(400, format_args!("no request: {error}"))),
        }
    }
}

fn too_large() -> Refused {
    Refused::new(413, format_args!("a request has at most {MOST} bytes"))
}

/// Reads the body of a request, whose length has to be said.
fn body(
    stream: &mut (impl Read + ?Sized),
    head: &Head,
    buffer: Vec<u8>,
) -> Result<Vec<u8>, Refused> {
    if head.one("transfer-encoding")?.is_some() {
        return Err(Refused::new(411, "say the length of the request"));
    }
    let length = head.one("content-length")?.and_then(|value| std::str::from_utf8(value).ok());
    let digits = length.filter(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_digit()));
    let digits = digits.ok_or_else(|| Refused::new(411, "say the length of the request"))?;
    let length = digits.parse::<usize>().unwrap_or(usize::MAX);
    if length.saturating_add(head.bytes) > MOST {
        return Err(too_large());
    }
    let mut body = buffer[head.bytes..].to_vec();
    if body.len() > length {
        return Err(Refused::new(400, "more was sent than was said"));
    }
    let rest = (length - body.len()) as u64;
    let read = stream.take(rest).read_to_end(&mut body);
    match read {
        Ok(_) if body.len() == length => Ok(body),
        _ => Err(Refused::new(400, "the request is not whole")),
    }
}

/// Sets how long a connection may be silent.
///
/// # Errors
/// If the system refuses.
pub fn patient(stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(SLOW))?;
    stream.set_nodelay(true)
}

/// The first lines of an answer. Without a length it ends with the connection.
pub fn answer(status: u16, kind: &str, length: Option<usize>, more: &str) -> String {
    let word = match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        _ => "Service Unavailable",
    };
    let length = length.map_or(String::new(), |length| format!("Content-Length: {length}\r\n"));
    format!(
        "HTTP/1.1 {status} {word}\r\nContent-Type: {kind}\r\n{length}Connection: close\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\n{more}\r\n"
    )
}

/// Sends a whole answer. Whoever is gone is not told.
pub fn send(stream: &mut TcpStream, status: u16, kind: &str, more: &str, body: &[u8]) {
    let head = answer(status, kind, Some(body.len()), more);
    let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    if sent.is_ok() {
        end(stream);
    }
}

/// Ends a connection so that what was sent is read: what comes in still is taken and forgotten.
pub fn end(stream: &mut TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let _ = io::copy(&mut stream.take(DRAINED), &mut io::sink());
}

#[cfg(test)]
mod tests;
